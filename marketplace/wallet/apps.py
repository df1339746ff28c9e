from django.apps import AppConfig


class WalletConfig(AppConfig):
    name = "marketplace.wallet"
    label = "wallet"
