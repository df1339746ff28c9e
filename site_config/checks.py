"""System checks of the house: what `check --deploy` must say of a store that cannot be reached, or reach anybody."""

from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Tags, Warning, register
from django.http.request import validate_host

# They keep mails to themselves.
NOWHERE = ("console", "dummy", "locmem", "filebased")
THIS_MACHINE = ("localhost", "127.0.0.1", "::1", None)


@register(Tags.security, deploy=True)
def mails_arrive(app_configs: object, **kwargs: object) -> list[Warning]:
    """Nobody confirms an address, or gets a new password, where no mail leaves."""
    problems = []
    if settings.MAIL_BACKEND.split(".")[-2] in NOWHERE:
        problems.append(
            Warning(
                "Mails go nowhere: nobody can confirm an address or ask for a new password.",
                hint="Set EMAIL_URL=smtp+tls://user:password@host:587.",
                id="site_config.W001",
            )
        )
    sender = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip("> ")
    if sender in THIS_MACHINE:
        problems.append(
            Warning(
                "Mails are from this machine (DEFAULT_FROM_EMAIL), which no mail server takes from a store.",
                hint="DEFAULT_FROM_EMAIL='Shop <store@shop.example.org>'",
                id="site_config.W002",
            )
        )
    return problems


@register(Tags.security, deploy=True)
def the_store_knows_its_address(app_configs: object, **kwargs: object) -> list[Warning]:
    """Links in mails and what a payment provider calls are made from SITE_URL."""
    address = urlsplit(settings.SITE_URL)
    if address.hostname in THIS_MACHINE:
        said = "SITE_URL is not set: links in mails lead to the reader's own machine."
    elif address.scheme != "https" and settings.SECURE_SSL_REDIRECT:
        said = "SITE_URL is not https://, where the store sends everybody to https."
    elif not validate_host(address.hostname, settings.ALLOWED_HOSTS):
        said = "SITE_URL names a host that ALLOWED_HOSTS does not: the store refuses its own links."
    else:
        return []
    return [Warning(said, hint="SITE_URL=https://shop.example.org", id="site_config.W003")]


@register(Tags.security, deploy=True)
def the_proxy_is_believed(app_configs: object, **kwargs: object) -> list[Warning]:
    """Behind a proxy that nobody told the store about, every answer sends to https, for ever."""
    if settings.TRUSTED_PROXIES or not settings.SECURE_SSL_REDIRECT:
        return []
    return [
        Warning(
            "TRUSTED_PROXIES is 0: behind a proxy every page leads to itself for ever, and all visitors are one.",
            hint="Set it to the number of proxies of yours in a row (docs/production.md, section 4).",
            id="site_config.W004",
        )
    ]


@register(Tags.security, deploy=True)
def private_photos_are_private(app_configs: object, **kwargs: object) -> list[Warning]:
    """What an older version wrote there everybody with an account on the machine can read."""
    folder = Path(settings.STORAGES["private"].get("OPTIONS", {}).get("location") or "")
    try:
        is_open = folder != Path() and folder.stat().st_mode & 0o077
    except OSError:  # nobody has sent a photo yet
        return []
    if not is_open:
        return []
    return [
        Warning(
            f"Others on this machine can look into {folder}, where photos of doors are.",
            hint=f"chmod -R u=rwX,go= {folder}",
            id="site_config.W005",
        )
    ]


@register(Tags.security, deploy=True)
def the_database_is_private(app_configs: object, **kwargs: object) -> list[Warning]:
    """A SQLite file that an older version made everybody with an account on the machine can read."""
    config = settings.DATABASES["default"]
    file = Path(str(config["NAME"]))
    try:
        is_open = config["ENGINE"].endswith("sqlite3") and file.stat().st_mode & 0o007
    except OSError:  # it is not there yet
        return []
    if not is_open:
        return []
    return [
        Warning(
            f"Everybody on this machine can read {file}, the database.",
            hint=f"chmod o= {file}*",
            id="site_config.W006",
        )
    ]
