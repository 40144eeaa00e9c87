"""The cases, by app: importing this fills the registry, in the order they are measured."""

from bench.cases import accounts, advice, alterations, inventory, orders, skus, suppliers  # noqa: F401
