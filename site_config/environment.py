"""What the store reads its settings from: the environment, and on a developer's machine the `.env` beside manage.py.

Strict, because what was misread is noticed only once it has done harm: `DEMO_MONEY=ture` is not "no", and a comment
behind a value is not part of it. A file of settings has one meaning for all who read it (systemd, a shell and us),
because only what all of them read alike may stand in it.

    python -m site_config.environment FILE      # says which line they would not read alike
"""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from .secret_files import SECRETS

# A store that is run for real says one of these; then nothing else stands in for its environment.
SAYS_ITSELF = ("SECRET_KEY", "ALLOWED_HOSTS", "TRUSTED_PROXIES", *(f"{name}_FILE" for name in SECRETS))
YES, NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
# What people read may hold a number sign ("Shop #1"), but no comment.
FREE_TEXT = ("SITE_NAME", "PAYOUT_FROM_NAME", "DEFAULT_FROM_EMAIL", "MAP_TILE_ATTRIBUTION")
_LINE = re.compile(
    r"""([A-Za-z_][A-Za-z0-9_]*)=(?:'([^'\\]*)'|"([^"\\$`]*)"|([^\s'"\\$`#&|;<>()~!]*))[ \t]*"""
)

_TAX_CLASS = r"(?:standard|reduced|low)=[0-9]{1,5}"
_TAX_OF_COUNTRY = re.compile(rf"([A-Z]{{2}}):({_TAX_CLASS}(?:,{_TAX_CLASS})*)")


def beside(path: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """What a developer's `.env` at `path` adds to `environment`; nothing where that says itself who it is."""
    if says_itself(environment) or not path.is_file():
        return {}
    return {name: value for name, value in read_file(path).items() if name not in environment}


def says_itself(environment: Mapping[str, str]) -> list[str]:
    """The settings of a store that is run for real which `environment` has."""
    return [name for name in SAYS_ITSELF if environment.get(name)]


def read_file(path: Path) -> dict[str, str]:
    """The settings in a file of `NAME=value` lines, as systemd and a shell read them.

    A value is one word without signs that mean something to a shell, or stands in quotes. Whole lines may be
    comments. Raises `ImproperlyConfigured` at any other line, which it does not show.
    """
    values: dict[str, str] = {}
    for number, line in enumerate(path.read_bytes().decode("utf-8").split("\n"), start=1):
        # systemd before 254 takes what follows a comment's last \\ into the comment.
        if not line.strip() or (line.startswith("#") and not line.endswith("\\")):
            continue
        match = _LINE.fullmatch(line)
        if not match:
            raise ImproperlyConfigured(
                f"{path}, line {number}: write NAME=word or NAME='any words'. Within the quotes there is no ' and "
                r"no \, and no comment stands behind a value."
            )
        values[match[1]] = match[2] or match[3] or match[4] or ""
    return values


class Env(environ.Env):
    """django-environ's reader, without its guesses. An empty value is the same as none."""

    def get_value(
        self, var: str, cast: Any = None, default: Any = environ.Env.NOTSET, parse_default: bool = False
    ) -> Any:
        """The value of `var`. Raises `ImproperlyConfigured` where it cannot be meant; the value is not shown."""
        value = self.ENVIRON.get(var, "")
        if not value:
            if default is self.NOTSET:
                raise ImproperlyConfigured(f"{var} is not set.")
            return self.parse_value(default, cast) if parse_default else default
        _refuse_what_no_one_means(var, value)
        if cast is bool:
            return _yes_or_no(var, value)
        if cast is int and not re.fullmatch(r"-?[0-9]{1,18}", value):
            raise ImproperlyConfigured(f"{var} must be a whole number.")
        if cast is list:
            return [part.strip() for part in value.split(",") if part.strip()]
        return self.parse_value(value, cast)

    def degrees(self, var: str, default: str) -> tuple[float, float]:
        """A place on Earth: "52.52, 13.405", latitude first."""
        parts = self.str(var, default=default).split(",")
        try:
            lat, lng = (float(part) for part in parts)
        except ValueError:
            raise ImproperlyConfigured(
                f"{var} must be latitude and longitude, such as 52.52,13.405."
            ) from None
        if not (abs(lat) <= 90 and abs(lng) <= 180):
            raise ImproperlyConfigured(f"{var} is no place on Earth.")
        return lat, lng

    def one_of(self, var: str, choices: tuple[str, ...]) -> str:
        """One of these words, the first one where nothing is said."""
        value = str(self.str(var, default=choices[0]))
        if value not in choices:
            raise ImproperlyConfigured(f"{var} must be one of: {', '.join(filter(None, choices))}.")
        return value

    def web_address(self, var: str, *, needed: bool, plain: bool) -> str:
        """An address that begins with https://, or with http:// where that is `plain` enough; "" if not `needed`."""
        value = str(self.str(var, default=""))
        if not value and not needed:
            return ""
        if not re.match(r"https?://[^/\s@]+" if plain else r"https://[^/\s@]+", value):
            raise ImproperlyConfigured(f"{var} must be an address that begins with https://.")
        return value

    def tax_rates(self, var: str) -> dict[str, dict[str, int]]:
        """Country → class of goods → rate in basis points: 'DE:standard=1900,reduced=700 AT:standard=2000'."""
        countries: dict[str, dict[str, int]] = {}
        for part in str(self.str(var, default="")).split():
            match = _TAX_OF_COUNTRY.fullmatch(part)
            rates = [pair.split("=") for pair in match[2].split(",")] if match else []
            classes = dict(rates)
            is_read = match and match[1] not in countries and len(classes) == len(rates)
            if (
                not match
                or not is_read
                or "standard" not in classes
                or max(map(int, classes.values())) > 10_000
            ):
                raise ImproperlyConfigured(
                    f"{var} must be countries with their rates in 1/100 percent, each with a standard one, such as"
                    " DE:standard=1900,reduced=700."
                )
            countries[match[1]] = {name: int(rate) for name, rate in classes.items()}
        return countries

    def email_url(
        self, var: str, default: Any = environ.Env.NOTSET, backend: str | None = None
    ) -> dict[str, Any]:
        try:
            return super().email_url(var, default=default, backend=backend)
        except ValueError:  # a port that is none
            raise ImproperlyConfigured(f"{var} is no address of a mail server.") from None


def web_workers(env: Env) -> int:
    """How many requests the web server answers at once: `WEB_WORKERS`, or two for each core."""
    return int(env.int("WEB_WORKERS", default=2 * (os.cpu_count() or 1)))


def _yes_or_no(name: str, value: str) -> bool:
    word = value.lower()
    if word not in YES + NO:
        raise ImproperlyConfigured(f"{name} must be true or false.")
    return word in YES


def _refuse_what_no_one_means(name: str, value: str) -> None:
    """What a file's reader made part of the value, and nobody wanted there."""
    if value != value.strip():
        raise ImproperlyConfigured(f"{name} begins or ends with a space.")
    if re.search(r"\s#\s" if name in FREE_TEXT else r"\s#", value):
        raise ImproperlyConfigured(f"{name} has a comment in its value; a comment takes a line of its own.")
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        raise ImproperlyConfigured(f"{name} has its quotes in its value; Docker's --env-file wants none.")


def main() -> None:
    try:
        values = read_file(Path(sys.argv[1]))
    except (OSError, ImproperlyConfigured) as error:
        sys.exit(str(error))
    sys.stdout.write(f"{len(values)} settings, which everybody reads alike.\n")


if __name__ == "__main__":
    main()
