import gc
import os
import sys

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "boutique.settings")
# Nothing that a start makes is rubbish: looking for it is a twentieth of a start.
gc.disable()
# Where the developers' tools are installed, structlog and REST framework load these for their own comfort.
unneeded = dict.fromkeys({"rich", "requests"} - sys.modules.keys())
sys.modules |= unneeded
application = get_wsgi_application()
_ = get_resolver().url_patterns  # here, once, and not in each worker with its first request
for name in unneeded:
    del sys.modules[name]
gc.freeze()  # and the workers share it as it is
gc.enable()
