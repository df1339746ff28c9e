"""What `check --deploy` says of a store that nobody can reach, or that reaches nobody."""

import pytest

from site_config import checks


@pytest.fixture(autouse=True)
def real(settings, monkeypatch, tmp_path):
    """A store that is set up well."""
    settings.MAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = "Shop <store@shop.example.org>"
    settings.SITE_URL = "https://shop.example.org"
    settings.ALLOWED_HOSTS = ["shop.example.org"]
    settings.SECURE_SSL_REDIRECT = True
    settings.TRUSTED_PROXIES = 1
    settings.STORAGES = settings.STORAGES | {
        "private": settings.STORAGES["private"] | {"OPTIONS": {"location": str(tmp_path / "private")}}
    }
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", str(tmp_path / "store.sqlite3"))
    return settings


def ids() -> list[str]:
    asked = (
        checks.mails_arrive,
        checks.the_store_knows_its_address,
        checks.the_proxy_is_believed,
        checks.private_photos_are_private,
        checks.the_database_is_private,
    )
    return [problem.id.removeprefix("site_config.") for check in asked for problem in check(None)]


def test_a_store_that_is_set_up_well_hears_nothing():
    assert ids() == []


@pytest.mark.parametrize("kind", ["console", "dummy", "locmem", "filebased"])
def test_mails_that_go_nowhere_are_told(real, kind):
    real.MAIL_BACKEND = f"django.core.mail.backends.{kind}.EmailBackend"

    assert ids() == ["W001"]


@pytest.mark.parametrize("sender", ["ECS Store <store@localhost>", "store@localhost", "nobody@127.0.0.1"])
def test_a_sender_on_this_machine_is_told(real, sender):
    real.DEFAULT_FROM_EMAIL = sender

    assert ids() == ["W002"]


@pytest.mark.parametrize(
    ("site_url", "tells"),
    [
        ("http://localhost:8000", True),
        ("https://127.0.0.1", True),
        ("shop.example.org", True),
        ("http://shop.example.org", True),
        ("https://other.example.org", True),
        ("https://shop.example.org:8443", False),
        ("https://SHOP.example.org", False),
    ],
)
def test_an_address_that_leads_nowhere_is_told(real, site_url, tells):
    real.SITE_URL = site_url

    assert ids() == ["W003"] * tells


def test_hosts_below_a_name_are_the_stores_own_where_it_says_so(real):
    real.ALLOWED_HOSTS = [".example.org"]

    assert ids() == []


@pytest.mark.parametrize(("redirect", "tells"), [(True, True), (False, False)])
def test_a_proxy_that_is_not_believed_is_told_where_it_would_lead_in_circles(real, redirect, tells):
    real.TRUSTED_PROXIES, real.SECURE_SSL_REDIRECT = 0, redirect

    assert ids() == ["W004"] * tells


@pytest.mark.parametrize(("mode", "tells"), [(0o700, False), (0o750, True), (0o755, True), (0o701, True)])
def test_a_folder_of_photos_that_others_can_open_is_told(tmp_path, mode, tells):
    (tmp_path / "private").mkdir()
    (tmp_path / "private").chmod(mode)

    assert ids() == ["W005"] * tells


def test_photos_in_a_bucket_have_no_folder(real):
    real.STORAGES = real.STORAGES | {"private": {"BACKEND": "…", "OPTIONS": {"bucket_name": "doors"}}}

    assert ids() == []
