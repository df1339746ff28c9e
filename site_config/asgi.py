import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
application = get_asgi_application()

from .gate import guard_asgi  # noqa: E402  (its pages need what the line above loads)

application = guard_asgi(application)
