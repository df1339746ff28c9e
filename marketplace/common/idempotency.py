"""Form keys: a double click, a resend and the back button do a thing once.

Every form that moves money or creates something carries a signed key made when it was drawn. The
first statement of its service is `begin(...)`: it takes the key in the same transaction, or says
what the key already did. Rules: docs/locks.md, docs/reliability.md §3.3.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core.signing import BadSignature, TimestampSigner
from django.utils.translation import gettext as _

from . import clock
from .errors import KeyReused
from .inserting import insert
from .models import FormKey
from .transactions import service

VALID_FOR = timedelta(hours=24)
# A clock may be set forward by almost two days before a sweep notices (marketplace/web/clockwork.py); what is then
# forgotten must be a key that is over by any clock.
KEPT_FOR = VALID_FOR + timedelta(hours=48) + timedelta(hours=24)
_signer = TimestampSigner(salt="form-key")


def new_form_key(*, user_id: int | None, action: str, subject: object = "") -> str:
    """A key for one form: bound to the person, the action and its subject, good for 24 hours."""
    return _signer.sign(f"{user_id or ''}:{action}:{subject}:{secrets.token_hex(16)}")


def drawn_for(form_key: str, *, action: str, subject: object = "") -> int | None:
    """Whom the form with this key was drawn for; None for a forged or old key, a visitor's, or one of another action
    or (where a `subject` is named) about something else."""
    try:
        owner, drawn, about, *_rest = _signer.unsign(form_key, max_age=VALID_FOR).split(":")
    except (BadSignature, ValueError):
        return None
    is_it = drawn == action and (not subject or about == str(subject))
    return int(owner) if is_it and owner.isdigit() else None


def begin(
    *,
    form_key: str,
    user_id: int | None,
    action: str,
    subject: object = "",
    payload: object,
    former_payloads: Iterable[object] = (),
    result: str,
) -> str | None:
    """Take `form_key` for this transaction; return None if it is ours, or the first use's `result`.

    `payload` is what the form said (JSON-able); `result` is what a repetition gets back (chosen
    before the work is done, as a new public id). A rolled-back first use leaves no trace, so a
    refused form may be sent again. `former_payloads` are what the same form said before SECRET_KEY was
    changed, where a payload is made with it. Raises `KeyReused` for a forged, expired or foreign key and for
    the same key with another payload.
    """
    try:
        signed = _signer.unsign(form_key, max_age=VALID_FOR)
    except BadSignature as error:
        raise KeyReused(
            _("This page was open for too long. Please look it over and send it again.")
        ) from error
    if not signed.startswith(f"{user_id or ''}:{action}:{subject}:"):
        raise KeyReused(_("This form was made for somebody else. Please look it over and send it again."))
    key = hashlib.sha256(signed.encode()).hexdigest()
    sha = _digest(payload)
    mine = secrets.token_hex(16)
    # INSERT … ON CONFLICT DO NOTHING waits for a rival that holds the same key and then finds it taken.
    row = FormKey(
        key=key,
        nonce=mine,
        user_id=user_id,
        action=action,
        input_sha256=sha,
        result=result,
        created_at=clock.now(),
    )
    insert([row], ignore_conflicts=True)
    stored = FormKey.objects.get(key=key)
    if stored.nonce == mine:
        return None
    if stored.input_sha256 not in {sha, *map(_digest, former_payloads)}:
        raise KeyReused(
            _("This form was already used for something else. Please look it over and send it again.")
        )
    return stored.result


def _digest(payload: object) -> str:
    return hashlib.sha256(json.dumps(payload, sort_keys=True, default=str).encode()).hexdigest()


@service
def forget_old_keys(now: datetime) -> int:
    """Sweep: delete the keys of forms that can no longer be sent. Returns how many."""
    return FormKey.objects.filter(created_at__lt=now - KEPT_FOR).delete()[0]
