"""The reference: Django with one view, one query, one template and no middleware at all."""

from site_config.settings import *  # noqa: F403

MIDDLEWARE = []
INSTALLED_APPS = [app for app in INSTALLED_APPS if app != "allauth.account"]  # noqa: F405  it wants its middleware
ROOT_URLCONF = "site_config.bench.reference"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "site_config" / "bench"],  # noqa: F405
        "OPTIONS": {"builtins": ["marketplace.web.templatetags.store"]},
    }
]
# No connection ends while its processor time is being measured.
DATABASES["default"]["CONN_MAX_AGE"] = None  # noqa: F405
