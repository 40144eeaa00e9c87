"""The shop's settings, on a database of the bench's own, with three routes more and a count on every answer."""

from datetime import timedelta

from boutique.settings import *  # noqa: F403
from boutique.settings import DATABASES, MIDDLEWARE, SIMPLE_JWT

ROOT_URLCONF = "bench.urls"
MIDDLEWARE = ["bench.middleware.ChooseShop", "bench.middleware.CountStatements", *MIDDLEWARE]
# Never the shop's: what the bench writes is nobody's stock, and it drops the database when it is done.
DATABASES["default"] |= {"NAME": "boutique_bench", "TEST": {"NAME": "boutique_bench"}}
# Tokens are had before the rows that a case asks for are made, and ten million of those take longer than one lives.
SIMPLE_JWT |= {"ACCESS_TOKEN_LIFETIME": timedelta(days=1)}
