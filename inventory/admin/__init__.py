"""Stock on the desk of whoever runs the shop. The sidebar shows the pages in the order of their import."""

# isort: off
from inventory.admin import stock  # noqa: F401
from inventory.admin import alerts  # noqa: F401
