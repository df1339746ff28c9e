"""Geocoders that speak as Photon and Nominatim do: real answers over a real connection, and every way to fail."""

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache

from marketplace.common.places import Place
from marketplace.geocoding import asking
from marketplace.geocoding.answers import Exactness
from marketplace.geocoding.doubts import doubts_about
from marketplace.geocoding.search import find_places, pin_for

PHOTON = {
    "features": [
        {
            "geometry": {"coordinates": [13.4049, 52.5296]},
            "properties": {
                "street": "Torstraße",
                "housenumber": "1",
                "postcode": "10119",
                "city": "Berlin",
                "country": "Germany",
                "countrycode": "DE",
            },
        },
        {"geometry": {"coordinates": [2.3, 48.8]}, "properties": {"name": "Paris", "countrycode": "FR"}},
        {"geometry": {"coordinates": [999, 1]}, "properties": {"name": "Nowhere", "countrycode": "DE"}},
        "nonsense",
    ]
}
NOMINATIM = [
    {
        "lat": "52.5296",
        "lon": "13.4049",
        "display_name": "Torstraße, Mitte, Berlin",
        "address": {"road": "Torstraße"},
    },
    {"lat": "north", "lon": None},
]


class Geocoder:
    """A geocoder of our own on this machine: what it answers, and what it was asked."""

    def __init__(self) -> None:
        self.status, self.body, self.asked, self.slow = 200, b"[]", [], 0.0
        geocoder = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                geocoder.asked.append(urlsplit(self.path))
                self.send_response(geocoder.status)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()
                for byte in [geocoder.body] if not geocoder.slow else [geocoder.body[:1]] * 100:
                    try:
                        self.wfile.write(byte)
                        self.wfile.flush()
                    except OSError:
                        return
                    time.sleep(geocoder.slow)

            def log_message(self, *_words) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def geocoder(settings):
    cache.clear()
    geocoder = Geocoder()
    settings.GEOCODER, settings.GEOCODER_IS_INSIDE, settings.GEOCODER_SECONDS = "photon", True, 1
    settings.GEOCODER_URL = f"http://127.0.0.1:{geocoder.server.server_port}/base"
    yield geocoder
    geocoder.server.shutdown()
    geocoder.server.server_close()
    cache.clear()


def test_photons_answer_is_read_and_other_countries_left_out(geocoder):
    geocoder.body = json.dumps(PHOTON).encode()

    (found,) = find_places("Torstr 1, Berlin")

    assert found.label == "Torstraße 1, 10119 Berlin, Germany"
    assert (found.place, found.exactness) == (Place("52.5296", "13.4049"), Exactness.DOOR)
    assert not found.is_rough
    (asked,) = geocoder.asked
    assert asked.path == "/base/api/"
    assert parse_qs(asked.query)["q"] == ["Torstr 1, Berlin"]


@pytest.mark.parametrize("name", ["Καφενείο", "王的店", "Café #1", "ECS Store"])
def test_a_store_of_any_name_asks(geocoder, settings, name):
    settings.SITE_NAME = name
    geocoder.body = json.dumps(PHOTON).encode()

    assert [found.exactness for found in find_places("Torstr 1, Berlin")] == [Exactness.DOOR]


def test_nominatims_answer_is_read(geocoder, settings):
    settings.GEOCODER = "nominatim"
    geocoder.body = json.dumps(NOMINATIM).encode()

    found = pin_for("Torstr 1, Berlin")

    assert (found.label, found.exactness) == ("Torstraße, Mitte, Berlin", Exactness.STREET)
    assert parse_qs(geocoder.asked[0].query)["countrycodes"] == ["de"]


def test_an_answer_is_kept(geocoder):
    geocoder.body = json.dumps(PHOTON).encode()

    assert find_places("Torstr 1") == find_places(" torstr  1") == find_places("TORSTR 1")
    assert len(geocoder.asked) == 1


@pytest.mark.parametrize(
    "trouble",
    [
        {"status": 500},
        {"status": 302},
        {"body": b"<html>"},
        {"body": b"[" * 100_000},
        {"body": b" " * 400_000},
        {"body": b"x", "slow": 0.3},
    ],
    ids=["error", "redirect", "no JSON", "deep", "too long", "drips"],
)
def test_where_it_does_not_answer_the_towns_stand_in_and_it_is_left_alone(geocoder, trouble):
    vars(geocoder).update(trouble)

    assert pin_for("Torstraße 1, 10119 Berlin").label == "10119 Berlin, DE"
    assert find_places("Hamburg")[0].label == "Hamburg, DE"
    assert len(geocoder.asked) == 1


