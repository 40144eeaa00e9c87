import factory

from accounts.models import Location, User
from accounts.roles import Role

PASSWORD = "Seven-brass-buttons-42"


class LocationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Location

    code = factory.Sequence(lambda n: f"SHOP{n}")
    name = factory.LazyAttribute(lambda place: f"Place {place.code}")
    kind = Location.Kind.STORE


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    email = factory.LazyAttribute(lambda person: f"{person.username}@example.com")
    first_name = "Ada"
    last_name = factory.LazyAttribute(lambda person: person.username.capitalize())
    role = Role.STAFF
    status = User.Status.ACTIVE
    password = factory.django.Password(PASSWORD)

    @factory.post_generation
    def places(self, create, places, **options):
        for place in places or ():
            self.assignments.create(location=place)
