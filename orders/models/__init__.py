from orders.models.customers import Consent, Customer, CustomerPlace
from orders.models.measurements import (
    Basis,
    BodyDataRead,
    Family,
    MeasurementDefinition,
    MeasurementSet,
    MeasurementValue,
    Unit,
)

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
    "Unit",
]
