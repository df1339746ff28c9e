"""Redis is away or frozen: pages come, quickly; what is counted goes on being counted; somebody is told."""

import os
import time
from urllib.parse import urlsplit

import pytest
import redis
from django.core.cache import cache
from django.core.management import call_command
from django.urls import reverse

from marketplace.common import caching, limits
from marketplace.common.errors import TooMany
from marketplace.common.models import KeptEntry, RateWindow
from site_config.settings import ACCOUNT_RATE_LIMITS
from site_config.testing.proxy import Proxy, proxy

REDIS = urlsplit(os.environ.get("TEST_REDIS", "redis://127.0.0.1:6379"))
PASSWORD = "correct horse battery staple"
pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


@pytest.fixture
def door(settings, monkeypatch):
    """The store on a real Redis, with a door between them that the test shuts."""
    host, port = REDIS.hostname or "127.0.0.1", REDIS.port or 6379
    try:
        with redis.Redis(host=host, port=port, db=9, socket_connect_timeout=2) as client:
            client.ping()
    except redis.exceptions.ConnectionError:
        pytest.skip(f"no Redis answers at {host}:{port} (TEST_REDIS names another one)")
    monkeypatch.setattr(caching, "REDIS", caching._Redis())
    monkeypatch.setattr(caching, "PAUSE", 60)
    with proxy(host, port) as door:
        settings.CACHES = settings.CACHES | {
            "default": {
                "BACKEND": os.environ.get("TEST_CACHE_BACKEND", "marketplace.common.caching.StoreCache"),
                "LOCATION": f"redis://127.0.0.1:{door.port}/9",
                "TIMEOUT": 60,
                "KEY_PREFIX": f"test-{os.getpid()}-{time.monotonic_ns()}",
                "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
            }
        }
        yield door


@pytest.fixture(params=["refused", "frozen"])
def away(request, door) -> Proxy:
    """Redis was there, was used, and is away."""
    cache.set("before", 1)
    assert cache.get("before") == 1
    door.refuse() if request.param == "refused" else door.stall()
    return door


PAGES = ["/", "/search/?q=lamp", "/cart/", "/accounts/login/", "/accounts/signup/"]


def test_pages_come_quickly_and_nobody_asks_it_again_during_the_pause(away, client, product):
    before = away.accepted
    pages = [*PAGES, reverse("shop:product", args=[product.slug])]
    began = time.monotonic()
    assert [client.get(page).status_code for page in pages] == [200] * len(pages)
    first = time.monotonic() - began

    assert first < 0.5 + 0.5 * len(pages), "half a second for all of them, not each"
    assert away.accepted <= before + 1


def test_it_is_asked_again_after_a_pause(away, monkeypatch, caplog):
    monkeypatch.setattr(caching, "PAUSE", 0.2)
    assert cache.get("before") is None
    assert caching.is_away()
    away.pass_on()
    time.sleep(0.3)

    assert cache.get("before") == 1
    assert not caching.is_away()
    told = [record.message for record in caplog.records if record.name == caching.__name__]
    assert len(told) == 2, "once when it went and once when it came back"


def test_every_question_is_answered_and_nothing_raised(away):
    cache.set("a", 1)
    cache.set_many({"a": 1, "b": 2})
    cache.delete("a")
    cache.delete_many(["a", "b"])
    cache.clear()

    answers = [cache.get("a"), cache.get("a", 3), cache.add("a", 1), cache.touch("a"), cache.has_key("a")]
    assert answers == [None, 3, False, False, False]
    assert cache.get_many(["a", "b"]) == {}
    assert cache.get_or_set("a", 5) == 5
    for count in (cache.incr, cache.decr):
        with pytest.raises(ValueError, match="not found"):
            count("a")


def test_limits_are_counted_in_the_database_meanwhile(away, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"search": (3, 3600)}
    for _ in range(3):
        limits.hit_cached("search", "10.0.0.1")

    with pytest.raises(TooMany):
        limits.hit_cached("search", "10.0.0.1")
    limits.hit_cached("search", "10.0.0.2")
    assert sorted(RateWindow.objects.values_list("count", flat=True)) == [1, 4]


def test_limits_are_counted_in_redis_otherwise(door, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"search": (1, 3600)}
    limits.hit_cached("search", "10.0.0.1")

    with pytest.raises(TooMany):
        limits.hit_cached("search", "10.0.0.1")
    assert not RateWindow.objects.exists()


def test_signing_in_works_and_wrong_passwords_are_counted(away, client, buyer, settings):
    settings.ACCOUNT_RATE_LIMITS = ACCOUNT_RATE_LIMITS
    right, wrong = ({"login": buyer.email, "password": word} for word in (PASSWORD, "not this one at all"))
    assert client.post("/accounts/login/", right).status_code == 302
    client.logout()

    tried = [client.post("/accounts/login/", wrong).status_code for _ in range(6)]

    assert tried == [422] * 5 + [429]
    assert client.post("/accounts/login/", right).status_code == 429
    assert KeptEntry.objects.exists()


def test_a_one_time_code_opens_once(away, settings, rf, buyer):
    from allauth.core import context
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value

    with context.request_context(rf.get("/")):
        app = TOTP.activate(buyer, "JBSWY3DPEHPK3PXP")
        code = format_hotp_value(hotp_value("JBSWY3DPEHPK3PXP", int(time.time()) // 30))
        assert app.validate_code(code)
        assert not Authenticator.objects.get(user=buyer, type="totp").wrap().validate_code(code)


def test_health_says_so_and_the_store_is_fit_to_serve(door, client):
    assert client.get("/healthz").content == b"ok\n"
    door.stall()

    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"degraded: the cache does not answer\n")


def test_what_is_due_is_done_without_redis(away, capsys):
    call_command("run_due")

    assert "Failed" not in capsys.readouterr().out
    assert caching.is_away() or cache.get("before") is None


def test_what_was_kept_meanwhile_is_forgotten_when_it_no_longer_counts(away):
    from datetime import timedelta

    from marketplace.common import clock

    cache.set("allauth:rl:something", [1], 60)
    assert cache.get("allauth:rl:something") == [1]
    assert KeptEntry.objects.count() == 1

    assert limits.forget_old_windows(clock.now()) == 0
    assert limits.forget_old_windows(clock.now() + timedelta(minutes=2)) == 1
