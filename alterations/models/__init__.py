from alterations.models.catalogue import AlterationService, GarmentType, ServicePrice
from alterations.models.images import GarmentImage
from alterations.models.payments import TicketPayment
from alterations.models.recommendations import Acceptance, ModelHealth, Recommendation
from alterations.models.tailors import Bench, TimeOff
from alterations.models.tickets import Cause, Fabric, Garment, GarmentService, Notice, Ticket

__all__ = [
    "Acceptance",
    "AlterationService",
    "Bench",
    "Cause",
    "Fabric",
    "Garment",
    "GarmentImage",
    "GarmentService",
    "GarmentType",
    "ModelHealth",
    "Notice",
    "Recommendation",
    "ServicePrice",
    "Ticket",
    "TicketPayment",
    "TimeOff",
]
