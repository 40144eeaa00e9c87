from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "skus"
    verbose_name = "Catalogue"
