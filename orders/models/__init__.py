from orders.models.baskets import Basket, BasketLine
from orders.models.customers import Consent, Customer, CustomerPlace
from orders.models.days import ProductDay, ProductWeek, SalesDay
from orders.models.images import StyleImage
from orders.models.measurements import (
    Basis,
    BodyDataRead,
    Family,
    MeasurementDefinition,
    MeasurementSet,
    MeasurementValue,
    Unit,
)
from orders.models.orders import Order, OrderLine
from orders.models.payments import Payment
from orders.models.sales import Sale, SaleReturn, SaleReturnLine
from orders.models.tills import TillEntry, TillSession

__all__ = [
    "Basis",
    "Basket",
    "BasketLine",
    "BodyDataRead",
    "Consent",
    "Customer",
    "CustomerPlace",
    "Family",
    "MeasurementDefinition",
    "MeasurementSet",
    "MeasurementValue",
    "Order",
    "OrderLine",
    "Payment",
    "ProductDay",
    "ProductWeek",
    "Sale",
    "SaleReturn",
    "SaleReturnLine",
    "SalesDay",
    "StyleImage",
    "TillEntry",
    "TillSession",
    "Unit",
]
