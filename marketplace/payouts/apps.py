from django.apps import AppConfig


class PayoutsConfig(AppConfig):
    name = "marketplace.payouts"
    label = "payouts"

    def ready(self) -> None:
        from . import checks  # noqa: F401  registers the system checks
