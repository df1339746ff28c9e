#!/usr/bin/env python3
"""How much of each package the tests run (lines and branches), beside what it was: `make coverage`.

Reads .coverage, which the tests wrote, and .ci/covered.txt, which is committed. Fails where a package has fallen
by more than chance explains, and for one that has no number yet; `--write` commits to the new numbers.
"""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
KEPT = TOP / ".ci" / "covered.txt"
# Threads, made-up examples and races end a little differently each time.
CHANCE = 0.3


def package_of(path: str) -> str:
    parts = Path(path).parts
    return "/".join(parts[:2]) if parts[0] == "marketplace" and len(parts) > 2 else parts[0]


def measured() -> dict[str, float]:
    """Percent of the lines and branches together, a package."""
    command = [sys.executable, "-m", "coverage", "json", "-q", "-o", "-"]
    report = json.loads(subprocess.run(command, cwd=TOP, check=True, capture_output=True, text=True).stdout)
    run, there = Counter(), Counter()
    for path, file in report["files"].items():
        total, package = file["summary"], package_of(path)
        run[package] += total["covered_lines"] + total["covered_branches"]
        there[package] += total["num_statements"] + total["num_branches"]
    return {package: 100 * run[package] / number for package, number in sorted(there.items()) if number}


def kept() -> dict[str, float]:
    rows = (line.split() for line in KEPT.read_text().splitlines()) if KEPT.exists() else ()
    return {package: float(percent) for percent, package in rows}


def main() -> None:
    now, before = measured(), kept()
    fallen = [name for name, percent in now.items() if percent < before.get(name, 0) - CHANCE]
    for name, percent in now.items():
        was = f"was {before[name]:.1f}" if name in before else "new"
        print(f"{name:32} {percent:6.1f} %   {was}{'   FALLEN' if name in fallen else ''}")
    if "--write" in sys.argv:
        KEPT.write_text("".join(f"{percent:5.1f} {name}\n" for name, percent in now.items()))
    elif new := now.keys() - before.keys():
        sys.exit(f"Nothing could fall in {', '.join(sorted(new))}: keep the numbers with COVERAGE=--write.")
    elif fallen:
        sys.exit(f"The tests run less of {', '.join(fallen)} than before: add the tests that are missing.")


main()