@pytest.mark.parametrize("body", [b"{}", b"null", b"[1]", b'{"features": {"a": 1}}', b'"words"'])
def test_an_answer_of_another_shape_finds_nothing(geocoder, body):
    geocoder.body = body

    assert find_places("Torstraße 1, 10119 Berlin") == []


def test_an_address_of_a_private_network_is_not_asked(geocoder, settings):
    settings.GEOCODER_IS_INSIDE = False

    assert pin_for("Torstraße 1, 10119 Berlin").label == "10119 Berlin, DE"
    assert geocoder.asked == []


def test_what_speaks_against_a_pin(settings):
    berlin = pin_for("Torstraße 1, 10119 Berlin")

    assert doubts_about(Place("52.45", "13.30"), berlin) == []
    (apart,) = doubts_about(Place("53.55", "9.99"), berlin)
    assert "which the address names" in apart
    (away,) = doubts_about(Place("68.9", "27.0"), None)
    assert "from where this store delivers" in away


class Sleepy:
    """Stands for TLS with a server that takes its time: shaking hands ends after the time is over."""

    def wrap_socket(self, sock, **_asked):
        # As ssl does: the plain socket is left empty, so that shutting it shuts nothing.
        taken = socket.socket(fileno=sock.detach())
        time.sleep(1.2)
        return taken


def test_a_server_that_shakes_hands_too_long_is_hung_up_on(geocoder, settings, monkeypatch):
    geocoder.body, geocoder.slow = b"x", 0.5
    settings.GEOCODER_URL = settings.GEOCODER_URL.replace("http:", "https:")
    monkeypatch.setattr(asking.ssl, "create_default_context", Sleepy)

    with pytest.raises(asking.NoAnswer):
        asking.ask("/api/", {"q": "Berlin"})

    assert geocoder.asked == []


@pytest.mark.parametrize("text", ["\ud800", "a\x00b", "\u202e", "x" * 5_000, "💥" * 300])
def test_odd_names_and_places_of_an_answer_are_made_harmless(geocoder, text):
    places = [[13.4, 52.5], [float("nan"), 1], [float("inf"), 1], [True, None], [{"a": 1}, []], ["1e999", 1]]
    said = {"street": text, "city": ["x"], "housenumber": {"a": 1}}
    geocoder.body = json.dumps(
        {"features": [{"geometry": {"coordinates": place}, "properties": said} for place in places]}
    ).encode()

    found = find_places("Torstr 1, Berlin")

    assert len(found) <= 1
    assert all(0 < len(answer.label.encode()) <= 800 and "\x00" not in answer.label for answer in found)
    for answer in found:
        (doubt,) = doubts_about(Place("48", "11"), answer)
        assert doubt.encode()


class TestAResolverThatHangs:
    @pytest.fixture
    def hangs(self, geocoder, monkeypatch):
        """Nobody gets an address until the test is over; the names that were asked for."""
        ends, asked = threading.Event(), []

        def resolve(host, port, **how):
            asked.append(host)
            ends.wait(30)
            raise socket.gaierror

        monkeypatch.setattr(asking.socket, "getaddrinfo", resolve)
        monkeypatch.setattr(asking, "_look_ups", threading.BoundedSemaphore(asking.MOST_LOOK_UPS))
        yield asked
        ends.set()

    def test_it_is_not_waited_for_longer_than_the_setting_says(self, hangs):
        began = time.monotonic()

        with pytest.raises(asking.NoAnswer, match="takes too long"):
            asking.ask("/api/", {"q": "Torstr 1"})

        assert 0.9 < time.monotonic() - began < 5
        assert len(hangs) == 1

    def test_it_keeps_a_few_threads_and_no_more(self, hangs, settings):
        settings.GEOCODER_SECONDS = 0.1

        for _time in range(asking.MOST_LOOK_UPS + 3):
            with pytest.raises(asking.NoAnswer):
                asking.ask("/api/", {"q": "Torstr 1"})

        assert len(hangs) == asking.MOST_LOOK_UPS

    def test_afterwards_it_is_asked_again(self, geocoder, monkeypatch):
        with monkeypatch.context() as broken:
            broken.setattr(
                asking.socket, "getaddrinfo", lambda *args, **how: (_ for _ in ()).throw(socket.gaierror)
            )
            for _time in range(asking.MOST_LOOK_UPS + 1):
                with pytest.raises(asking.NoAnswer, match="leads nowhere"):
                    asking.ask("/api/", {"q": "Torstr 1"})

        geocoder.body = json.dumps(PHOTON).encode()
        assert [found.exactness for found in find_places("Torstr 1, Berlin")] == [Exactness.DOOR]
