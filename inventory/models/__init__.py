from inventory.models.alerts import OF_THRESHOLDS, Alert, AlertKind, LowStockThreshold
from inventory.models.stock import (
    AVAILABLE,
    MOST_PIECES,
    OfPlaces,
    Reason,
    StockAdjustment,
    StockLevel,
    StockMovement,
    amount,
    pieces,
)

__all__ = [
    "AVAILABLE",
    "MOST_PIECES",
    "OF_THRESHOLDS",
    "Alert",
    "AlertKind",
    "LowStockThreshold",
    "OfPlaces",
    "Reason",
    "StockAdjustment",
    "StockLevel",
    "StockMovement",
    "amount",
    "pieces",
]
