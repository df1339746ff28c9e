"""Reads code far enough to know which model's rows an expression is: for the guards (test_guards.py).

It follows imports (by importing the module), annotations, assignments, loops, foreign keys and Django's
managers. What it cannot follow is unknown, and no guess.
"""

import ast
import builtins
import importlib
import inspect
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Manager, Model, QuerySet
from django.db.models.fields.files import FieldFile

TOP = Path(settings.BASE_DIR)


@dataclass(frozen=True)
class Rows:
    """A manager or a query of this model."""

    model: type[Model]


@dataclass(frozen=True)
class One:
    """An object of this class."""

    kind: type


@dataclass(frozen=True)
class Many:
    """Something that gives these when it is gone through, or looked up in."""

    each: "Known"


@dataclass(frozen=True)
class Several:
    """A tuple of these."""

    parts: tuple["Known", ...]


@dataclass(frozen=True)
class Thing:
    """A module, class or function itself."""

    value: object


Known = Rows | One | Many | Several | Thing | None

ONE_OF_ROWS = {"get", "first", "last", "earliest", "latest", "create"}
ONE_AND_WHETHER = {"get_or_create", "update_or_create"}
NO_ROWS = {"values", "values_list", "count", "exists", "aggregate", "update", "delete", "dates", "datetimes"}
THE_SAME = {"list", "sorted", "iter", "tuple", "set", "reversed"}


def modules(*folders: str) -> Iterator[Path]:
    """The code in these folders that runs in the store: no tests, no migrations."""
    for folder in folders:
        for path in sorted((TOP / folder).rglob("*.py")):
            if not {"tests", "testing", "acts", "migrations"} & set(path.relative_to(TOP).parts):
                yield path


def import_path(path: Path) -> types.ModuleType:
    parts = path.relative_to(TOP).with_suffix("").parts
    return importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))


def from_hint(hint: object, first: Known = None) -> Known:
    """What an annotation promises; a type variable stands for the rows of the `first` argument."""
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if isinstance(hint, typing.TypeVar):
        return (
            One(first.value) if isinstance(first, Thing) and inspect.isclass(first.value) else element(first)
        )
    if origin in (typing.Union, types.UnionType):
        return next((known for part in inside if (known := from_hint(part, first))), None)
    if origin is tuple and Ellipsis not in inside:
        return Several(tuple(from_hint(part, first) for part in inside))
    if inspect.isclass(origin) and issubclass(origin, (QuerySet, Manager)):
        known = from_hint(inside[0], first)
        return Rows(known.kind) if isinstance(known, One) and issubclass(known.kind, Model) else None
    if origin is type:
        return Thing(inside[0])
    if inside and inspect.isclass(origin):
        return Many(from_hint([part for part in inside if part is not Ellipsis][-1], first))
    return One(hint) if inspect.isclass(hint) and hint is not type(None) else None


def hint_of(function: object, name: str = "return", first: Known = None) -> Known:
    try:
        return from_hint(typing.get_type_hints(function).get(name), first)
    except (NameError, TypeError, AttributeError):  # imported for type checkers only, or no function at all
        return None


def element(known: Known) -> Known:
    """What one gets by going through it."""
    if isinstance(known, Rows):
        return One(known.model)
    return known.each if isinstance(known, Many) else None


def attribute(known: Known, name: str) -> Known:
    """What `known.name` is."""
    match known:
        case Thing(value):
            inner = inspect.getattr_static(value, name, None) if inspect.isclass(value) else None
            found = getattr(value, name, None)
            if isinstance(found, (Manager, QuerySet)):
                return Rows(found.model)
            return Thing(inner if isinstance(inner, property) else found) if found is not None else None
        case One(kind) if issubclass(kind, Model) and kind is not Model:
            return _field(kind, name) or hint_of(_getter(kind, name))
        case One(kind):
            return hint_of(kind, name) or hint_of(_getter(kind, name))
    return None


def _getter(kind: type, name: str) -> object:
    found = inspect.getattr_static(kind, name, None)
    return getattr(found, "fget", None) or getattr(found, "func", None)


def _field(model: type[Model], name: str) -> Known:
    for relation in model._meta.related_objects:
        if relation.get_accessor_name() == name:
            return One(relation.related_model) if relation.one_to_one else Rows(relation.related_model)
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    if field.is_relation and field.related_model:
        return Rows(field.related_model) if field.many_to_many else One(field.related_model)
    return One(FieldFile) if hasattr(field, "upload_to") else One(type(field))


@dataclass(frozen=True)
class Call:
    """`on.name(first, …)`, or `name(first, …)` where it is on nothing; `called` is what is behind the name."""

    line: int
    name: str
    on: Known
    called: Known
    first: Known


