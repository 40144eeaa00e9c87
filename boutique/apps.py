from django.apps import AppConfig


class BoutiqueConfig(AppConfig):
    name = "boutique"
    verbose_name = "Boutique"
