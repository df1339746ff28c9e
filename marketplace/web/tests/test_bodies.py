"""What cannot be read changes nothing."""

import io
import json

import pytest
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from marketplace.accounts.models import Profile

PROFILE = "/account/profile/"
FIELDS = {"name": "Bea Brown", "phone": "+49 30 1234567", "time_zone": ""}
WHOLE = encode_multipart(BOUNDARY, FIELDS)
HALF = WHOLE[: WHOLE.index(b"phone") + 3]


@pytest.fixture
def bea(person, as_person):
    bea = person()
    Profile.objects.filter(user=bea).update(name="Bea", phone="+49 30 7654321")
    client = as_person(bea)
    client.bea = bea
    return client


def kept(client) -> tuple[str, str]:
    profile = Profile.objects.get(user=client.bea)
    return profile.name, profile.phone


UNREADABLE = {
    "JSON": (415, json.dumps(FIELDS).encode(), "application/json"),
    "plain text": (415, b"name=x", "text/plain"),
    "no type": (415, b"name=x", ""),
    "a type that is none": (415, b"name=x", "form"),
    "half a multipart form": (400, HALF, MULTIPART_CONTENT),
    "multipart without its end": (400, WHOLE.replace(f"--{BOUNDARY}--".encode(), b""), MULTIPART_CONTENT),
    "another boundary": (400, WHOLE, "multipart/form-data; boundary=other"),
    "no boundary": (400, WHOLE, "multipart/form-data"),
    "a part that names itself in two ways": (
        400,
        WHOLE.replace(b'name="phone"', b"name*0=pho; name*=phone"),
        MULTIPART_CONTENT,
    ),
    "nothing of the form": (422, b"other=1", "application/x-www-form-urlencoded"),
    "an empty body": (422, b"", "application/x-www-form-urlencoded"),
}


@pytest.mark.parametrize(("status", "body", "content_type"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_no_form_with_nothing_in_it(bea, status, body, content_type):
    answer = bea.generic("POST", PROFILE, body, content_type)

    assert answer.status_code == status
    assert kept(bea) == ("Bea", "+49 30 7654321")


@pytest.mark.parametrize("content_type", ["multipart/form-data", "application/x-www-form-urlencoded"])
def test_a_form_that_broke_off_is_refused(bea, content_type):
    """The length that was promised is not there: the connection ended."""
    body, kind = (WHOLE, MULTIPART_CONTENT) if "multipart" in content_type else (b"name=B", content_type)

    sent = {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body) + 50)}
    answer = bea.generic("POST", PROFILE, body, kind, **sent)

    assert answer.status_code == 400
    assert kept(bea) == ("Bea", "+49 30 7654321")


class Gone(io.RawIOBase):
    """A connection that is reset while a form is read from it."""

    def read(self, size=-1):
        raise ConnectionResetError

    readline = read


@pytest.mark.every_database
@pytest.mark.parametrize("content_type", [MULTIPART_CONTENT, "application/x-www-form-urlencoded"])
def test_a_connection_that_is_reset_is_no_bug(bea, content_type):
    sent = {"wsgi.input": Gone(), "CONTENT_LENGTH": "500"}
    answer = bea.generic("POST", PROFILE, b"x", content_type, **sent)

    assert answer.status_code == 400
    assert kept(bea) == ("Bea", "+49 30 7654321")


@pytest.mark.parametrize(
    "body",
    [
        (WHOLE, MULTIPART_CONTENT),
        (b"name=Bea+Brown&phone=%2B49+30+1234567", "application/x-www-form-urlencoded"),
    ],
    ids=["multipart", "urlencoded"],
)
def test_a_whole_form_is_read(bea, body):
    assert bea.generic("POST", PROFILE, *body).status_code == 303
    assert kept(bea)[0] == "Bea Brown"


def test_a_field_may_still_be_emptied(bea):
    assert bea.post(PROFILE, {"name": "Bea", "phone": "", "time_zone": ""}).status_code == 303
    assert kept(bea) == ("Bea", "")
