from django.apps import AppConfig
from django.contrib.admin import apps as admin
from pgtrigger.migrations import AddTrigger


class BoutiqueConfig(AppConfig):
    default = True
    name = "boutique"
    verbose_name = "Boutique"

    def ready(self):
        AddTrigger.state_forwards = note_trigger


class DeskConfig(admin.AdminConfig):
    """django.contrib.admin with our own site."""

    default = False
    default_site = "boutique.desk.Desk"


def note_trigger(operation, app_label, state):
    """As the library does, but for rendering all models anew: a trigger is no part of what they are rendered to, and
    with a hundred of them that was a third of what it costs to lay out a database."""
    options = state.models[app_label, operation.model_name].options
    options["triggers"] = [*options.get("triggers", []), operation.trigger]
