"""The house is closed: a new package has to be placed before it passes (import-linter, in `make lint`)."""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

TOP = Path(settings.BASE_DIR)
LINTER = tomllib.loads((TOP / "pyproject.toml").read_text())["tool"]["importlinter"]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """The rooms of the house without their furniture: every module is there and empty."""
    for package in LINTER["root_packages"]:
        for module in (TOP / package).rglob("*.py"):
            copy = tmp_path / module.relative_to(TOP)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.touch()
    shutil.copy(TOP / "pyproject.toml", tmp_path)
    return tmp_path


def lint(house: Path) -> str:
    """What import-linter says about it; empty if it has nothing to say."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()"]
    answer = subprocess.run(
        [*command, "--no-cache"],
        cwd=house,
        env={**os.environ, "PYTHONPATH": str(house)},
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout + answer.stderr if answer.returncode else ""


def furnish(house: Path, package: str, imports: str = "") -> None:
    (house / package).mkdir()
    (house / package / "__init__.py").write_text(imports)


def test_the_rooms_as_they_are_pass(house):
    assert lint(house) == ""


def test_a_new_domain_in_its_place_passes(house):
    furnish(house, "marketplace/auctions", "import marketplace.orders\nimport marketplace.delivery\n")

    assert lint(house) == ""


def test_a_new_domain_without_a_place_is_refused(house):
    furnish(house, "marketplace/lottery")

    assert "- marketplace.lottery" in lint(house)


@pytest.mark.parametrize(
    "above",
    ["shop", "site_config", "marketplace.seller_dashboard", "marketplace.web", "marketplace.returns"],
)
def test_a_new_domain_looks_neither_up_nor_aside(house, above):
    furnish(house, "marketplace/returns")
    furnish(house, "marketplace/auctions", f"import {above}\n")

    assert f" is not allowed to import {above}:" in lint(house)


STEPS = [
    *("delivery.services.finishing", "delivery.services.jobs", "orders.services.cancelling"),
    *("orders.services.placing", "orders.services.returning", "orders.services.settlement"),
    "orders.services.shipments",
    "reviewing.services.steps",
]


def test_a_face_does_not_reach_for_the_steps_inside_a_service(house):
    """They ask nobody whether they may; this list stands twice, so that neither can be emptied by mistake."""
    imports = "".join(f"import marketplace.{step}\n" for step in STEPS)
    (house / "shop" / "urls.py").write_text(imports)

    complaints = lint(house)

    assert [step for step in STEPS if f"shop.urls -> marketplace.{step}" not in complaints] == []


def packages_in(folder: Path) -> Iterator[str]:
    """The folders that hold code of ours, whether or not they have an __init__.py."""
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink() and path.name.isidentifier() and any(path.glob("*.py")):
            yield path.name


def test_every_package_at_the_top_is_looked_at():
    """Another one belongs into root_packages and into the layers; e2e is tests alone."""
    assert {*packages_in(TOP)} == {*LINTER["root_packages"], "e2e"}


def test_every_folder_of_the_core_is_a_package():
    """The linter follows packages: a folder without __init__.py would be outside of its sight."""
    core = TOP / "marketplace"
    bare = [name for name in packages_in(core) if not (core / name / "__init__.py").exists()]

    assert bare == []