class Reader(ast.NodeVisitor):
    """Goes through a module and notes its `calls` and the `texts` in it, with their lines."""

    def __init__(self, source: str, module: types.ModuleType) -> None:
        self.module = module
        self.tree = ast.parse(source)
        self.names: dict[str, Known] = {}
        self.calls: list[Call] = []
        self.texts = [
            (node.lineno, node.value)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        self.visit(self.tree)

    @classmethod
    def of(cls, path: Path) -> Self:
        return cls(path.read_text(), import_path(path))

    # --- what an expression is ---

    def what(self, node: ast.expr | None) -> Known:
        match node:
            case ast.Name(id=name):
                return self._name(name)
            case ast.Attribute(value=value, attr=name):
                return attribute(self.what(value), name)
            case ast.Call():
                return self._call(node)
            case ast.Subscript(value=value, slice=index):
                known = self.what(value)
                if isinstance(known, Several):
                    at = index.value if isinstance(index, ast.Constant) else None
                    return known.parts[at] if isinstance(at, int) and at < len(known.parts) else None
                return known if isinstance(index, ast.Slice) else element(known)
            case ast.IfExp(body=one, orelse=other):
                return self.what(one) or self.what(other)
            case ast.BoolOp(values=values):
                return next((known for value in values if (known := self.what(value))), None)
            case ast.NamedExpr(value=value):
                return self.what(value)
            case ast.ListComp(elt=each) | ast.GeneratorExp(elt=each) | ast.SetComp(elt=each):
                return Many(self.what(each))
            case ast.DictComp(value=each):
                return Many(self.what(each))
            case ast.List(elts=[each, *_]) | ast.Set(elts=[each, *_]):
                return Many(self.what(each))
            case ast.Tuple(elts=parts):
                return Several(tuple(self.what(part) for part in parts))
        return None

    def _name(self, name: str) -> Known:
        if name in self.names:
            return self.names[name]
        value = getattr(self.module, name, getattr(builtins, name, None))
        if isinstance(value, (Manager, QuerySet)):
            return Rows(value.model)
        return Thing(value) if value is not None else None

    def _call(self, node: ast.Call) -> Known:
        first = self.what(node.args[0]) if node.args else None
        match node.func:
            case ast.Name(id=name) if name in THE_SAME and name not in self.names:
                return Many(element(first))
            case ast.Name(id="next"):
                return element(first)
            case ast.Attribute(value=value, attr=name):
                known = self.what(value)
                if isinstance(known, Rows):
                    return self._of_rows(known, name)
                if isinstance(known, Many):
                    return self._of_many(known, name)
                if isinstance(known, One):
                    return hint_of(inspect.getattr_static(known.kind, name, None), first=known)
        called = self.what(node.func)
        if not isinstance(called, Thing):
            return None
        if inspect.isclass(called.value):
            return One(called.value)
        return hint_of(called.value, first=first)

    def _of_rows(self, rows: Rows, name: str) -> Known:
        if name in ONE_OF_ROWS:
            return One(rows.model)
        if name in ONE_AND_WHETHER:
            return Several((One(rows.model), None))
        if name == "in_bulk":
            return Many(One(rows.model))
        return None if name in NO_ROWS - {"values", "values_list"} else rows

    def _of_many(self, many: Many, name: str) -> Known:
        if name == "items":
            return Many(Several((None, many.each)))
        if name == "values":
            return many
        return many.each if name in ("get", "pop") else None

    # --- what names mean, from top to bottom ---

    def visit_Import(self, node: ast.Import) -> None:
        for asked in node.names:
            top = asked.name if asked.asname else asked.name.partition(".")[0]
            self._bind_import(asked.asname or top, top)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        where = "." * node.level + (node.module or "")
        for asked in node.names:
            self._bind_import(asked.asname or asked.name, where, asked.name)

    def _bind_import(self, name: str, module: str, member: str = "") -> None:
        """What an import in a function, or for type checkers only, brings; those on top the module has itself."""
        try:
            value: object = importlib.import_module(module, self.module.__package__)
            if member and not hasattr(value, member):  # a module of that package
                value = importlib.import_module(f"{value.__name__}.{member}")
            elif member:
                value = getattr(value, member)
        except ImportError:  # an optional package
            self.names[name] = None
            return
        self.names[name] = Rows(value.model) if isinstance(value, (Manager, QuerySet)) else Thing(value)

    def _bind(self, target: ast.expr, known: Known) -> None:
        match target:
            case ast.Name(id=name):
                self.names[name] = known
            case ast.Tuple(elts=parts):
                known = known.parts if isinstance(known, Several) else [None] * len(parts)
                for part, each in zip(parts, known, strict=False):
                    self._bind(part, each)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        outside = dict(self.names)
        for given in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]:
            self.names[given.arg] = self._annotated(given.annotation)
        self.generic_visit(node)
        self.names = outside

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        outside = dict(self.names)
        self.names["self"] = (
            One(value) if inspect.isclass(value := getattr(self.module, node.name, None)) else None
        )
        self.generic_visit(node)
        self.names = outside

    def _annotated(self, annotation: ast.expr | None) -> Known:
        if annotation is None:
            return None
        imported = {name: known.value for name, known in self.names.items() if isinstance(known, Thing)}
        try:
            return from_hint(eval(ast.unparse(annotation), vars(self.module) | imported))
        except (NameError, TypeError, AttributeError, SyntaxError):
            return None

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        for target in node.targets:
            self._bind(target, self.what(node.value))

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.generic_visit(node)
        self._bind(node.target, self._annotated(node.annotation) or self.what(node.value))

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.generic_visit(node)
        self._bind(node.target, self.what(node.value))

    def visit_For(self, node: ast.For) -> None:
        self._bind(node.target, element(self.what(node.iter)))
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self._bind(node.target, element(self.what(node.iter)))
        self.generic_visit(node)

    def _visit_comprehended(self, node: ast.expr) -> None:
        for generator in node.generators:
            self.visit(generator)
        for part in ast.iter_child_nodes(node):
            if not isinstance(part, ast.comprehension):
                self.visit(part)

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = _visit_comprehended

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        first = self.what(node.args[0]) if node.args else None
        match node.func:
            case ast.Name(id=name):
                self.calls.append(Call(node.lineno, name, None, self.what(node.func), first))
            case ast.Attribute(value=value, attr=name):
                self.calls.append(Call(node.lineno, name, self.what(value), self.what(node.func), first))
                if name == "append" and isinstance(value, ast.Name) and element(self.what(value)) is None:
                    self.names[value.id] = Many(first)
