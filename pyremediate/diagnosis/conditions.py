"""The language of fault rules: Jinja2 in a sandbox, with *unknown* as a third truth value.

    Condition  an expression, as in Ansible's ``when:``; judged as true, false or unknown, with the reason
    Text       a template; None when a name in it is unknown
    Values     nested YAML whose strings may be templates; a string that is exactly one ``{{ … }}`` gives the object

``and``, ``or`` and ``not`` are Kleene's: "false and unknown" is false, "true and unknown" is unknown (S. C. Kleene,
Introduction to Metamathematics, § 64). Syntax is checked at once; what is used is compiled once, at its first use, so
that a large catalogue costs little. Nothing is ever executed but the expression.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, Undefined, UndefinedError, nodes
from jinja2.environment import Template, TemplateExpression
from jinja2.exceptions import TemplateError
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

Facts = Mapping[str, Any]


class Impossible(UndefinedError):
    """A name that can never be known on this host: what it speaks of is not there."""


@dataclass(frozen=True)
class Truth:
    """true, false, or unknown (None) with what was missing; ``impossible``: looking again will not tell either."""

    value: bool | None
    reasons: tuple[str, ...] = ()
    impossible: bool = False


def all_of(truths: Iterable[Truth]) -> Truth:
    """Kleene's conjunction: false wins over unknown. With an impossible part it can never become true."""
    unknown = []
    for truth in truths:
        if truth.value is False:
            return Truth(False)
        if truth.value is None:
            unknown.append(truth)
    if not unknown:
        return Truth(True)
    return Truth(None, _reasons(unknown), any(truth.impossible for truth in unknown))


def any_of(truths: Iterable[Truth]) -> Truth:
    """Kleene's disjunction: true wins over unknown. It is impossible only when no part of it can still become true."""
    unknown = []
    for truth in truths:
        if truth.value is True:
            return Truth(True)
        if truth.value is None:
            unknown.append(truth)
    if not unknown:
        return Truth(False)
    return Truth(None, _reasons(unknown), all(truth.impossible for truth in unknown))


def negated(truth: Truth) -> Truth:
    """The opposite; the opposite of unknown is unknown."""
    return Truth(None if truth.value is None else not truth.value, truth.reasons, truth.impossible)


def _reasons(truths: Iterable[Truth]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reason for truth in truths for reason in truth.reasons))


class _Environment(ImmutableSandboxedEnvironment):
    """Only operators, Jinja2's own filters, and regular expressions."""

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        self.globals.clear()
        self.tests["search"] = lambda text, pattern: re.search(pattern, str(text)) is not None
        self.tests["match"] = lambda text, pattern: re.match(pattern, str(text)) is not None
        self.filters["regex_search"] = _first_match
        self.filters["regex_replace"] = lambda text, pattern, new: re.sub(pattern, new, str(text))
        self.filters["items2dict"] = lambda items, key, value: {item[key]: item[value] for item in items}
        self.filters["pick"] = _pick
        self.filters["known"] = _known
        self.filters["formatted"] = lambda items, pattern: [pattern % item for item in items]

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Evidence is mappings: a key named like a method (``values``, ``items``) is the key."""
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


def _known(value: Any, what: str) -> Any:
    """The value; what could not be observed makes the condition unknown. Jinja2 takes None for an empty list."""
    if value is None:
        raise UndefinedError(f"{what} could not be observed")
    return value


def _pick(items: Iterable[Mapping[str, Any]], **names: str | list[str]) -> list[dict[str, Any]]:
    """Each item with new keys: ``pick(mode='expected_mode')``; of a list of old keys the first that has a value."""
    wanted = {new: [old] if isinstance(old, str) else old for new, old in names.items()}
    return [{new: next(filter(None, map(item.get, old)), None) for new, old in wanted.items()} for item in items]


def _first_match(text: Any, pattern: str) -> str:
    """The first group of the first match, or the whole match; empty when there is none."""
    found = re.search(pattern, str(text))
    return (found[1] if found.re.groups else found[0]) or "" if found else ""


_ENVIRONMENT = _Environment()


class Condition:
    """One expression. Raises ``TemplateSyntaxError`` when it cannot be parsed."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._judge = _connective(_parse(source), source)

    def judge(self, facts: Facts) -> Truth:
        """The truth of the expression."""
        return self._judge(facts)


def _parse(source: str) -> nodes.Expr:
    _refuse_single_backslashes("{{ " + source + " }}")
    parser = Parser(_ENVIRONMENT, source, state="variable")
    expression = parser.parse_expression()
    if not parser.stream.eos:
        raise TemplateSyntaxError(f"unexpected {parser.stream.current.value!r}", parser.stream.current.lineno)
    return expression


