"""Stock on the desk of whoever runs the shop. The sidebar shows the pages in the order of their import."""

# isort: off
from inventory.admin import stock, documents, alerts  # noqa: F401
