"""Forecasts on the desk of whoever runs the shop. The sidebar shows the pages in the order of their import."""

# isort: off
from forecasting.admin import suggestions, forecasts, runs  # noqa: F401
