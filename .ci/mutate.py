#!/usr/bin/env python3
"""Do the tests notice? Changes one thing in a service, runs the tests of that line, and tells what they missed.

    make mutate                                    # 60 of them, drawn by seed 1
    make mutate MUTATE="--seed 7 --sample 20"
    make mutate MUTATE="--only marketplace/wallet/services/holds.py:104"

Works on copies of the tree, never on the tree itself. First the domains' tests run once, to learn which test runs
which line; then two copies work through the sample. .ci/survivors.txt answers changes without an effect, each with
a word.
"""

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from coverage import CoverageData

TOP = Path(__file__).resolve().parent.parent
DOMAINS = ("wallet", "orders", "delivery")  # what moves money or goods
MORE = (
    "marketplace/products/prices.py",
    "marketplace/products/services/stock.py",
    "marketplace/common/idempotency.py",
)
PATIENCE = 300  # seconds; a change that makes a test go on for ever is noticed
TURNED = {
    ast.Lt: (">=", "<="),
    ast.LtE: (">", "<"),
    ast.Gt: ("<=", ">="),
    ast.GtE: ("<", ">"),
    ast.Eq: ("!=",),
    ast.NotEq: ("==",),
    ast.In: ("not in",),
    ast.NotIn: ("in",),
    ast.Is: ("is not",),
    ast.IsNot: ("is",),
}


@dataclass(frozen=True)
class Change:
    """The text from `start` to `end` (bytes of the file) becomes `text`. `line` is where its statement begins."""

    path: str
    line: int
    statement: int
    start: int
    end: int
    text: str

    def apply(self, source: bytes) -> bytes:
        return source[: self.start] + self.text.encode() + source[self.end :]

    def shown(self, source: bytes) -> str:
        """The line as it is, and as it becomes."""
        before, after = (
            text.decode().splitlines()[self.line - 1].strip() for text in (source, self.apply(source))
        )
        return f"{before} → {after}"


