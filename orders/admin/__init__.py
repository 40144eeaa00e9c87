"""Customers on the desk of whoever runs the shop. The sidebar shows the pages in the order of their import."""

# isort: off
from orders.admin import customers  # noqa: F401
from orders.admin import measurements  # noqa: F401
from orders.admin import orders  # noqa: F401
from orders.admin import sales  # noqa: F401
from orders.admin import tills  # noqa: F401
