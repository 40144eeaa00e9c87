from reports.models.figures import Figures
from reports.models.subscriptions import Subscription

__all__ = ["Figures", "Subscription"]
