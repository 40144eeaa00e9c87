from suppliers.models.deliveries import (
    PurchaseCost,
    PurchaseCostLine,
    Receipt,
    ReceiptLine,
    ReturnLine,
    SupplierReturn,
)
from suppliers.models.orders import PurchaseLine, PurchaseOrder, outstanding
from suppliers.models.suppliers import Supplier, SupplierSku

__all__ = [
    "PurchaseCost",
    "PurchaseCostLine",
    "PurchaseLine",
    "PurchaseOrder",
    "Receipt",
    "ReceiptLine",
    "ReturnLine",
    "Supplier",
    "SupplierReturn",
    "SupplierSku",
    "outstanding",
]
