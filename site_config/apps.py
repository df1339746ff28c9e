from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The house itself: it has the management commands that span all domains."""

    name = "site_config"
