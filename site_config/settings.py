"""Settings, all from the environment (a developer's: from `.env`, too); `.env.example` lists every one."""

import os
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from . import databases, environment, secret_files

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"  # what this machine made: database, media, test files; never committed

# Into the environment, so that what `make run` starts has it, too.
os.environ.update(environment.beside(BASE_DIR / ".env", os.environ))
env = environment.Env()
env.ENVIRON = {**os.environ, **secret_files.read(os.environ)}

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. `make setup` writes one into .env for a developer's machine; "
        "no .env is read where the environment has ALLOWED_HOSTS, TRUSTED_PROXIES or a secret from a file."
    )
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
    "marketplace.mail",
    "marketplace.geocoding",
    "marketplace.accounts",
    "marketplace.notifications",
    "marketplace.wallet",
    "marketplace.points",
    "marketplace.reviewing",
    "marketplace.products",
    "marketplace.applications",
    "marketplace.importing",
    "marketplace.rates",
    "marketplace.coupons",
    "marketplace.orders",
    "marketplace.payouts",
    "marketplace.invoicing",
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
    "marketplace.web.request_ids.RequestIds",
    "marketplace.web.middleware.NothingLeftOpen",
    "marketplace.web.middleware.WaitsForLocks",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "marketplace.web.middleware.PrivacyHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "marketplace.web.middleware.Sessions",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "marketplace.web.bodies.ReadableBodies",
    "marketplace.web.middleware.DatabasesClock",
    "django.middleware.csrf.CsrfViewMiddleware",
    "marketplace.web.signed_in.KnowsPeople",
    "marketplace.web.middleware.SignInFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "marketplace.web.middleware.SessionsEnd",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "marketplace.web.middleware.PersonsTimeZone",
    "marketplace.web.middleware.DemoStaffStayHere",
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

DATABASE_URL = env.str("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'store.sqlite3'}" if DEBUG else "")
if not DATABASE_URL:
    raise ImproperlyConfigured(
        "DATABASE_URL is not set; without DEBUG the store does not choose a database itself."
    )
DATABASES = {
    "default": databases.from_url(
        DATABASE_URL,
        debug=DEBUG,
        test_folder=VAR_DIR,
        test_name=env.str("TEST_DATABASE_NAME", default="test"),
        keep_for=env.int("CONN_MAX_AGE", default=60),
        keeps_plans=env.bool("DATABASE_KEEPS_PLANS", default=True),
    )
}
# The database's clock counts, not this machine's (marketplace/common/database_clock.py).
FOLLOW_DATABASE_CLOCK = True
LOCK_WAIT = databases.LOCK_WAIT
# How many requests of this machine may wait for locks at once: half of the web's workers, so that pages go on.
LOCK_WAITERS = env.int("LOCK_WAITERS", default=max(1, environment.web_workers(env) // 2))
# Under systemd in the unit's own folder (StateDirectory=): the code's is read-only there.
SEATS_DIR = Path(os.environ.get("STATE_DIRECTORY", str(VAR_DIR)).partition(":")[0]) / "seats"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": {
        "BACKEND": "marketplace.common.caching.StoreCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "ecs-cache",  # a Redis may be somebody else's, too
        "TIMEOUT": 3600,
        # A Redis that is away or stalls must not hold up a page (docs/reliability.md M21).
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
    }
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "TIMEOUT": 3600,
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
    # Counts of sign-ins while Redis is away. A sweep empties it; it never throws away what still counts.
    "kept": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "common_keptentry",
        "OPTIONS": {"MAX_ENTRIES": 10_000_000},
    },
}
# Cookies hold a message until it is shown, so that saying something costs no write to the session.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
SESSION_ENGINE = "marketplace.accounts.session_store"
SESSION_COOKIE_AGE = 14 * 24 * 3600

