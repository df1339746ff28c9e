import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
application = get_wsgi_application()

from .gate import guard_wsgi  # noqa: E402  (its pages need what the line above loads)
from .room import with_room  # noqa: E402

application = with_room(guard_wsgi(application))
