from inventory.models.alerts import OF_THRESHOLDS, Alert, AlertKind, LowStockThreshold
from inventory.models.counts import CountLine, StockCount
from inventory.models.days import Settled, StockDay, StockTotal
from inventory.models.requests import StockRequest, StockRequestLine
from inventory.models.stock import (
    AVAILABLE,
    MOST_PIECES,
    OfPlaces,
    PaperQuerySet,
    Reason,
    StockAdjustment,
    StockLevel,
    StockMovement,
    amount,
    pieces,
)
from inventory.models.transfers import Transfer, TransferLine

__all__ = [
    "AVAILABLE",
    "MOST_PIECES",
    "OF_THRESHOLDS",
    "Alert",
    "AlertKind",
    "CountLine",
    "LowStockThreshold",
    "OfPlaces",
    "PaperQuerySet",
    "Reason",
    "Settled",
    "StockAdjustment",
    "StockCount",
    "StockDay",
    "StockLevel",
    "StockMovement",
    "StockRequest",
    "StockRequestLine",
    "StockTotal",
    "Transfer",
    "TransferLine",
    "amount",
    "pieces",
]
