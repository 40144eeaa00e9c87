from decimal import Decimal

import factory

from accounts.tests.factories import UserFactory
from orders.models import Customer, CustomerPlace, MeasurementDefinition, MeasurementSet, MeasurementValue


class CustomerFactory(factory.django.DjangoModelFactory):
    """`places`: where they are known."""

    class Meta:
        model = Customer
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Customer {n}")
    created_by = factory.SubFactory(UserFactory)

    @factory.post_generation
    def places(self, create, places, **options):
        CustomerPlace.objects.bulk_create(CustomerPlace(customer=self, location=place) for place in places or ())


class MeasurementSetFactory(factory.django.DjangoModelFactory):
    """`sizes`: centimetres by the code of the dimension, a pair as (left, right)."""

    class Meta:
        model = MeasurementSet
        skip_postgeneration_save = True

    customer = factory.SubFactory(CustomerFactory)
    type = "shirt"
    version = factory.Sequence(lambda n: n + 1)
    created_by = factory.SubFactory(UserFactory)

    @factory.post_generation
    def sizes(self, create, sizes, **options):
        for code, value in (sizes or {"chest_girth": "92.00"}).items():
            pair = zip(("left", "right"), value, strict=True) if isinstance(value, tuple) else [("none", value)]
            for side, cm in pair:
                MeasurementValue.objects.create(
                    taken=self,
                    definition=MeasurementDefinition.objects.get(code=code),
                    side=side,
                    size=Decimal(cm),
                    entered=cm,
                )
