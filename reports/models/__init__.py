from reports.models.subscriptions import Subscription

__all__ = ["Subscription"]
