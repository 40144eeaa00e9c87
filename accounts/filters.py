import django_filters
from django.db.models import Exists, OuterRef

from accounts.models import Assignment, Location, PromotionRequest, User
from accounts.roles import Role
from boutique.api.filters import HouseFilterSet, IdFilter, TruthFilter


class UserFilter(HouseFilterSet):
    role = django_filters.ChoiceFilter(choices=Role.choices)
    status = django_filters.ChoiceFilter(choices=User.Status.choices)
    location = IdFilter(method="works_in")

    class Meta:
        model = User
        fields = []

    def works_in(self, people, name, location):
        places = Location.objects.visible_to(self.request.user).filter(pk=location)
        return people.filter(Exists(Assignment.objects.filter(user=OuterRef("pk"), location__in=places)))


class LocationFilter(HouseFilterSet):
    kind = django_filters.ChoiceFilter(choices=Location.Kind.choices)
    manager = IdFilter()
    is_active = TruthFilter()

    class Meta:
        model = Location
        fields = []


class PromotionRequestFilter(HouseFilterSet):
    user = IdFilter()
    status = django_filters.ChoiceFilter(choices=PromotionRequest.Status.choices)
    to_role = django_filters.ChoiceFilter(choices=Role.choices)

    class Meta:
        model = PromotionRequest
        fields = []
