"""NAME_FILE hands a secret over in a file."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from site_config import secret_files

TOP = Path(settings.BASE_DIR)


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret"
    path.write_text("s3cret word\n")
    return path


@pytest.mark.parametrize("name", secret_files.SECRETS)
def test_a_file_stands_for_its_setting(secret, name):
    assert secret_files.read({f"{name}_FILE": str(secret), "OTHER_FILE": "/nowhere"}) == {name: "s3cret word"}


def test_without_files_nothing_is_read():
    assert secret_files.read({"SECRET_KEY": "plain", "SECRET_KEY_FILE": ""}) == {}


def test_both_are_one_too_many(secret):
    with pytest.raises(ImproperlyConfigured, match=r"SECRET_KEY_FILE and SECRET_KEY are both set"):
        secret_files.read({"SECRET_KEY_FILE": str(secret), "SECRET_KEY": "plain"})


@pytest.mark.parametrize("content", [b"", b"\n", b"  \n", b"s3cret\nword\n", b"\xffs3cret"])
def test_a_file_without_one_line_is_refused_and_not_shown(secret, content):
    secret.write_bytes(content)

    with pytest.raises(ImproperlyConfigured, match=r"DATABASE_URL_FILE: .*/secret") as refused:
        secret_files.read({"DATABASE_URL_FILE": str(secret)})
    assert "s3cret" not in str(refused.value)


def test_a_file_that_is_not_there_is_refused():
    with pytest.raises(
        ImproperlyConfigured, match=r"EMAIL_URL_FILE: /nowhere cannot be read \(FileNotFoundError\)"
    ):
        secret_files.read({"EMAIL_URL_FILE": "/nowhere"})


def test_the_settings_name_every_secret_of_theirs():
    """What sounds like a secret in the settings may come from a file, and the example says so."""
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (TOP / "site_config/settings.py").read_text()))
    secret = {
        name for name in read if re.search(r"SECRET|PASSWORD|TOKEN|_KEY\b|(DATABASE|REDIS|EMAIL)_URL", name)
    }
    example = (TOP / ".env.example").read_text()

    assert secret == set(secret_files.SECRETS)
    assert [name for name in secret if not re.search(rf"\b{name}_FILE\b", example)] == []