def changes_in(path: str) -> Iterator[Change]:
    """Every change that can be made to what a module's functions do."""
    source = (TOP / path).read_bytes()
    starts = [0]
    for row in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(row))

    def place(node: ast.expr | ast.stmt) -> tuple[int, int]:
        return starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset

    def visit(node: ast.AST, statement: int) -> Iterator[Change]:
        if isinstance(node, ast.stmt):
            statement = node.lineno
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            between = (place(node.left)[1], place(node.comparators[0])[0])
            bare = not {*b"()"} & {*source[slice(*between)]}
            for text in TURNED[type(node.ops[0])] if bare else ():
                yield Change(path, node.left.end_lineno, statement, *between, f" {text} ")
        elif isinstance(node, (ast.If, ast.IfExp)):
            for text in ("True", "False"):
                yield Change(path, node.test.lineno, statement, *place(node.test), text)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield Change(path, node.lineno, statement, *place(node), "pass")
        elif isinstance(node, ast.Constant) and type(node.value) is int:
            yield Change(path, node.lineno, statement, *place(node), str(node.value + 1))
        elif isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
            between = (place(node.left)[1], place(node.right)[0])
            text = " - " if isinstance(node.op, ast.Add) else " + "
            if source[slice(*between)].strip() in (b"+", b"-"):
                yield Change(path, node.left.end_lineno, statement, *between, text)
        for name, value in ast.iter_fields(node):
            if name in ("decorator_list", "returns", "annotation"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from visit(child, statement)

    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            for inner in node.body:
                if not isinstance(inner, ast.FunctionDef):
                    yield from visit(inner, inner.lineno)


def all_changes() -> list[Change]:
    files = [
        str(path.relative_to(TOP))
        for domain in DOMAINS
        for path in sorted((TOP / "marketplace" / domain).rglob("*.py"))
        if path.parent.name == "services" or path.name in ("services.py", "ledger.py")
    ]
    there = [name for name in (*files, *MORE) if (TOP / name).exists()]
    return sorted(
        {change for name in there for change in changes_in(name)},
        key=lambda one: (one.path, one.start, one.text),
    )


def copy_of_the_tree(parent: Path, name: str) -> Path:
    """The files that git knows or would take, with the environment of this tree."""
    top = parent / name
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=TOP, capture_output=True, check=True).stdout.decode()
    for file in filter(None, names.split("\0")):
        if (TOP / file).is_file() and not (TOP / file).is_symlink():
            (top / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(TOP / file, top / file)
    (top / ".venv").symlink_to((TOP / ".venv").resolve())
    return top


def run_tests(top: Path, *arguments: str, patience: int | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--reuse-db", *arguments]
    environ = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    return subprocess.run(
        command, cwd=top, env=environ, capture_output=True, text=True, timeout=patience, check=False
    )


def tests_by_line(top: Path, workers: int) -> dict[str, dict[int, list[str]]]:
    """Which tests run which line: path → line → tests."""
    folders = [f"marketplace/{name}/tests" for name in (*DOMAINS, "products", "common")]
    done = run_tests(top, f"-n{workers}", "--cov", "--cov-context=test", "--cov-report=", *folders)
    if done.returncode:
        sys.exit(f"The tests fail without any change:\n{done.stdout[-3000:]}")
    return read_contexts(top / ".coverage", top)


def read_contexts(file: Path, top: Path) -> dict[str, dict[int, list[str]]]:
    data = CoverageData(str(file))
    data.read()
    found = {}
    for name in data.measured_files():
        lines = defaultdict(list)
        for line, contexts in data.contexts_by_lineno(name).items():
            lines[line] = sorted({context.rpartition("|")[0] for context in contexts if context})
        found[str(Path(name).relative_to(top))] = lines
    return found


def tests_of(change: Change, lines: dict[str, dict[int, list[str]]]) -> list[str]:
    """The core's tests that run a change's statement: of its module first, then of its domain, then the others'."""
    tests = [
        test
        for test in lines.get(change.path, {}).get(change.statement, [])
        if test.startswith("marketplace/")
    ]
    random.Random(change.path).shuffle(tests)
    own, stem = "/".join(change.path.split("/")[:2]) + "/", Path(change.path).stem[:5]
    return sorted(tests, key=lambda test: (stem not in test.partition("::")[0], not test.startswith(own)))


def is_noticed(top: Path, change: Change, tests: list[str]) -> bool:
    """Whether one of the tests fails with the change. The copy is as it was afterwards."""
    target = top / change.path
    source = target.read_bytes()

    def put(content: bytes) -> None:
        target.write_bytes(content)
        for compiled in (target.parent / "__pycache__").glob(f"{target.stem}.*"):
            compiled.unlink()

    try:
        put(change.apply(source))
        # A few dozen find most; pytest runs tests file by file, so that the likely ones go in a batch of their own.
        batches = (tests[:40], tests[40:])
        return any(run_tests(top, "-x", *batch, patience=PATIENCE).returncode for batch in batches if batch)
    except subprocess.TimeoutExpired:
        shutil.rmtree(top / "var", ignore_errors=True)  # a database that nobody tidied up
        return True
    finally:
        put(source)


def answered() -> set[tuple[str, str]]:
    rows = (TOP / ".ci" / "survivors.txt").read_text().splitlines()
    return {tuple(row.split(" | ")[:2]) for row in rows if row and not row.startswith("#")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sample", type=int, default=60)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", help="path:line[-line]: every change that begins there")
    parser.add_argument(
        "--contexts", type=Path, help="a .coverage of this very tree, made with --cov-context=test"
    )
    asked = parser.parse_args()
    changes = all_changes()
    if asked.only:
        path, _, lines = asked.only.partition(":")
        first, _, last = lines.partition("-")
        changes = [
            one for one in changes if one.path == path and int(first) <= one.line <= int(last or first)
        ]
    else:
        changes = random.Random(asked.seed).sample(changes, k=min(asked.sample, len(changes)))
    known, words, noticed = answered(), 0, 0
    shown = {change: change.shown((TOP / change.path).read_bytes()) for change in changes}
    with tempfile.TemporaryDirectory(prefix="mutate-") as folder:
        trees: SimpleQueue[Path] = SimpleQueue()
        copies = [copy_of_the_tree(Path(folder), f"tree-{number}") for number in range(asked.workers)]
        for top in copies:
            trees.put(top)
        if asked.contexts:
            lines = read_contexts(asked.contexts, asked.contexts.resolve().parent)
        else:
            lines = tests_by_line(copies[0], asked.workers)

        def ask(change: Change) -> tuple[Change, bool, int]:
            tests, top = tests_of(change, lines), trees.get()
            try:
                return change, bool(tests) and is_noticed(top, change, tests), len(tests)
            finally:
                trees.put(top)

        with ThreadPoolExecutor(asked.workers) as pool:
            for change, was_noticed, number in pool.map(ask, changes):
                word = (change.path, shown[change]) in known
                answer = "noticed" if was_noticed else "answered" if word else "MISSED"
                print(f"{answer:8} {change.path}:{change.line} [{number} tests]  {shown[change]}", flush=True)
                noticed += was_noticed
                words += word and not was_noticed
    counted = len(changes) - words
    print(
        f"{noticed} of {counted} noticed ({100 * noticed / max(1, counted):.1f} %), {words} answered by a word."
    )
    if noticed < 0.95 * counted:
        sys.exit("Fewer than 95 %: a test is missing, or a word in .ci/survivors.txt.")


main()