# --- people -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "marketplace.accounts.backends.AccountBackend",
]
AUTH_PASSWORD_VALIDATORS = [  # marketplace/accounts/passwords.py says them in one line
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "marketplace.accounts.passwords.LongestValidator"},
    {"NAME": "marketplace.accounts.passwords.VarietyValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "shop:home"
LOGOUT_REDIRECT_URL = "shop:home"

ACCOUNT_ADAPTER = "marketplace.web.allauth_adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "marketplace.web.account_forms.LoginForm",
    "signup": "marketplace.web.account_forms.SignupForm",
    "confirm_email_verification_code": "marketplace.web.account_forms.ConfirmAddressForm",
    "add_email": "marketplace.web.account_forms.AddEmailForm",
    "change_email": "marketplace.web.account_forms.ChangeEmailForm",
    "reset_password": "marketplace.web.account_forms.ResetPasswordForm",
    "change_password": "marketplace.web.account_forms.ChangePasswordForm",
    "set_password": "marketplace.web.account_forms.SetPasswordForm",
    "reset_password_from_key": "marketplace.web.account_forms.ResetPasswordKeyForm",
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
# Before the address, sessions or a first password change, the owner has shown a secret within five minutes.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
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
MFA_FORMS = {
    "activate_totp": "marketplace.web.account_forms.ActivateAppForm",
    "add_webauthn": "marketplace.web.account_forms.AddKeyForm",
    "authenticate": "marketplace.web.account_forms.AuthenticateForm",
    "authenticate_webauthn": "marketplace.web.passkeys.AuthenticateKeyForm",
    "login_webauthn": "marketplace.web.passkeys.LoginKeyForm",
    "reauthenticate_webauthn": "marketplace.web.passkeys.ReauthenticateKeyForm",
    "reauthenticate": "marketplace.web.account_forms.ReauthenticateForm",
}
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
# The demo's admins have a password that everybody can read; they sign in on this machine only, unless this says so.
DEMO_STAFF_FROM_ANYWHERE = env.bool("DEMO_STAFF_FROM_ANYWHERE", default=False)
# How many proxies of ours stand before the store; only then is X-Forwarded-For/-Proto believed.
TRUSTED_PROXIES = ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)

# Mail goes to the console until SMTP is named: EMAIL_URL=smtp+tls://user:password@host:587
EMAIL_TIMEOUT = 5  # seconds a step; a mail server that says nothing holds nobody for longer
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
# All of it leaves by the outbox (marketplace/mail), which hands it to what EMAIL_URL names.
MAIL_BACKEND, EMAIL_BACKEND = EMAIL_BACKEND, "marketplace.mail.backend.OutboxBackend"  # noqa: F821  from the line above
MAIL_AT_ONCE = env.bool("MAIL_AT_ONCE", default=DEBUG)  # by the process that writes it, before it answers
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="ECS Store <store@localhost>")

# --- the store's rules --------------------------------------------------------------------------

