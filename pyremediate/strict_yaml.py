"""YAML files with a pydantic shape: every error of a file at once, each with its line and its mend."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args
from zoneinfo import ZoneInfo

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

Shape = TypeVar("Shape", bound=BaseModel)
QUICK = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml reads the catalogue in a tenth of the time


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError; a directory of zones is an OSError
        raise ValueError(f"there is no time zone {name}; write it as Europe/Rome") from None
    return name


TimeZone = Annotated[str, AfterValidator(_zone)]


class Strict(BaseModel):
    """A part of such a file: frozen, nothing unknown in it, and no value of it in a complaint."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def read(path: Path, shape: type[Shape]) -> tuple[Shape | None, list[str]]:
    """The file as a value, or every error in it as ``path:line: what is wrong``; an empty file is an empty mapping."""
    try:
        text = path.read_text(encoding="utf-8")
        node, data = _parsed(text)
    except OSError as error:
        return None, [f"{path}: cannot be read: {error.strerror}"]
    except UnicodeDecodeError:
        return None, [f"{path}: is not UTF-8 text"]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return None, [f"{path}:{line}: not YAML: {error.problem or error.context}"]
    except ValueError as error:  # a date that there is not
        return None, [f"{path}:{_line_of_no_date(text)}: {' '.join(str(error).split())}"]
    except (yaml.YAMLError, RecursionError) as error:  # control characters; depth
        return None, [f"{path}: not YAML: {' '.join(str(error).split())}"]
    errors = [f"{path}:{line}: {key} stands here a second time; keep one" for line, key in repeated(node)]
    try:
        value = shape.model_validate({} if data is None else data)
    except ValidationError as error:
        found = error.errors(include_url=False)
        wrong = sorted((line_of(node, detail["loc"]), _sentence(detail, shape)) for detail in found)
        return None, errors + [f"{path}:{line}: {sentence}" for line, sentence in wrong]
    return (None if errors else value), errors


def _parsed(text: str) -> tuple[yaml.Node | None, Any]:
    """The text's nodes and its data. What libyaml refuses is read again by PyYAML itself, whose errors name the better line."""
    try:
        return yaml.compose(text, Loader=QUICK), yaml.load(text, Loader=QUICK)
    except yaml.YAMLError:
        return yaml.compose(text, Loader=yaml.SafeLoader), yaml.safe_load(text)


def _line_of_no_date(text: str) -> int:
    """The line of the first value that looks like a date and is none; PyYAML's complaint has no mark."""
    for event in yaml.parse(text, Loader=QUICK):
        if isinstance(event, yaml.ScalarEvent) and event.implicit[0]:
            try:
                yaml.safe_load(event.value)
            except ValueError:
                return int(event.start_mark.line) + 1 if event.start_mark else 1
            except yaml.YAMLError:
                continue
    return 1


def _sentence(detail: Mapping[str, Any], shape: type[BaseModel]) -> str:
    where = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        known = _fields(shape, detail["loc"][:-1])
        near = difflib.get_close_matches(str(detail["loc"][-1]), known, n=1)
        mend = f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
        return f"{where}: there is no such setting; {mend}"
    if detail["type"] in {"model_type", "model_attributes_type", "dict_type"}:
        return f"{where or 'the file'}: must be a mapping (name: value)"
    if detail["type"] == "value_error":  # a validator's own words; what was given may be a secret
        return f"{where}: {str(detail['msg']).removeprefix('Value error, ')}"
    message = str(detail["msg"]).removeprefix("Input ").replace("valid tuple", "list")
    given = detail["input"]
    shown = f", not {given!r}" if isinstance(given, (str, int, float, bool)) and len(str(given)) < 60 else ""
    return f"{where}: {message.partition(', unable to')[0]}{shown}"


def _fields(shape: type[BaseModel], location: Sequence[str | int]) -> list[str]:
    """The names that a mapping at this place may hold."""
    for part in location:
        annotation = shape.model_fields[str(part)].annotation if str(part) in shape.model_fields else None
        for inner in (annotation, *get_args(annotation)):  # itself, or a member of a list
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                shape = inner
    return sorted(field.alias or name for name, field in shape.model_fields.items())


def line_of(node: yaml.Node | None, location: Sequence[str | int]) -> int:
    """The line of the deepest part of ``location`` that the file has."""
    line = 1
    for part in location:
        if node is None:
            break
        line, node = _step(node, part, line)
    return line


def _step(node: yaml.Node, part: str | int, line: int) -> tuple[int, yaml.Node | None]:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        child = node.value[part]
        return child.start_mark.line + 1, child
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key.start_mark.line + 1, value
    return line, None


def repeated(node: yaml.Node | None) -> Iterator[tuple[int, str]]:
    """Keys that stand twice in one mapping, of which YAML would silently take the last: (line, key)."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.start_mark.line + 1, key.value
            seen.add(str(key.value))
            yield from repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from repeated(item)
