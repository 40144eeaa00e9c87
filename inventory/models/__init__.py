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
    "OfPlaces",
    "Reason",
    "StockAdjustment",
    "StockLevel",
    "StockMovement",
    "amount",
    "pieces",
]
