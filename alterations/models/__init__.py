from alterations.models.catalogue import AlterationService, GarmentType, ServicePrice
from alterations.models.images import GarmentImage
from alterations.models.payments import TicketPayment
from alterations.models.tailors import Bench, TimeOff
from alterations.models.tickets import Cause, Fabric, Garment, GarmentService, Notice, Ticket

__all__ = [
    "AlterationService",
    "Bench",
    "Cause",
    "Fabric",
    "Garment",
    "GarmentImage",
    "GarmentService",
    "GarmentType",
    "Notice",
    "ServicePrice",
    "Ticket",
    "TicketPayment",
    "TimeOff",
]
