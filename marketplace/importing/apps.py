from django.apps import AppConfig


class ImportingConfig(AppConfig):
    name = "marketplace.importing"
    label = "importing"
