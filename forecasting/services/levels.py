"""How seldom goods of a category may run out: the shop's own word, kept by category."""

from decimal import Decimal

from django.conf import settings
from django.db import transaction

from boutique.documents import locked_again
from forecasting.models import ServiceLevel
from skus.models import Category


def add(*, by, **fields):
    return ServiceLevel.objects.create(created_by=by, updated_by=by, **fields)


@transaction.atomic
def change(*, rule, by, **fields):
    rule = locked_again(rule)
    for name, value in fields.items():
        setattr(rule, name, value)
    rule.updated_by = by
    rule.save()
    return rule


@transaction.atomic
def remove(*, rule, by):
    locked_again(rule).delete()


class Levels:
    """What holds for each category: the nearest one above it that somebody spoke of, or the shop's setting."""

    def __init__(self):
        self.parents = dict(Category.objects.values_list("pk", "parent"))
        self.own = {row.category_id: row for row in ServiceLevel.objects.all()}

    def of(self, category):
        """(service level, days between two reviews)"""
        while category is not None and category not in self.own:
            category = self.parents.get(category)
        said = self.own.get(category)
        everywhere = self.own.get(None)
        level = said.level if said else Decimal(settings.BOUTIQUE_SERVICE_LEVEL) / 100
        days = (said and said.review_days) or (everywhere and everywhere.review_days) or settings.BOUTIQUE_REVIEW_DAYS
        return level, days
