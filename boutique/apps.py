from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin import apps as admin
from django.db.models.signals import post_migrate
from pgtrigger.migrations import AddTrigger


class BoutiqueConfig(AppConfig):
    default = True
    name = "boutique"
    verbose_name = "Boutique"

    def ready(self):
        AddTrigger.state_forwards = note_trigger
        post_migrate.connect(bind_triggers, sender=self)
        post_migrate.connect(lay_down_rights, sender=self)


class DeskConfig(admin.AdminConfig):
    """django.contrib.admin with our own site."""

    default = False
    default_site = "boutique.desk.Desk"


def note_trigger(operation, app_label, state):
    """As the library does, but for rendering all models anew: a trigger is no part of what they are rendered to, and
    with a hundred of them that was a third of what it costs to lay out a database."""
    options = state.models[app_label, operation.model_name].options
    options["triggers"] = [*options.get("triggers", []), operation.trigger]


def bind_triggers(sender, using, **signal):
    """A trigger that a migration laid down reads the shop's tables, not what a session puts in their place."""
    from boutique import triggers

    if using == "default":
        triggers.look_only_at_the_shops_tables()


def lay_down_rights(sender, using, **signal):
    """New tables belong to the owner alone until the shop's own role is let in."""
    from boutique import app_role

    if settings.APP_ROLE and using == "default":
        app_role.grant(settings.APP_ROLE)
