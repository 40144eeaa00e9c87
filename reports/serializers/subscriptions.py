from accounts.models import Location
from boutique.api.serializers import HouseModelSerializer, Reference
from reports.models import Subscription


class SubscriptionSerializer(HouseModelSerializer):
    """`locations`: of which places; none means all that one sees when it is sent. `sent_until`: the last day sent."""

    locations = Reference(queryset=Location.objects.all(), many=True, required=False)

    class Meta:
        model = Subscription
        fields = [
            "id",
            "report",
            "group_by",
            "frequency",
            "locations",
            "is_active",
            "sent_until",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["sent_until", "created_at", "updated_at"]
