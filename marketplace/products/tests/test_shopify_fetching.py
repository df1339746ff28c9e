"""Pictures at addresses: a server of our own stands in for a stranger's, good and bad."""

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from marketplace.common import clock
from marketplace.common.errors import Invalid
from marketplace.products.shopify import fetching
from marketplace.products.shopify.fetching import fetch_picture, is_public, public_address

HOST = "pictures.example"


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_the_public_internet_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("255.255.255.255", "224.0.0.1", "240.0.0.1", "192.0.2.1", "::1", "::", "fe80::1%eth0", "fc00::1"),
        *("::ffff:127.0.0.1", "::ffff:93.184.215.14", "64:ff9b::7f00:1", "2002:7f00:1::", "ff02::1"),
        *("2001:0:4136:e378:8000:63bf:80ff:fffe", "no address"),
    ],
)
def test_what_is_nearer_is_not(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["10.0.0.1", "93.184.215.14"], []]
)
def test_a_name_with_one_address_that_is_near_is_refused(addresses, monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: found)

    with pytest.raises(Invalid, match="public addresses"):
        public_address("rebinding.example")


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://x.example/a.jpg",
            "ftp://x.example/a.jpg",
            "file:///etc/passwd",
            "https://x.example:22/a.jpg",
        ),
        *("https://me:pw@x.example/a.jpg", "https:///a.jpg", "https://[::1", "https://x.example/a b.jpg"),
        *("https://x.example/a\r\nHost: y.example", "https://ｘ.example/a.jpg", "mug.jpg"),
    ],
)
def test_other_addresses_are_not_asked(url, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: pytest.fail("asked"))

    with pytest.raises(Invalid):
        fetch_picture(url)


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/a", "https://localhost/a", "https://[::1]/a", "https://0x7f.1/a"]
)
def test_the_machine_itself_is_not_asked(url, monkeypatch):
    monkeypatch.setattr(socket, "create_connection", lambda *_args, **_kwargs: pytest.fail("connected"))

    with pytest.raises(Invalid):
        fetch_picture(url)


class Stranger(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(f"{self.headers['Host']}{self.path}")
        getattr(self, self.path.strip("/").partition("?")[0])()

    def send(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def mug(self) -> None:
        self.send(200, {"Content-Length": "5"}, b"a mug")

    def moved(self) -> None:
        self.send(301, {"Location": "/mug", "Content-Length": "0"})

    def away(self) -> None:
        self.send(302, {"Location": "https://metadata.example/mug", "Content-Length": "0"})

    def down(self) -> None:
        self.send(302, {"Location": "http://pictures.example/mug", "Content-Length": "0"})

    def round(self) -> None:
        self.send(302, {"Location": "/round", "Content-Length": "0"})

    def gone(self) -> None:
        self.send(404, {"Content-Length": "0"})

    def large(self) -> None:
        self.send(200, {"Connection": "close"}, b"x" * 500)

    def cut(self) -> None:
        self.send(200, {"Content-Length": "500", "Connection": "close"}, b"x")
        self.close_connection = True

    def slow(self) -> None:
        self.send(200, {"Content-Length": "500"})
        for _byte in range(500):
            self.wfile.write(b"x")
            time.sleep(0.05)

    def drip(self) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 500:
            self.wfile.write(bytes([byte]))
            time.sleep(0.05)

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for HOST that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = clock.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def stranger(certificate, monkeypatch):
    """A server behind pictures.example; metadata.example is a machine of our own network."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stranger)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.handle_error = lambda *_args: None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    names = {HOST: "127.0.0.1", "other.example": "127.0.0.1", "metadata.example": "169.254.169.254"}
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *_args, **_kwargs: [(2, 1, 6, "", (names.get(host, host), server.server_port))],
    )
    monkeypatch.setattr(fetching, "is_public", lambda address: ipaddress.ip_address(address).is_loopback)
    monkeypatch.setattr(fetching, "PORT", server.server_port)
    monkeypatch.setattr(
        fetching, "secure_context", lambda: ssl.create_default_context(cafile=str(certificate))
    )
    monkeypatch.setattr(Stranger, "asked", [])
    yield Stranger
    server.shutdown()
    thread.join()
    server.server_close()


def url(path: str, host: str = HOST) -> str:
    return f"https://{host}/{path}"


def test_a_picture_is_fetched_also_where_it_has_moved(stranger):
    assert fetch_picture(url("mug?v=1")).read() == b"a mug"
    assert fetch_picture(url("moved")).read() == b"a mug"
    assert stranger.asked == [f"{HOST}/mug?v=1", f"{HOST}/moved", f"{HOST}/mug"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("away", "public addresses"),
        ("down", "https://"),
        ("round", "from one to the next"),
        ("gone", "404"),
        ("cut", "does not answer"),
    ],
)
def test_what_is_no_picture_says_why(stranger, path, words):
    with pytest.raises(Invalid, match=words):
        fetch_picture(url(path))


def test_it_may_be_so_large(stranger, monkeypatch):
    monkeypatch.setattr(fetching, "MAX_BYTES", 499)
    with pytest.raises(Invalid, match="at most"):
        fetch_picture(url("large"))

    monkeypatch.setattr(fetching, "MAX_BYTES", 500)
    assert len(fetch_picture(url("large")).read()) == 500


@pytest.mark.parametrize("path", ["slow", "drip"])
def test_a_server_that_sends_a_byte_now_and_then_is_left(stranger, monkeypatch, path):
    monkeypatch.setattr(fetching, "SECONDS", 0.5)
    begun = time.monotonic()

    with pytest.raises(Invalid, match="does not answer"):
        fetch_picture(url(path))

    assert time.monotonic() - begun < 3


def test_another_hosts_certificate_is_not_taken(stranger):
    with pytest.raises(Invalid, match="does not answer"):
        fetch_picture(url("mug", host="other.example"))
    assert stranger.asked == []
