from django.db import models


class Figures(models.Model):
    """What the shop's numbers add up to. Nothing is kept of them here; this names what may be asked."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [
            ("view_house", "Sees the figures of the whole house"),
            ("view_dashboard", "Sees the figures of their places"),
            ("view_report", "Takes reports of their places, as tables and on paper"),
        ]

    def __str__(self):
        return "figures"
