"""The cases, by app: importing this fills the registry, in the order they are measured."""

from bench.cases import (  # noqa: F401
    accounts,
    advice,
    alterations,
    dashboards,
    forecast_pages,
    forecasting,
    inventory,
    orders,
    reports,
    skus,
    suppliers,
    webhooks,
)
