"""The pages of signing in and staying safe (allauth in our look)."""

from uuid import uuid4

from e2e.world import World
from marketplace.accounts.addresses import confirm_address, undo_token
from marketplace.accounts.services import create_account

from .looks import ADMIN, BUYER, VISITOR, Shown, shown


def undo_link(world: World) -> dict[str, object]:
    """What the mail to an address that an account has left leads to."""
    old, new = (f"{uuid4().hex}@example.org" for _ in range(2))
    user = create_account(email=old, password=None, verified=True)
    return {"token": undo_token(confirm_address(user_id=user.pk, email=new))}


PAGES: dict[str, Shown] = {
    "account_login": shown(VISITOR, query=("", "next=/account/")),
    "account_signup": shown(VISITOR),
    "account_logout": shown(BUYER),
    "account_inactive": shown(VISITOR),
    "account_reset_password": shown(VISITOR),
    "account_reset_password_done": shown(VISITOR),
    "account_reset_password_from_key": shown(VISITOR, address=lambda world: {"uidb36": "1", "key": "none"}),
    "account_reset_password_from_key_done": shown(VISITOR),
    "account_undo_email": shown(VISITOR, address=undo_link),
    "account_email": shown(BUYER),
    "account_change_password": shown(BUYER),
    "account_reauthenticate": shown(BUYER),
    "mfa_index": shown(BUYER, ADMIN),
    "mfa_activate_totp": shown(BUYER),
    "mfa_list_webauthn": shown(BUYER),
    "mfa_add_webauthn": shown(BUYER),
    "usersessions_list": shown(BUYER),
}

NOT_PAGES: dict[str, str] = {
    "account_email_verification_sent": "answers only while a code is awaited: the sign-up journey looks at it",
    "account_confirm_login_code": "answers only while a code is awaited",
    "account_set_password": "everybody here has a password: leads to the change of it",
    "mfa_authenticate": "answers only half way through signing in: test_sign_in looks at it",
    "mfa_reauthenticate": "leads away unless there is a second factor",
    "mfa_reauthenticate_webauthn": "leads away unless there is a passkey",
    "mfa_deactivate_totp": "leads away unless there is an authenticator app",
    "mfa_view_recovery_codes": "leads away unless there is a second factor",
    "mfa_generate_recovery_codes": "leads away unless there is a second factor",
    "mfa_download_recovery_codes": "a text file",
    "mfa_remove_webauthn": "needs a passkey, which a browser has to make",
    "mfa_edit_webauthn": "needs a passkey, which a browser has to make",
    "mfa_login_webauthn": "options for a script",
}
