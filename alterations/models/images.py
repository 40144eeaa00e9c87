from django.db import models
from django.db.models import Q

from accounts.models import User
from alterations.models.tickets import Garment, sees_own_work_only
from boutique.media import StoredName
from boutique.models import Record
from inventory.models import OfPlaces

ANY = "alterations.delete_any_garmentimage"


class GarmentImageQuerySet(OfPlaces):
    place = "garment__ticket__location"

    def visible_to(self, user):
        if sees_own_work_only(user):
            return self.filter(garment__tailor=user.pk)
        return super().visible_to(user)

    def current(self):
        return self.filter(deleted_at=None)

    def removable_by(self, user):
        """Whoever runs the store takes down any, and puts them back; others what they put up themselves."""
        if not user.has_perm("alterations.delete_garmentimage"):
            return self.none()
        return self if user.has_perm(ANY) else self.filter(created_by=user)


class GarmentImage(Record):
    """A photo of a garment: how it came in, where it is pinned. Taken down it is hidden, and can be put back."""

    garment = models.ForeignKey(Garment, models.PROTECT, related_name="images", db_index=False)
    image = StoredName(folder="alterations")
    description = models.CharField(max_length=500, blank=True)
    deleted_at = models.DateTimeField(null=True, editable=False)
    deleted_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")

    objects = GarmentImageQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = "photo of a garment"
        verbose_name_plural = "photos of garments"
        permissions = [("delete_any_garmentimage", "Can take down photos that others put up")]
        constraints = [
            models.CheckConstraint(
                condition=Q(deleted_at=None, deleted_by=None) | Q(deleted_at__isnull=False, deleted_by__isnull=False),
                name="garment_image_deleted_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(image="") | Q(deleted_at__isnull=False), name="garment_image_shown_has_a_file"
            ),
        ]
        indexes = [models.Index(fields=["garment", "id"], name="garment_image_by_garment")]

    def __str__(self):
        return self.description or f"Photo {self.pk}"
