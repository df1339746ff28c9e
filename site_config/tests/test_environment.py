"""Installing writes no settings, production reads no .env, and one file of settings has one meaning."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from site_config import databases, environment
from site_config.testing.env_files import as_a_shell_does, as_systemd_does

TOP = Path(settings.BASE_DIR)
ENV_FILE = "DEBUG=true\nSECRET_KEY=of-a-developer\n"


@pytest.fixture
def env(tmp_path):
    """A way to read settings: `env(NAME="value")`."""

    def of(**values):
        reader = environment.Env()
        reader.ENVIRON = values
        return reader

    return of


# --- installing, and whose .env is read -------------------------------------------------------------


@pytest.fixture
def tree(tmp_path) -> Path:
    """A copy of what installs and of the settings, whose packages are there already."""
    (tmp_path / ".ci").mkdir()
    (tmp_path / "site_config").mkdir()
    shutil.copy(TOP / ".ci/environment.py", tmp_path / ".ci")
    for name in ("__init__", "settings", "databases", "secret_files", "environment"):
        shutil.copy(TOP / f"site_config/{name}.py", tmp_path / "site_config")
    (tmp_path / ".venv/bin").mkdir(parents=True)
    # Its pip says yes to everything.
    python = tmp_path / ".venv/bin/python"
    python.write_text("#!/bin/sh\nexit 0\n")
    python.chmod(0o755)
    (tmp_path / "requirements.txt").write_text("")
    return tmp_path


def install(tree: Path, *arguments: str) -> None:
    subprocess.run([sys.executable, tree / ".ci/environment.py", *arguments], check=True, capture_output=True)


def test_installing_writes_no_settings_and_setting_up_for_a_developer_does(tree):
    install(tree)
    assert not (tree / ".env").exists()

    install(tree, "--env")
    assert (tree / ".env").stat().st_mode & 0o777 == 0o600
    assert environment.read_file(tree / ".env").keys() == {"DEBUG", "SECRET_KEY"}


@pytest.mark.parametrize(("target", "writes"), [("install", False), ("setup", True), ("setup-dev", True)])
def test_only_developers_targets_write_a_env(target, writes):
    steps = subprocess.run(["make", "-n", target], cwd=TOP, check=True, capture_output=True, text=True).stdout

    assert ("--env" in steps) is writes


def test_what_runs_for_real_is_told_to_install_only():
    text = (TOP / "docs/production.md").read_text()
    steps = "".join(re.findall(r"^```sh\n(.*?)^```", text, flags=re.M | re.S))

    assert re.findall(r"^make (\w+)", steps, flags=re.M) == ["install", "install"]


ASK = "from site_config import settings as s; print(s.DEBUG, s.SECRET_KEY, s.DATABASES['default']['ENGINE'])"


def ask_settings(tree: Path, **environ: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=tree,
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        timeout=60,
    )


REAL = {"SECRET_KEY": "of-the-store", "DATABASE_URL": "postgres://ecs@127.0.0.1/ecs"}


def test_a_developers_env_is_read_and_the_shell_says_the_last_word(tree):
    (tree / ".env").write_text(ENV_FILE)

    assert ask_settings(tree).stdout.split() == ["True", "of-a-developer", "site_config.sqlite3"]
    asked = ask_settings(tree, DATABASE_URL="postgres://x@y/z")
    assert asked.stdout.split() == ["True", "of-a-developer", "django.db.backends.postgresql"]


@pytest.mark.parametrize("left_over", [ENV_FILE, "DEBUG=true\nSTORE_CURRENCY=JPY\n", "no settings at all"])
def test_production_never_reads_an_env_that_was_left_over(tree, left_over):
    (tree / ".env").write_text(left_over)

    asked = ask_settings(tree, **REAL)

    assert asked.stdout.split() == ["False", "of-the-store", "django.db.backends.postgresql"], asked.stderr


@pytest.mark.parametrize(
    "known_by", [{"ALLOWED_HOSTS": "shop.example.org"}, {"TRUSTED_PROXIES": "1"}, {"DATABASE_URL_FILE": "/x"}]
)
def test_a_production_that_forgot_its_key_does_not_become_a_developers(tree, known_by):
    (tree / ".env").write_text(ENV_FILE)

    asked = ask_settings(tree, **known_by)

    assert asked.returncode != 0
    assert "of-a-developer" not in asked.stdout


def test_without_debug_the_store_chooses_no_database_itself(tree):
    asked = ask_settings(tree, SECRET_KEY="of-the-store")

    assert "DATABASE_URL is not set" in asked.stderr
    assert not (tree / "var").exists()


@pytest.mark.parametrize(
    ("line", "systemd", "shell"),
    [
        ("A=stripe  # and", {"A": "stripe  # and"}, {"A": "stripe"}),
        ("A='b' # c", {"A": "b# c"}, {"A": "b"}),
        ("# c \\\nA=b", {}, {"A": "b"}),
        ("A=b$HOME", {"A": "b$HOME"}, {"A": "b"}),
        ("A='b\\c'", {"A": "b\\c"}, {"A": "b\\c"}),
        ("export A=b", {}, {"A": "b"}),
    ],
)
def test_others_do_not_read_alike_what_we_refuse(line, systemd, shell, tmp_path):
    """A control: the two readers of this test differ where the real ones do."""
    path = tmp_path / "store.env"
    path.write_text(f"{line}\n")

    assert (as_systemd_does(path), as_a_shell_does("sh", path)) == (systemd, shell)


# --- one file, one meaning --------------------------------------------------------------------------


def examples() -> dict[str, str]:
    """The files of settings in our papers, with everything in them switched on."""
    production = (TOP / "docs/production.md").read_text()
    (block,) = re.findall(r"^```sh\n((?:#.*\n)?SECRET_KEY=.*?)^```", production, flags=re.M | re.S)
    example = (TOP / ".env.example").read_text()
    return {
        "docs/production.md": block,
        ".env.example": example,
        ".env.example, all of it": re.sub(r"^# ([A-Z_]+=)", r"\1", example, flags=re.M),
    }


@pytest.mark.parametrize("name", examples())
def test_systemd_a_shell_and_the_store_read_the_examples_alike(name, tmp_path):
    path = tmp_path / "store.env"
    path.write_text(examples()[name])

    values = environment.read_file(path)

    assert len(values) > 1
    assert values == as_systemd_does(path)
    assert values == as_a_shell_does("sh", path)
    assert values == as_a_shell_does("bash", path)


@pytest.mark.parametrize(
    "line",
    [
        "NAME=word",
        "NAME=",
        "NAME=''",
        "NAME='any words <a@b.c> # ; $x `y` \"z\"'",
        'NAME="it\'s; here # and"',
        "NAME=https://a.b/{z}?c=d,e:f@g%20[h]*",
        "NAME=word  \t",
        "NAME='a b' ",
        "# NAME=no",
        "NAME=ümlaut…©",
    ],
)
def test_what_we_read_the_others_read_alike(line, tmp_path):
    path = tmp_path / "store.env"
    path.write_text(f"FIRST=1\n{line}\nLAST=2\n")

    values = environment.read_file(path)

    assert values.items() >= {"FIRST": "1", "LAST": "2"}.items()
    assert values == as_systemd_does(path) == as_a_shell_does("sh", path) == as_a_shell_does("bash", path)


@pytest.mark.parametrize(
    "line",
    [
        "PAYMENT_PROVIDER=stripe  # and its keys",
        "DEFAULT_FROM_EMAIL=ECS Store <store@example.org>",
        "SECRET_KEY=a$b",
        "SECRET_KEY=a&b",
        "SECRET_KEY=a\\b",
        "SECRET_KEY='a'b",
        "SECRET_KEY='it''s'",
        'SECRET_KEY="a$b"',
        "SECRET_KEY='open",
        "SECRET_KEY=~",
        "SECRET_KEY = a",
        "export SECRET_KEY=a",
        "SECRET-KEY=a",
        "; a comment of systemd",
        "# a comment that goes on \\",
        "SECRET_KEY=a\r",
    ],
)
def test_what_could_be_read_in_two_ways_is_refused_and_not_shown(line, tmp_path):
    path = tmp_path / "store.env"
    path.write_text(f"FIRST=1\n{line}\n")

    with pytest.raises(ImproperlyConfigured, match=r"store\.env, line 2") as refused:
        environment.read_file(path)
    assert "a$b" not in str(refused.value)

    told = subprocess.run(
        [sys.executable, "-m", "site_config.environment", path], cwd=TOP, capture_output=True, text=True
    )
    assert told.returncode == 1
    assert "line 2" in told.stderr
    assert "Traceback" not in told.stderr


# --- strict values ----------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["ture", "true  # yes", "2", "ja", " true", "'true'"])
def test_a_yes_or_no_that_is_neither_is_refused(env, value):
    with pytest.raises(ImproperlyConfigured, match="DEMO_MONEY"):
        env(DEMO_MONEY=value).bool("DEMO_MONEY", default=False)


@pytest.mark.parametrize(("value", "meant"), [("True", True), ("on", True), ("0", False), ("No", False)])
def test_a_yes_is_a_yes_and_a_no_a_no(env, value, meant):
    assert env(DEMO_MONEY=value).bool("DEMO_MONEY", default=not meant) is meant


@pytest.mark.parametrize("value", ["1 # proxy", "one", "1.0", "1_0", "٣", "0x1", "9" * 30])
def test_a_number_that_is_none_is_refused(env, value):
    with pytest.raises(ImproperlyConfigured, match="TRUSTED_PROXIES"):
        env(TRUSTED_PROXIES=value).int("TRUSTED_PROXIES", default=0)


@pytest.mark.parametrize("value", ["stripe  # and its keys", '"stripe"', "stripe\r", "stripe "])
def test_a_comment_quotes_or_spaces_are_no_part_of_a_value(env, value):
    with pytest.raises(ImproperlyConfigured, match="PAYMENT_PROVIDER") as refused:
        env(PAYMENT_PROVIDER=value).str("PAYMENT_PROVIDER", default="demo")
    assert value not in str(refused.value)


def test_a_name_that_people_read_may_have_a_number_sign(env):
    assert env(SITE_NAME="Shop #1").str("SITE_NAME") == "Shop #1"


def test_a_password_is_taken_as_it_is(env):
    assert env(SECRET_KEY="$HOME\\$x").str("SECRET_KEY") == "$HOME\\$x"


def test_an_empty_value_is_as_good_as_none(env):
    empty = env(A="")

    assert empty.bool("A", default=True) is True
    assert empty.int("A", default=7) == 7
    assert empty.list("A", default=["b"]) == ["b"]
    assert empty.email_url("A", default="consolemail://")["EMAIL_BACKEND"].endswith("console.EmailBackend")
    with pytest.raises(ImproperlyConfigured, match="A is not set"):
        empty.str("A")


def test_a_list_takes_spaces_around_its_commas(env):
    assert env(ALLOWED_HOSTS="a.example, b.example,").list("ALLOWED_HOSTS") == ["a.example", "b.example"]


@pytest.mark.parametrize("value", ["smtp://mail.example.org:port", "mail.example.org", "pigeon://roof"])
def test_an_address_of_mail_that_is_none_is_refused_in_words(env, value):
    with pytest.raises(ImproperlyConfigured):
        env(EMAIL_URL=value).email_url("EMAIL_URL", default="consolemail://")


@pytest.mark.parametrize("url", ["postgress://a@b/c", "ecs", "oracle://a@b/c", "postgres://a@b:port/c"])
def test_a_database_that_we_do_not_know_is_refused_in_words(url, tmp_path):
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL must be"):
        databases.from_url(url, debug=False, test_folder=tmp_path)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", {}),
        ("DE:standard=1900,reduced=700", {"DE": {"standard": 1900, "reduced": 700}}),
        (
            "DE:standard=1900 AT:low=550,standard=2000",
            {"DE": {"standard": 1900}, "AT": {"low": 550, "standard": 2000}},
        ),
    ],
)
def test_rates_of_tax_are_read(env, typed, read):
    assert env(TAX_RATES=typed).tax_rates("TAX_RATES") == read


@pytest.mark.parametrize(
    "typed",
    [
        "DE",
        "DE:",
        "DE:reduced=700",
        "DE:standard=19%",
        "DE:standard=10001",
        "de:standard=1900",
        "DE:standard=1900,standard=700",
        "DE:standard=1900 DE:standard=700",
        "DE:standard=1900,none=0",
        "DE:standard=1900;AT:standard=2000",
    ],
)
def test_rates_of_tax_that_nobody_means_are_refused(env, typed):
    with pytest.raises(ImproperlyConfigured, match="TAX_RATES must be"):
        env(TAX_RATES=typed).tax_rates("TAX_RATES")
