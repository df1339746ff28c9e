"""Secrets from files: NAME_FILE=/run/secrets/name instead of NAME, as Docker, Kubernetes and systemd hand them over.

Strict, because a store that starts with the wrong secret is worse than one that does not start.
"""

from collections.abc import Mapping
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

# Every setting whose value nobody may see; addresses with a password in them, too.
SECRETS = (
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "STRIPE_PAYOUT_WEBHOOK_SECRETS",
    "MEDIA_ACCESS_KEY",
    "MEDIA_SECRET_KEY",
)


def read(environ: Mapping[str, str]) -> dict[str, str]:
    """The secrets that `environ` names files for: name → the file's one line, without the end of the line.

    Raises `ImproperlyConfigured` where the setting itself is set too, and where the file cannot be read, is
    empty or has more than a line. What is in the file is never said.
    """
    return {
        name: _line_of(f"{name}_FILE", environ[f"{name}_FILE"], is_set_too=bool(environ.get(name)))
        for name in SECRETS
        if environ.get(f"{name}_FILE")
    }


def _line_of(setting: str, path: str, *, is_set_too: bool) -> str:
    if is_set_too:
        raise ImproperlyConfigured(
            f"{setting} and {setting.removesuffix('_FILE')} are both set: keep one of them."
        )
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{setting}: {path} cannot be read ({type(error).__name__}).") from None
    lines = text.splitlines()
    if len(lines) != 1 or not lines[0].strip():
        raise ImproperlyConfigured(f"{setting}: {path} must hold one line, the secret.")
    return lines[0].strip()
