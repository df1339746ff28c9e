from django.apps import AppConfig


class WalletConfig(AppConfig):
    name = "marketplace.wallet"
    label = "wallet"

    def ready(self) -> None:
        from . import checks  # noqa: F401  registers the system checks
