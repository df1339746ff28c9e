from django.apps import AppConfig


class ReviewingConfig(AppConfig):
    name = "marketplace.reviewing"
    label = "reviewing"
