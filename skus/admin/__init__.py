"""The catalogue on the desk of whoever runs the shop. The sidebar shows the pages in the order of their import."""

# isort: off
from skus.admin import products, skus, parts, shelves, logs, imports  # noqa: F401
