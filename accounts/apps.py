from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People and places"

    def ready(self):
        post_migrate.connect(lay_the_road, sender=self)


def lay_the_road(sender, using, **signal):
    """The one place of kind transit exists by itself, as Django's own permissions do: after every migrate or flush."""
    from accounts.models import Location

    if Location._meta.db_table in connections[using].introspection.table_names():
        Location.objects.using(using).get_or_create(
            kind=Location.Kind.TRANSIT, defaults={"code": "TRANSIT", "name": "On the road"}
        )
