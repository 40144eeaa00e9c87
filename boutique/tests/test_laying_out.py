import pytest
from django.db import connection, models
from django.db.migrations import AddField, CreateModel
from django.db.migrations.state import ProjectState

from boutique.laying_out import AtOnce, at_once

ID = ("id", models.BigAutoField(primary_key=True))
GOWN = CreateModel("Gown", [ID, ("hem", models.ForeignKey("boutique.Hem", models.CASCADE))])
HEM = CreateModel("Hem", [ID, ("width", models.IntegerField())])
SEAM = CreateModel("Seam", [ID])
LENGTH = AddField("Hem", "length", models.IntegerField(null=True))


def tables():
    return {name for name in connection.introspection.table_names() if name.endswith(("_gown", "_hem", "_seam"))}


def test_only_models_that_stand_side_by_side_are_made_together():
    made = list(at_once([GOWN, HEM, LENGTH, SEAM]))

    assert [type(operation) for operation in made] == [AtOnce, AddField, AtOnce]
    assert made[0].describe() == "Create model Gown; Create model Hem"


@pytest.mark.django_db(transaction=True)
def test_models_made_together_are_there_and_go_again():
    operation = AtOnce([GOWN, HEM])
    before, after = ProjectState(), ProjectState()
    assert after.apps.get_models() == []  # built: what is added must be seen all the same
    operation.state_forwards("boutique", after)

    with connection.schema_editor() as editor:
        operation.database_forwards("boutique", editor, before, after)
    assert tables() == {"boutique_gown", "boutique_hem"}
    hem = after.apps.get_model("boutique", "Hem").objects.create(width=3)
    after.apps.get_model("boutique", "Gown").objects.create(hem=hem)

    with connection.schema_editor() as editor:
        operation.database_backwards("boutique", editor, after, before)
    assert tables() == set()
