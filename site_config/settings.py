"""Settings, all from the environment (or a `.env` file); `.env.example` lists every one."""

import os
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from . import databases, secret_files

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"  # what this machine made: database, media, test files; never committed

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")
env.ENVIRON = {**os.environ, **secret_files.read(os.environ)}

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY is not set. `make setup` writes one into .env for this machine.")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_NAME = env.str("SITE_NAME", default="ECS Store")
SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "site_config.apps.StaticFiles",
    "django.contrib.postgres",
    "django.forms",
    "rules.apps.AutodiscoverRulesConfig",
    "django_htmx",
    "template_partials",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "pictures",
    "marketplace.common",
    "marketplace.accounts",
    "marketplace.notifications",
    "marketplace.wallet",
    "marketplace.points",
    "marketplace.products",
    "marketplace.orders",
    "marketplace.delivery",
    "marketplace.web",
    "marketplace.seller_dashboard",
    "shop",
    "courier",
    "backoffice",
    "site_config",
    # After ours, so that our templates win.
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "marketplace.web.middleware.PrivacyHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "marketplace.web.middleware.SignInFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "marketplace.web.middleware.SessionsEnd",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "marketplace.web.middleware.PersonsTimeZone",
    "marketplace.web.middleware.StaffNeedSecondFactor",
    "marketplace.web.middleware.DomainErrors",
    "marketplace.web.middleware.BadFormsSaySo",
]

# Where no proxy before the store compresses pages (one that does is cheaper).
if env.bool("COMPRESS_PAGES", default=False):
    MIDDLEWARE.insert(
        MIDDLEWARE.index("whitenoise.middleware.WhiteNoiseMiddleware") + 1,
        "django.middleware.gzip.GZipMiddleware",
    )

ROOT_URLCONF = "site_config.urls"
WSGI_APPLICATION = "site_config.wsgi.application"
ASGI_APPLICATION = "site_config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "marketplace.web.context.store",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "template_partials.templatetags.partials",
                "marketplace.web.templatetags.store",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False

# --- data -------------------------------------------------------------------------------------

DATABASES = {
    "default": databases.from_url(
        env.str("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'store.sqlite3'}"),
        debug=DEBUG,
        test_folder=VAR_DIR,
        test_name=env.str("TEST_DATABASE_NAME", default="test"),
        keep_for=env.int("CONN_MAX_AGE", default=60),
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "TIMEOUT": 3600,
        # A Redis that stalls must not hold up a page (docs/reliability.md M21).
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
    }
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "TIMEOUT": 3600,
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}
# Cookies hold a message until it is shown, so that saying something costs no write to the session.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
SESSION_COOKIE_AGE = 14 * 24 * 3600

# --- people -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "marketplace.accounts.backends.AccountBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "shop:home"
LOGOUT_REDIRECT_URL = "shop:home"

ACCOUNT_ADAPTER = "marketplace.web.allauth_adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "marketplace.web.allauth_adapter.LoginForm",
    "signup": "marketplace.web.allauth_adapter.SignupForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True  # "your password was changed", "a passkey was added"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = SITE_URL.partition(":")[0]
# docs/reliability.md §4b. Counted in the cache: REDIS_URL makes them hold over several processes.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "signup": "20/h/ip",
    "reset_password": "20/h/ip,5/h/key",
    "reset_password_from_key": "20/h/ip",
    "reauthenticate": "10/h/user",
    "change_password": "10/h/user",
    "manage_email": "20/h/user",
}
MFA_FORMS = {"add_webauthn": "marketplace.web.allauth_adapter.AddKeyForm"}
MFA_ADAPTER = "marketplace.web.allauth_adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
MFA_TOTP_ISSUER = SITE_NAME
# A code that ran out while it was being typed still counts, and a phone's clock may be 30 seconds off.
MFA_TOTP_TOLERANCE = 1
# Somebody is asked to sign in again after so many seconds without a request, and after so many in all
# (RELIABILITY.md §4). SESSION_COOKIE_AGE is the first of a shopper's.
SESSION_AGE = 30 * 24 * 3600
STAFF_SESSION_IDLE = 30 * 60
STAFF_SESSION_AGE = 12 * 3600
# Admins must have a second factor wherever the store is run for real.
STAFF_NEED_SECOND_FACTOR = env.bool("STAFF_NEED_SECOND_FACTOR", default=not DEBUG)
# How many proxies of ours stand before the store; only then is X-Forwarded-For/-Proto believed.
TRUSTED_PROXIES = ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)

# Mail goes to the console until SMTP is named: EMAIL_URL=smtp+tls://user:password@host:587
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="ECS Store <store@localhost>")

# --- the store's rules --------------------------------------------------------------------------

