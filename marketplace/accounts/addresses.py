"""The address that an account is reached by: proven by a code, and for three days taken back by the one before.

Whoever gets at a session, a phone or a password would change the address first, and then everything else. The
address before hears of it at once and holds a link that undoes it: signed, good once and for
`AddressChange.UNDO_FOR`. Until then the address is nobody else's.
"""

from allauth.mfa.models import Authenticator
from django.core import signing
from django.db import IntegrityError
from django.utils.translation import gettext as _

from marketplace.common import clock
from marketplace.common.cleaning import clean_email
from marketplace.common.errors import StaleState
from marketplace.common.transactions import service

from .models import AddressChange, User
from .selectors import open_address_changes
from .services import email_taken, require_free_address

_SALT = "accounts.undo_address_change"


def confirm_address(*, user_id: int, email: str) -> AddressChange | None:
    """`email` is proven to be the person's: it becomes the account's only address, verified.

    Returns the change if it took the place of another verified address, for the mail to that one; None where the
    account goes back to an address that could still take it back: nobody undoes that. Raises `EmailTaken` if another
    account has it, has just left it, or waits for its code there.
    """
    try:
        return _confirm_address(user_id=user_id, email=clean_email(email))
    except IntegrityError as error:
        raise email_taken() from error


@service
def _confirm_address(*, user_id: int, email: str) -> AddressChange | None:
    require_free_address(email, user_id)
    # The update is also the lock: of two that race, one waits here and then sees what the other one did.
    User.objects.filter(pk=user_id).update(email=email)
    user = User.objects.get(pk=user_id)
    before = user.emailaddress_set.filter(verified=True).exclude(email=email).order_by("-primary").first()
    user.emailaddress_set.exclude(email=email).delete()
    user.emailaddress_set.update_or_create(email=email, defaults={"primary": True, "verified": True})
    if before is None or open_address_changes().filter(user=user, old_email=email).exists():
        return None
    return AddressChange.objects.create(user=user, old_email=before.email, new_email=email)


def undo_token(change: AddressChange) -> str:
    """What the link in the mail to the old address holds."""
    return signing.dumps(change.pk, salt=_SALT, compress=False)


def change_to_undo(token: str) -> AddressChange | None:
    """The change that a link undoes; None for a link that is forged, too old or used."""
    try:
        pk = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    return open_address_changes().select_related("user").filter(pk=pk).first()


@service
def undo_address_change(*, token: str) -> User:
    """Give an account back to the address that it had, and to nobody else.

    Whoever changed it knew the password and is signed in: the password no longer opens the account, so all
    sessions have ended. Second factors added since, or in the `UNDO_FOR` before, are gone: who breaks in adds a
    passkey first. Later changes cannot be undone any more, they were not the owner's. Raises `StaleState` for a
    link that is forged, too old or used.
    """
    change = change_to_undo(token)
    # The update is also the lock, as above.
    if change is None or not open_address_changes().filter(pk=change.pk).update(undone_at=clock.now()):
        raise StaleState(_("This link was used already, or it is too old."))
    open_address_changes().filter(user_id=change.user_id, pk__gt=change.pk).update(undone_at=clock.now())
    user = User.objects.get(pk=change.user_id)
    user.email = change.old_email
    user.set_unusable_password()
    user.save(update_fields=["email", "password"])
    user.emailaddress_set.all().delete()
    user.emailaddress_set.create(email=user.email, primary=True, verified=True)
    added_since = change.changed_at - AddressChange.UNDO_FOR
    Authenticator.objects.filter(user=user, created_at__gte=added_since).delete()
    return user
