"""Alterations on the desk of whoever runs the shop. The sidebar shows the pages in the order of their import."""

# isort: off
from alterations.admin import recommendations  # noqa: F401