STORE_CURRENCY = env.str("STORE_CURRENCY", default="EUR")
COMMISSION_BPS = env.int("COMMISSION_BPS", default=0)  # the store's share of a sale, in 1/100 %
COURIER_FEE = env.int("COURIER_FEE", default=0)  # what a courier earns a parcel, in minor units
COURIER_MAX_ACTIVE = env.int("COURIER_MAX_ACTIVE", default=5)
COURIER_MAX_GIVEN_BACK = env.int("COURIER_MAX_GIVEN_BACK", default=10)  # in 24 hours; then no more claims
COMPLETION_DAYS = env.int("COMPLETION_DAYS", default=3)  # from delivery until the seller is paid
SHIP_BY_DAYS = env.int("SHIP_BY_DAYS", default=7)  # not picked up by then: cancelled
POINTS_PER_SHIPMENT = env.int("POINTS_PER_SHIPMENT", default=10)  # a seller's, for a completed shipment
CART_MAX_LINES = 100
CART_MAX_PIECES = 99
PAYMENT_PROVIDER = env.str("PAYMENT_PROVIDER", default="demo")  # demo | stripe
DEMO_MONEY = env.bool("DEMO_MONEY", default=DEBUG)  # yes, everybody may give themselves play money
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
STRIPE_WEBHOOK_SECRET = env.str("STRIPE_WEBHOOK_SECRET", default="")
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default="https://api.stripe.com")
STRIPE_CHECKOUT_HOST = env.str("STRIPE_CHECKOUT_HOST", default="https://checkout.stripe.com")
# A map's tiles come from elsewhere, so they are off until a URL is named; a small world is bundled.
MAP_TILE_URL = env.str("MAP_TILE_URL", default="")
MAP_TILE_ATTRIBUTION = env.str("MAP_TILE_ATTRIBUTION", default="")

# scope: (how many, in how many seconds). docs/reliability.md §4b.
RATE_LIMITS = {
    "search": (60, 60),
    "suggest": (300, 60),
    "cart": (60, 60),
    "checkout": (6, 60),
    "top_up": (10, 3600),
    "payment_check": (60, 300),
    "export": (3, 3600),
    "receipt": (20, 300),
    "notifications": (60, 60),
    "upload": (30, 3600),
    "claim": (20, 3600),
    "courier_list": (120, 60),
    "proof": (60, 3600),
    "tracking": (120, 60),
}

# --- language and time --------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
FORMAT_MODULE_PATH = ["site_config.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="UTC")  # for people whose own zone is not known

# --- files --------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
WHITENOISE_ALLOW_ALL_ORIGINS = False
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(VAR_DIR / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Photos of doors and parcels: outside of what a web server hands out, read through a view that asks who.
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": env.str("PRIVATE_MEDIA_ROOT", default=str(VAR_DIR / "private")),
            "base_url": None,
        },
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Pictures in an S3-compatible store instead of MEDIA_ROOT (docs/production.md).
MEDIA_BUCKET = env.str("MEDIA_BUCKET", default="")
_media_hosts = []
if MEDIA_BUCKET:
    if not find_spec("storages"):
        raise ImproperlyConfigured("MEDIA_BUCKET needs packages of its own: `make setup WITH=s3`.")
    MEDIA_HOST = env.str("MEDIA_HOST")  # where browsers fetch the pictures: pictures.example.org
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": MEDIA_BUCKET,
            "endpoint_url": env.str("MEDIA_ENDPOINT_URL", default=None),
            "region_name": env.str("MEDIA_REGION", default=None),
            "access_key": env.str("MEDIA_ACCESS_KEY", default=None),
            "secret_key": env.str("MEDIA_SECRET_KEY", default=None),
            "custom_domain": MEDIA_HOST,
            "querystring_auth": False,
            "file_overwrite": False,
            "object_parameters": {"CacheControl": "public, max-age=31536000, immutable"},
        },
    }
    # A second bucket that nobody may read without the store's key.
    STORAGES["private"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": env.str("PRIVATE_MEDIA_BUCKET"),
            "endpoint_url": env.str("MEDIA_ENDPOINT_URL", default=None),
            "region_name": env.str("MEDIA_REGION", default=None),
            "access_key": env.str("MEDIA_ACCESS_KEY", default=None),
            "secret_key": env.str("MEDIA_SECRET_KEY", default=None),
            "default_acl": "private",
            "file_overwrite": False,
        },
    }
    MEDIA_URL = f"https://{MEDIA_HOST}/"
    _media_hosts = [f"https://{MEDIA_HOST}"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 10
PICTURES = {
    "BREAKPOINTS": {"phone": 480, "desk": 1200},
    "GRID_COLUMNS": 4,
    "CONTAINER_WIDTH": 1200,
    "FILE_TYPES": ["AVIF", "WEBP"],
    "PIXEL_DENSITIES": [1],
    "PICTURE_CLASS": "marketplace.products.encoding.StorePicture",
    # The sizes are there when the upload is; the default hands them to Celery wherever that is installed.
    "PROCESSOR": "pictures.tasks._process_picture",
    "USE_PLACEHOLDERS": False,
}

# --- headers ------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=not DEBUG)
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # a load balancer asks over plain HTTP
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 0 if DEBUG else env.int("SECURE_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
if not DEBUG:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "marketplace.web.errors.csrf_failed"
SESSION_COOKIE_HTTPONLY = True

# {s} stands for one of several servers: https://{s}.tiles.example.org → https://*.tiles.example.org
_tiles = urlsplit(MAP_TILE_URL.replace("{s}", "*"))
_tile_hosts = [f"{_tiles.scheme}://{_tiles.netloc}"] if _tiles.netloc else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", *_tile_hosts, *_media_hosts],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "site_config.logs.LineFormatter"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING" if DEBUG else "INFO")},
    "loggers": {
        # Django's own handlers would say everything a second time.
        "django": {"handlers": [], "level": "NOTSET"},
        # Anybody can ask for another host's pages: a 400, and not worth a traceback each.
        "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
    },
}
