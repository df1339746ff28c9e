"""How others read a file of settings: systemd's EnvironmentFile= and a real shell."""

import re
import subprocess
from pathlib import Path

NEWLINE, SPACE = "\n\r", " \t"


def as_systemd_does(path: Path) -> dict[str, str]:
    """The variables that EnvironmentFile= makes of the file, as systemd before 254 reads it.

    What it does, sign by sign, is in systemd's src/basic/env-file.c: after a closing quote a value may go on, white
    space around it is dropped, a backslash takes the next sign along, and in a comment even the end of the line.
    """
    text = path.read_text(encoding="utf-8")
    values: dict[str, str] = {}
    at = 0
    while at < len(text):
        if text[at] in NEWLINE + SPACE:
            at += 1
        elif text[at] in "#;":
            while at < len(text) and text[at] not in NEWLINE:
                at += 2 if text[at] == "\\" else 1
        else:
            start = at
            while at < len(text) and text[at] not in NEWLINE + "=":
                at += 1
            name = text[start:at].rstrip(SPACE)
            if at < len(text) and text[at] == "=":
                value, at = _value(text, at + 1)
                if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
                    values[name] = value
    return values


def _value(text: str, at: int) -> tuple[str, int]:
    """The value that begins at `at`, and where its line ends. Quotes count only in front of unquoted signs."""
    value = ""
    while at < len(text) and text[at] not in NEWLINE:
        if text[at] in SPACE:
            at += 1
        elif text[at] == "'":
            end = text.find("'", at + 1) % (len(text) + 1)
            value, at = value + text[at + 1 : end], end + 1
        elif text[at] == '"':
            part, at = _in_double_quotes(text, at + 1)
            value += part
        else:
            part, at = _unquoted(text, at)
            return value + part, at
    return value, at


def _in_double_quotes(text: str, at: int) -> tuple[str, int]:
    value = ""
    while at < len(text) and text[at] != '"':
        if text[at] == "\\" and at + 1 < len(text):
            at += 1
            value += text[at] if text[at] in '"\\`$' else "" if text[at] == "\n" else f"\\{text[at]}"
        else:
            value += text[at]
        at += 1
    return value, at + 1


def _unquoted(text: str, at: int) -> tuple[str, int]:
    value, keep = "", 0
    while at < len(text) and text[at] not in NEWLINE:
        if text[at] == "\\" and at + 1 < len(text):
            at += 1
            value += "" if text[at] in NEWLINE else text[at]
            keep = len(value)
        else:
            value += text[at]
            keep = keep if text[at] in SPACE else len(value)
        at += 1
    return value[:keep], at


def as_a_shell_does(shell: str, path: Path) -> dict[str, str]:
    """The variables that `set -a; . FILE` makes in `shell`, which must get to the file's end."""
    script = f"set -a; . {path}; echo the-end >&2; exec env -0"
    done = subprocess.run(  # noqa: S603
        [f"/bin/{shell}", "-c", script], env={}, capture_output=True, check=True, timeout=20
    )
    if "the-end" not in done.stderr.decode():
        raise AssertionError(f"{shell} did not get to the end of the file")
    pairs = (pair.split("=", 1) for pair in done.stdout.decode().split("\0") if pair)
    return {name: value for name, value in pairs if name not in ("PWD", "OLDPWD", "SHLVL", "_")}
