"""Commit subjects fit where people read them: in lists, blames and mails."""

import shutil
import subprocess

import pytest
from django.conf import settings

# The commit after which it is asked (00eb943). A date, so that a shallow clone can be asked, too.
SINCE = "2026-11-22T14:06:37+00:00"
MOST = 72
LEAST_WORDS = 3


def git(*arguments: str) -> str:
    if not shutil.which("git"):
        pytest.skip("no git")
    answer = subprocess.run(
        ["git", *arguments], cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )
    if answer.returncode:
        pytest.skip(f"no history here: {answer.stderr.strip()}")
    return answer.stdout


def test_subjects_are_short():
    """git itself cuts off what is longer; what more there is to say goes into the body."""
    subjects = git("log", f"--since={SINCE}", "--no-merges", "--format=%s").splitlines()

    assert [subject for subject in subjects if len(subject) > MOST] == []


def test_subjects_say_what_changed():
    subjects = git("log", f"--since={SINCE}", "--no-merges", "--format=%s").splitlines()

    assert [subject for subject in subjects if len(subject.split()) < LEAST_WORDS] == []
