from django.apps import AppConfig


class SellerDashboardConfig(AppConfig):
    name = "marketplace.seller_dashboard"
    label = "seller_dashboard"
