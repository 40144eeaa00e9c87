import django_filters

from boutique.api.filters import HouseFilterSet, TruthFilter
from reports.models import Subscription


class SubscriptionFilter(HouseFilterSet):
    report = django_filters.ChoiceFilter(choices=Subscription.Report.choices)
    frequency = django_filters.ChoiceFilter(choices=Subscription.Frequency.choices)
    is_active = TruthFilter()

    class Meta:
        model = Subscription
        fields = []