def _refuse_single_backslashes(template: str) -> None:
    """Jinja2 reads ``'\\b'`` in a string as a backspace, which no regular expression means."""
    for line, kind, value in _ENVIRONMENT.lex(template):
        if kind == "string" and "\\" in re.sub(r"\\\\|\\['\"]", "", value):
            raise TemplateSyntaxError(f"write a backslash twice in {value}", line)


def _connective(node: nodes.Expr, source: str) -> Callable[[Facts], Truth]:
    """``and``, ``or`` and ``not`` here, in Kleene's way; everything below them in Jinja2's."""
    if isinstance(node, (nodes.And, nodes.Or)):
        left, right = _connective(node.left, source), _connective(node.right, source)
        combine = all_of if isinstance(node, nodes.And) else any_of
        return lambda facts: combine(side(facts) for side in (left, right))
    if isinstance(node, nodes.Not):
        inner = _connective(node.node, source)
        return lambda facts: negated(inner(facts))
    return _leaf(_compile(node), source)


def _leaf(value_of: Callable[[Facts], Any], source: str) -> Callable[[Facts], Truth]:
    def judge(facts: Facts) -> Truth:
        try:
            return Truth(bool(value_of(facts)))
        except UndefinedError as error:
            return Truth(None, (explain(error),), impossible=isinstance(error, Impossible))
        except Exception as error:  # a rule that crashes is a rule that could not tell; it stops no other
            return Truth(None, (f"{source}: {type(error).__name__}: {error}",))

    return judge


def _compile(node: nodes.Expr) -> Callable[[Facts], Any]:
    """As ``Environment.compile_expression`` does, for a part of an expression; an undefined result raises."""
    node.set_environment(_ENVIRONMENT)

    @cache
    def expression() -> TemplateExpression:
        body: list[nodes.Node] = [nodes.Assign(nodes.Name("result", "store"), node, lineno=1)]
        return TemplateExpression(_ENVIRONMENT.from_string(nodes.Template(body, lineno=1)), undefined_to_none=False)

    def value_of(facts: Facts) -> Any:
        value = expression()(facts)
        if isinstance(value, Undefined):
            value._fail_with_undefined_error()
        return value

    return value_of


def explain(error: UndefinedError) -> str:
    """The reason in an operator's words: a bare name is something that was not observed."""
    text = str(error)
    name = re.fullmatch(r"'(\w+)' is undefined", text)
    return f"{name[1]} was not observed" if name else text


class Text:
    """A template of one sentence or one word. Raises ``TemplateSyntaxError`` when it is none."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._template = _template(source)

    def render(self, facts: Facts) -> str | None:
        """The text with its white space joined; None when a name in it is unknown."""
        try:
            return " ".join(self._template().render(facts).split())
        except (TemplateError, TypeError, ValueError, LookupError):
            return None


def _template(source: str) -> Callable[[], Template]:
    _refuse_single_backslashes(source)
    parsed = _ENVIRONMENT.parse(source)
    return cache(lambda: _ENVIRONMENT.from_string(parsed))


class Values:
    """Nested mappings, lists and strings; the strings may be templates."""

    def __init__(self, source: Any) -> None:
        self.source = source
        self._fill = _filler(source)

    def fill(self, facts: Facts) -> Any:
        """The same structure with every template filled in. Raises ``UndefinedError`` for a name that is unknown."""
        return self._fill(facts)


def _filler(source: Any) -> Callable[[Facts], Any]:
    if isinstance(source, Mapping):
        entries = {key: _filler(value) for key, value in source.items()}
        return lambda facts: {key: fill(facts) for key, fill in entries.items()}
    if isinstance(source, list):
        items = [_filler(item) for item in source]
        return lambda facts: [fill(facts) for fill in items]
    if isinstance(source, str):
        return _string_filler(source)
    return lambda facts: source


def _string_filler(source: str) -> Callable[[Facts], Any]:
    """``"{{ x }}"`` gives x itself; any text around it makes it text. Nothing guesses types from text."""
    _refuse_single_backslashes(source)
    body = _ENVIRONMENT.parse(source).body
    if len(body) == 1 and isinstance(body[0], nodes.Output) and len(body[0].nodes) == 1:
        only = body[0].nodes[0]
        if isinstance(only, nodes.TemplateData):
            return lambda facts: source
        return _compile(only)
    template = _template(source)
    return lambda facts: template().render(facts)
