from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = "Orders"

    def ready(self):
        post_migrate.connect(lay_out_the_vocabulary, sender=self)


def lay_out_the_vocabulary(sender, using, **signal):
    """A fresh database knows the dimensions of a body. Where there are any, they are the shop's to keep."""
    from orders.models import MeasurementDefinition
    from orders.vocabulary import VOCABULARY

    if MeasurementDefinition._meta.db_table not in connections[using].introspection.table_names():
        return
    known = MeasurementDefinition.objects.using(using)
    if not known.exists():
        known.bulk_create(
            MeasurementDefinition(
                code=dimension.code,
                name=dimension.name,
                description=dimension.description,
                kind=dimension.kind,
                side=dimension.side,
                unit=dimension.unit,
                garments=dimension.garments,
                warn_min=dimension.warn[0],
                warn_max=dimension.warn[1],
                reject_min=dimension.reject[0],
                reject_max=dimension.reject[1],
                position=10 * place,
            )
            for place, dimension in enumerate(VOCABULARY, start=1)
        )