STORE_CURRENCY = env.str("STORE_CURRENCY", default="EUR")
COMMISSION_BPS = env.int("COMMISSION_BPS", default=0)  # the store's share of a sale, in 1/100 %
# What a courier earns a parcel, in minor units, in a store without rates (Back office, Rates).
COURIER_FEE = env.int("COURIER_FEE", default=0)
EARNING_PENDING_HOURS = env.int("EARNING_PENDING_HOURS", default=24)  # held for disputes; with rates only
# Why a parcel was not taken, where its buyer pays the way there, further tries and waiting; else the store does.
BUYER_PAYS_WAY_THERE = env.list("BUYER_PAYS_WAY_THERE", default=["absent", "refused", "wrong_address"])
COURIER_MAX_ACTIVE = env.int("COURIER_MAX_ACTIVE", default=5)
COURIER_MAX_GIVEN_BACK = env.int("COURIER_MAX_GIVEN_BACK", default=10)  # in 24 hours; then no more claims
COMPLETION_DAYS = env.int("COMPLETION_DAYS", default=3)  # from delivery until the seller is paid
SHIP_BY_DAYS = env.int("SHIP_BY_DAYS", default=7)  # not picked up by then: cancelled
POINTS_PER_SHIPMENT = env.int("POINTS_PER_SHIPMENT", default=10)  # a seller's, for a completed shipment
# Payouts: the smallest and the largest in whole units of the currency, how many a person in 24 hours, and how long a
# new bank account waits.
PAYOUT_MINIMUM = env.int("PAYOUT_MINIMUM", default=5)
PAYOUT_MAXIMUM = env.int("PAYOUT_MAXIMUM", default=10_000)
PAYOUTS_A_DAY = env.int("PAYOUTS_A_DAY", default=3)
PAYOUT_ADDRESS_WAIT_HOURS = env.int("PAYOUT_ADDRESS_WAIT_HOURS", default=48)
# Of what a seller is paid, in 1/100 percent, and for how many days it is held back for refunds; 0 is nothing.
RESERVE_BPS = env.int("RESERVE_BPS", default=0)
RESERVE_DAYS = env.int("RESERVE_DAYS", default=30)
# Who pays out: the store's bank (files, or by hand), and with "stripe" accounts at Stripe, too.
PAYOUT_PROVIDER = env.one_of("PAYOUT_PROVIDER", ("manual", "stripe"))
# The store's own account, for the file to its bank (pain.001); without one the file is CSV.
PAYOUT_FROM_IBAN = env.str("PAYOUT_FROM_IBAN", default="")
PAYOUT_FROM_NAME = env.str("PAYOUT_FROM_NAME", default="")
CART_MAX_LINES = 100
CART_MAX_PIECES = 99
PAYMENT_PROVIDER = env.str("PAYMENT_PROVIDER", default="demo")  # demo | stripe
DEMO_MONEY = env.bool("DEMO_MONEY", default=DEBUG)  # yes, everybody may give themselves play money
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
STRIPE_WEBHOOK_SECRET = env.str("STRIPE_WEBHOOK_SECRET", default="")
STRIPE_PAYOUT_WEBHOOK_SECRETS = env.list("STRIPE_PAYOUT_WEBHOOK_SECRETS", default=[])
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default="https://api.stripe.com")
STRIPE_CHECKOUT_HOST = env.str("STRIPE_CHECKOUT_HOST", default="https://checkout.stripe.com")
# A map's tiles come from elsewhere, so they are off until a URL is named; a small world is bundled.
MAP_TILE_URL = env.str("MAP_TILE_URL", default="")
MAP_TILE_ATTRIBUTION = env.str("MAP_TILE_ATTRIBUTION", default="")
# Where maps open, and which countries' towns and postcodes are known (marketplace/geocoding).
STORE_PLACE = env.degrees("STORE_PLACE", default="52.5200, 13.4050")
STORE_RADIUS_KM = env.int("STORE_RADIUS_KM", default=600)
STORE_COUNTRIES = [code.upper() for code in env.list("STORE_COUNTRIES", default=["DE"])]
TAX_RATES = env.tax_rates("TAX_RATES")  # country → class → rate in 1/100 %; {}: the store shows no tax
POSTCODES_DIR = env.str("POSTCODES_DIR", default="")
GEOCODER = env.one_of("GEOCODER", ("", "photon", "nominatim"))  # "": the towns that are here
GEOCODER_IS_INSIDE = env.bool(
    "GEOCODER_IS_INSIDE", default=False
)  # of our own network, where http:// will do
GEOCODER_URL = env.web_address("GEOCODER_URL", needed=bool(GEOCODER), plain=GEOCODER_IS_INSIDE)
GEOCODER_SECONDS = env.int("GEOCODER_SECONDS", default=3)
ADDRESSES_MAX = 20  # that one person may save of a kind

# scope: (how many, in how many seconds). docs/reliability.md §4b.
RATE_LIMITS = {
    "search": (60, 60),
    "suggest": (300, 60),
    "cart": (60, 60),
    "checkout": (6, 60),
    "coupon": (20, 600),
    "top_up": (10, 3600),
    "payout": (10, 3600),
    "payout_address": (10, 3600),
    "payment_check": (60, 300),
    "export": (3, 3600),
    "receipt": (20, 300),
    "notifications": (60, 60),
    "upload": (30, 3600),
    "import": (20, 3600),
    "claim": (20, 3600),
    "courier_list": (120, 60),
    "proof": (60, 3600),
    "tracking": (120, 60),
    "application": (30, 3600),
    "address_search": (60, 60),
    "addresses": (60, 3600),
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
            # Whatever the umask: nobody else who has an account on this machine reads them.
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Whether an import may fetch a table's pictures from where it says they are. The store then calls strangers' servers.
IMPORT_FETCHES_PICTURES = env.bool("IMPORT_FETCHES_PICTURES", default=False)
# Pictures in an S3-compatible store instead of MEDIA_ROOT (docs/production.md).
MEDIA_BUCKET = env.str("MEDIA_BUCKET", default="")
_media_hosts = []
if MEDIA_BUCKET:
    if not find_spec("storages"):
        raise ImproperlyConfigured("MEDIA_BUCKET needs packages of its own: `make install WITH=s3`.")
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
# Other people's subdomains may still speak plain HTTP, and a list of preloaded names forgets one only after months.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # that the two are off is a decision
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
    "filters": {
        "visitors": {"()": "site_config.logs.VisitorsFault"},
        "unavailable": {"()": "site_config.logs.Unavailable"},
    },
    "formatters": {"line": {"()": "site_config.logs.LineFormatter"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["visitors", "unavailable"],
        },
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
