from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class SiteConfig(AppConfig):
    """The house itself: it has the management commands that span all domains."""

    name = "site_config"
    default = True  # of two in one file Django takes none by itself

    def ready(self) -> None:
        from . import checks  # noqa: F401  registers the system checks


class StaticFiles(StaticFilesConfig):
    """Django's own, which leaves what the assets are built from (static/src) where it is."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "src"]
