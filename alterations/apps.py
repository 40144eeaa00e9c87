from django.apps import AppConfig


class AlterationsConfig(AppConfig):
    name = "alterations"
    verbose_name = "Alterations"
