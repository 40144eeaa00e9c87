from rest_framework.decorators import action
from rest_framework.response import Response

from alterations import filters
from alterations.models import Recommendation
from alterations.serializers import recommendations as serializers
from alterations.services import advising
from boutique.api.viewsets import HouseViewSet, Listed, Shown

EXAMPLE = {"text": "The trousers drag on the floor and the waist gapes at the back", "garment_type": "trs"}


class AdviceViewSet(HouseViewSet):
    """Which services of the catalogue a customer's words ask for.

    It always answers, offline; where a language model is configured and answers in time, it has half a say. Prices and
    minutes are the catalogue's. Nothing is put down before a person accepts it.
    """

    queryset = Recommendation.objects.none()
    serializer_class = serializers.AdviceSerializer
    permissions = {"recommend": "alterations.add_recommendation"}
    inputs = {"recommend": serializers.AskSerializer}
    examples = {"recommend": EXAMPLE}
    makes_nothing = frozenset({"recommend"})
    # The model is asked outside of any transaction: a slow one must hold nothing.
    one_transaction = False

    def recommend(self, request):
        """Suggest services for a customer's words, with what should be asked back."""
        made = advising.recommend(by=request.user, **self.sent())
        return Response(self.serializer_class(made, context=self.get_serializer_context()).data)


class RecommendationViewSet(Listed, Shown, HouseViewSet):
    """What was suggested, by whom or what, what it cost, and what a person made of it. Words are kept for 90 days."""

    queryset = Recommendation.objects.select_related("by", "ticket", "acceptance__by")
    serializer_class = serializers.RecommendationSerializer
    filterset_class = filters.RecommendationFilter
    orderings = {"at": "at"}
    permissions = {
        "list": "alterations.view_recommendation",
        "retrieve": "alterations.view_recommendation",
        "accept": "alterations.accept_recommendation",
    }
    inputs = {"accept": serializers.AcceptSerializer}
    examples = {"accept": {"garment": 1, "services": [1]}}

    @action(detail=True, methods=["post"])
    def accept(self, request, pk):
        """Put services down on a garment at the catalogue's price, once. The choice teaches the next answer."""
        made = advising.accept(recommendation=self.get_object(), by=request.user, **self.sent())
        return self.answer(made)
