"""Make this machine ready: .venv with the pinned requirements and, with --env, a developer's .env.

Needs nothing but Python's standard library. A stamp in .venv says which requirements it holds, so
that a second call costs milliseconds.
"""

import hashlib
import os
import secrets
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
VENV = TOP / ".venv"
PYTHON = VENV / "bin" / "python"


def say(text: str) -> None:
    print(text, flush=True)


def stop(text: str) -> None:
    sys.exit(f"\n{text}\n")


def make_venv() -> None:
    if PYTHON.exists():
        return
    say(f"Making .venv with Python {sys.version.split()[0]} …")
    if subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)]).returncode:
        stop(
            "Python cannot make a virtual environment here. On Debian and Ubuntu its venv module is a"
            " package of its own:\n    apt-get install python3-venv"
        )


def install(name: str) -> None:
    """Install the requirements file `name` unless the stamp says that it is there already."""
    wanted = TOP / name
    if not wanted.exists():
        stop(f"There is no {name}; WITH takes celery and s3.")
    stamp = VENV / f".{name}.sha256"
    digest = hashlib.sha256(wanted.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    say(f"Installing {name} into .venv (a minute or two, once) …")
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "-qq"]
    if subprocess.run([*pip, "--require-hashes", "-r", str(wanted)]).returncode:
        stop(f"pip could not install {name}; its own words are above. Is there a way to the internet?")
    stamp.write_text(digest)


def write_env() -> None:
    """Settings for a developer's machine, made once and never touched again. A store that is run for real has none."""
    path = TOP / ".env"
    if path.exists():
        return
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(
            "# Settings of this machine; .env.example lists every one.\n"
            "DEBUG=true\n"
            f"SECRET_KEY={secrets.token_hex(32)}\n"
        )
    say("Wrote .env (DEBUG=true and a random SECRET_KEY).")


make_venv()
install("requirements.txt")
for group in sys.argv[1:]:  # --dev, or what some stores need beside it: celery, s3
    if group != "--env":
        install(f"requirements-{group.removeprefix('--')}.txt")
if "--env" in sys.argv[1:]:
    write_env()
