"""The faults that are known: one folder each, read once, compiled once, wrong ones refused with every error at once.

A fault's code is its folder, ``<layer>/<fault>``. The product's own are in ``faults/``; teams add directories like it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml
from jinja2.exceptions import TemplateError

from pyremediate import strict_yaml
from pyremediate.diagnosis import catalogue_schema as schema
from pyremediate.diagnosis.conditions import Condition, Text, Values
from pyremediate.errors import UsageError
from pyremediate.model import LEGS
from pyremediate.paths import collection_root

# From the ground up: what stands on a layer cannot work while the layer does not.
LAYERS = (
    "hardware", "network", "resources", "dns", "firewall", "packages", "tls", "postfix", "dovecot", "milter",
    "services", "data", "users",
)  # fmt: skip
LEG_NAMES = tuple(f"{path}.{leg}" for path, legs in LEGS.items() for leg in legs)


@dataclass(frozen=True)
class RemedyTemplate:
    """A remedy before its variables are filled in from the evidence."""

    name: str
    class_: str
    title: str
    role: str
    tasks: str
    variables: Values
    checkpoint: Values
    when: tuple[Condition, ...] = ()
    otherwise: Text | None = None
    on: Values = field(default_factory=lambda: Values(""))


@dataclass(frozen=True)
class Fault:
    """One fault, ready to be judged."""

    code: str
    title: str
    layer: str
    severity: str
    scope: str
    when: tuple[Condition, ...]
    impact: tuple[Condition, ...]  # without which no mail suffers from it
    evidence: tuple[Text, ...]
    legs: tuple[str, ...]
    explains: tuple[str, ...]  # codes, as patterns
    explains_legs: tuple[str, ...]  # symptoms, as patterns of leg names
    remedies: tuple[RemedyTemplate, ...]
    escalate: tuple[Text, ...]
    prevention: tuple[str, ...]
    folder: Path
    recordings_only: str = ""  # why the lab cannot make it

    @property
    def rank(self) -> tuple[int, str]:
        """From the ground up."""
        return LAYERS.index(self.layer), self.code


@dataclass(frozen=True)
class Catalogue:
    """All known faults, from the ground up."""

    faults: tuple[Fault, ...]

    def get(self, code: str) -> Fault:
        """One fault by its code. Raises ``UsageError`` that names the nearest ones."""
        for fault in self.faults:
            if fault.code == code:
                return fault
        near = [fault.code for fault in self.faults if code.rpartition("/")[2] in fault.code]
        raise UsageError(f"there is no fault {code}; perhaps {', '.join(near) or 'one of: pyremediate faults list'}")

    def explained_by(self, fault: Fault) -> frozenset[str]:
        """The codes of the faults that follow from this one."""
        return frozenset(
            other.code
            for other in self.faults
            if other.code != fault.code and any(fnmatchcase(other.code, pattern) for pattern in fault.explains)
        )


def load(directories: Iterable[Path] = (), builtin: bool = True) -> Catalogue:
    """The product's faults, if wanted, and those of further directories. Raises ``UsageError`` with every error, one a line."""
    faults: dict[str, Fault] = {}
    errors: list[str] = []
    for directory in (*((product_faults(),) if builtin else ()), *directories):
        if not directory.is_dir():
            errors.append(f"{directory}: there is no such directory; correct the settings or make it")
        for path in sorted(directory.glob("*/*/fault.yml")):
            fault, wrong = _read(path)
            errors += wrong
            if fault and fault.code in faults:
                errors.append(f"{path}: {fault.code} is already in {faults[fault.code].folder}; give it another name")
            elif fault:
                faults[fault.code] = fault
    catalogue = Catalogue(tuple(sorted(faults.values(), key=lambda fault: fault.rank)))
    errors += [] if errors else _wrong_references(catalogue)
    if errors:
        raise UsageError("\n".join(errors))
    return catalogue


def product_faults() -> Path:
    """The faults that come with the product."""
    return collection_root() / "faults"


