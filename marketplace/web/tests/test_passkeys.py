"""Whatever is sent as the answer of a passkey: a bad form, never a 500 (docs/security.md)."""

import json
from base64 import urlsafe_b64encode

import pytest
from django.urls import reverse

from marketplace.web.passkeys import MOST_DEPTH, CredentialField

DEEP_CBOR = urlsafe_b64encode(b"\x81" * 9_000).decode()


def answer(**response: object) -> str:
    return json.dumps({"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": response})


NONSENSE = {
    "deep JSON": "[" * 100_000,
    "deep objects": '{"response":' * 5_000,
    "deep within": json.dumps({"response": {}})[:-2] + '"a":' + "[" * 50_000 + "]" * 50_000 + "}}",
    "a number without end": '{"response": {}, "n": ' + "1" * 5_000 + "}",
    "no object": "[]",
    "a word": '"x"',
    "null": "null",
    "a response that is none": '{"response": []}',
    "nothing in it": "{}",
    "no JSON": "{",
    "NUL": '{"response": {"userHandle": "\\u0000"}}',
    "half a character": '{"response": {"userHandle": "\\ud800"}}',
    "numbers for words": answer(clientDataJSON=1, authenticatorData=2, signature=3, userHandle=4),
    "no user": answer(clientDataJSON="e30", authenticatorData="AAAA", signature="AAAA", userHandle="OTk5"),
    "a user without end": answer(
        clientDataJSON="e30", authenticatorData="AAAA", signature="AAAA", userHandle="OTk5" * 500
    ),
    "short data": answer(clientDataJSON="e30", authenticatorData="AA", signature="AA"),
    "deep CBOR": answer(clientDataJSON="e30", attestationObject=DEEP_CBOR, authenticatorData=DEEP_CBOR),
}


@pytest.mark.parametrize("text", NONSENSE.values(), ids=NONSENSE)
def test_a_visitors_answer_is_refused(client, db, text):
    path = reverse("mfa_login_webauthn")
    client.get(path, headers={"Accept": "application/json"})

    assert client.post(path, {"credential": text}).status_code < 500
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("text", NONSENSE.values(), ids=NONSENSE)
def test_so_is_that_of_somebody_who_adds_a_key(as_person, buyer, text):
    client = as_person(buyer)
    path = reverse("mfa_add_webauthn")
    client.get(path)

    assert client.post(path, {"credential": text, "name": "Key"}).status_code < 500


def test_a_real_answer_is_read():
    read = {
        "id": "a",
        "rawId": "a",
        "response": {"clientDataJSON": "a"},
        "clientExtensionResults": {"p": {"q": [1]}},
    }

    assert CredentialField().clean(json.dumps(read)) == read


@pytest.mark.parametrize(("depth", "is_read"), [(MOST_DEPTH, True), (MOST_DEPTH + 1, False)])
def test_the_depth_has_an_end(depth, is_read):
    text = '{"response": {}, "a": ' + "[" * (depth - 1) + "]" * (depth - 1) + "}"
    field = CredentialField()
    try:
        field.clean(text)
    except Exception:
        assert not is_read
    else:
        assert is_read
