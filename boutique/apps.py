from django.apps import AppConfig
from django.contrib.admin import apps as admin


class BoutiqueConfig(AppConfig):
    default = True
    name = "boutique"
    verbose_name = "Boutique"


class DeskConfig(admin.AdminConfig):
    """django.contrib.admin with our own site."""

    default = False
    default_site = "boutique.desk.Desk"
