from django.db import models
from django.db.models import Q

from accounts.models import User
from boutique.media import StoredName
from boutique.models import Record
from inventory.models import OfPlaces
from orders.models.orders import Order

ANY = "orders.delete_any_styleimage"


class StyleImageQuerySet(OfPlaces):
    place = "order__location"

    def current(self):
        return self.filter(deleted_at=None)

    def removable_by(self, user):
        """Whoever runs the store takes down any, and puts them back; others what they put up themselves."""
        if not user.has_perm("orders.delete_styleimage"):
            return self.none()
        return self if user.has_perm(ANY) else self.filter(created_by=user)


class StyleImage(Record):
    """A sketch or a photo of what an order is to look like. Taken down it is hidden, and can be put back."""

    # The index of those that are shown serves all.
    order = models.ForeignKey(Order, models.PROTECT, related_name="images", db_index=False)
    image = StoredName(folder="styles")
    description = models.CharField(max_length=500, blank=True)
    deleted_at = models.DateTimeField(null=True, editable=False)
    deleted_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")

    objects = StyleImageQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = "style image"
        permissions = [("delete_any_styleimage", "Can take down style images that others put up")]
        constraints = [
            models.CheckConstraint(
                condition=Q(deleted_at=None, deleted_by=None) | Q(deleted_at__isnull=False, deleted_by__isnull=False),
                name="style_image_deleted_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(image="") | Q(deleted_at__isnull=False), name="style_image_shown_has_a_file"
            ),
        ]
        indexes = [models.Index(fields=["order", "id"], name="style_image_by_order")]

    def __str__(self):
        return self.description or f"Style image {self.pk}"
