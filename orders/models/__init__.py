from orders.models.customers import Consent, Customer, CustomerPlace
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

__all__ = [
    "Basis",
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
    "StyleImage",
    "Unit",
]
