"""pytest as this project runs it, over a file of a test's own."""

import shutil
import subprocess
import sys
from pathlib import Path

from django.conf import settings


def run_pytest(
    tmp_path: Path, text: str, *options: str, place: str = "test_it.py", migrated: str = "-"
) -> subprocess.CompletedProcess[str]:
    """Run pytest as this project does, over one file in a copy of what it needs.

    `migrated` is SQLite's pattern (the fixture), so that it need not be made anew.
    """
    file = tmp_path / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    shutil.copy(settings.BASE_DIR / "pyproject.toml", tmp_path)
    pattern = settings.VAR_DIR / f"{tmp_path.name}.sqlite3_pattern"
    if Path(migrated).is_file():
        shutil.copy(migrated, pattern)
    try:
        return _run(tmp_path, file, options)
    finally:
        pattern.unlink(missing_ok=True)


def _run(tmp_path: Path, file: Path, options: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, str(file)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(settings.BASE_DIR), "PATH": "", "TEST_DATABASE_NAME": tmp_path.name},
        capture_output=True,
        text=True,
        timeout=600,
    )
