"""Migrations that lay out an empty shop in half the time."""

from itertools import groupby

from django.db.migrations import CreateModel, SeparateDatabaseAndState
from pgtrigger.migrations import AddTrigger


def at_once(operations):
    """Takes what stands side by side and makes models and their triggers together."""
    for made_together, some in groupby(operations, lambda operation: isinstance(operation, CreateModel | AddTrigger)):
        if made_together:
            yield AtOnce(list(some))
        else:
            yield from some


class AtOnce(SeparateDatabaseAndState):
    """Django builds each model and all its relatives anew after each operation; here once, after the last.

    `migrate --fake-initial` does not look into it: whoever brings tables of their own fakes the migration by name."""

    def __init__(self, operations):
        super().__init__(state_operations=operations)

    def state_forwards(self, app_label, state):
        vars(state).pop("apps", None)  # built before: Django builds them again when somebody asks
        super().state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for operation in self.state_operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        for operation in reversed(self.state_operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self):
        return "; ".join(operation.describe() for operation in self.state_operations)