def _read(path: Path) -> tuple[Fault | None, list[str]]:
    found, errors = strict_yaml.read(path, schema.FaultFile)
    if found is None or errors:
        return None, errors
    layer, name = path.parent.parent.name, path.parent.name
    compiler = _Compiler(path)
    fault = Fault(
        code=f"{layer}/{name}",
        title=found.title,
        layer=layer,
        severity=found.severity,
        scope=found.scope,
        when=compiler.each(Condition, found.when, "when"),
        impact=compiler.each(Condition, found.impact, "impact"),
        evidence=compiler.each(Text, found.evidence, "evidence"),
        legs=tuple(found.legs),
        explains=tuple(item for item in found.explains if not item.startswith("leg:")),
        explains_legs=tuple(item.removeprefix("leg:") for item in found.explains if item.startswith("leg:")),
        remedies=tuple(compiler.remedy(item, number) for number, item in enumerate(found.remedies)),
        escalate=compiler.each(Text, found.escalate, "escalate"),
        prevention=tuple(found.prevention),
        folder=path.parent,
        recordings_only=found.recordings_only or "",
    )
    errors = [*compiler.errors, *_wrong_names(fault, found, path)]
    return (None if errors else fault), errors


def _at(path: Path, *location: str | int) -> str:
    """``path:line``, found only when there is an error to report."""
    node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    return f"{path}:{strict_yaml.line_of(node, location)}"


class _Compiler:
    """Compiles what a file holds, and remembers every error with its line."""

    def __init__(self, path: Path) -> None:
        self.errors: list[str] = []
        self._path = path

    def one(self, make: Callable[[Any], Any], source: Any, *location: str | int) -> Any:
        try:
            return make(source)
        except TemplateError as error:
            where = ".".join(map(str, location))
            self.errors.append(f"{_at(self._path, *location)}: {where}: not Jinja2: {error.message}")
            return None  # never used: a catalogue with errors is not returned

    def each(self, make: Callable[[Any], Any], sources: Iterable[Any], *location: str | int) -> tuple[Any, ...]:
        return tuple(self.one(make, source, *location, number) for number, source in enumerate(sources))

    def remedy(self, found: schema.RemedyFile, number: int) -> RemedyTemplate:
        here = ("remedies", number)
        return RemedyTemplate(
            name=found.name,
            class_=found.class_,
            title=found.title,
            role=found.role,
            tasks=found.tasks,
            variables=self.one(Values, found.variables, *here, "variables"),
            checkpoint=self.one(Values, found.checkpoint.model_dump(), *here, "checkpoint"),
            when=self.each(Condition, found.when, *here, "when"),
            otherwise=self.one(Text, found.otherwise, *here, "otherwise"),
            on=self.one(Values, found.on, *here, "on"),
        )


def _wrong_names(fault: Fault, found: schema.FaultFile, path: Path) -> Iterator[str]:
    """Names that stand for nothing: layers, legs, roles' tasks files; and remedies of one name."""
    if fault.layer not in LAYERS:
        yield f"{path}: {fault.layer} is not a layer; move the folder to one of: {', '.join(LAYERS)}"
    for number, leg in enumerate(found.legs):
        if leg not in LEG_NAMES:
            yield f"{_at(path, 'legs', number)}: there is no leg {leg}; there are: {', '.join(LEG_NAMES)}"
    for number, item in enumerate(found.explains):
        pattern = item.removeprefix("leg:")
        if item.startswith("leg:") and not any(fnmatchcase(name, pattern) for name in LEG_NAMES):
            yield f"{_at(path, 'explains', number)}: no leg matches {pattern}"
    names = [remedy.name for remedy in found.remedies]
    for number, remedy in enumerate(found.remedies):
        if names.index(remedy.name) != number:
            yield f"{_at(path, 'remedies', number)}: a second remedy is called {remedy.name}; rename one"
        if not (collection_root() / "roles" / remedy.role / "tasks" / f"{remedy.tasks}.yml").is_file():
            yield f"{_at(path, 'remedies', number)}: the role {remedy.role} has no tasks/{remedy.tasks}.yml"


def _wrong_references(catalogue: Catalogue) -> Iterator[str]:
    """Explanations that point nowhere, or in a circle: nothing would be left as the cause."""
    for fault in catalogue.faults:
        for pattern in fault.explains:
            if not any(fnmatchcase(other.code, pattern) for other in catalogue.faults):
                yield f"{fault.folder}/fault.yml: explains {pattern}, and no fault is called so"
    graph = {fault.code: catalogue.explained_by(fault) for fault in catalogue.faults}
    for code in graph:
        if code in _reached(graph, code):
            yield f"{code}: explains itself over {', '.join(sorted(graph[code]))}; take one of the explanations out"


def _reached(graph: dict[str, frozenset[str]], start: str) -> set[str]:
    reached: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        code = waiting.pop()
        if code not in reached:
            reached.add(code)
            waiting += graph[code]
    return reached
