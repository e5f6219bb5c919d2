"""The shape of a ``fault.yml``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Sentence = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Severity = Literal["low", "medium", "high", "critical"]
RemedyClass = Literal["restart", "reconfigure", "rollback", "rollback_package", "patch", "clean_up", "network", "power"]
Scope = Literal["none", "one user", "inbound", "outbound", "submission", "retrieval", "all"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CheckpointFile(_Strict):
    """What is saved before the remedy runs; strings may be templates."""

    files: str | list[str] = Field(default_factory=list)
    units: str | list[str] = Field(default_factory=list)
    packages: str | list[str] = Field(default_factory=list)
    firewall: bool | str = False
    links: str | list[str] = Field(default_factory=list)
    neighbours: str | list[str] = Field(default_factory=list)
    frr: bool | str = False


class RemedyFile(_Strict):
    """One way to cure the fault."""

    name: Word
    class_: RemedyClass = Field(alias="class")
    title: Sentence
    role: Word
    tasks: Word
    on: str = ""  # a template: the device on which it is carried out; empty: the mail host itself. In YAML "on", else it is true
    variables: dict[str, Any] = Field(default_factory=dict)
    checkpoint: CheckpointFile = Field(default_factory=CheckpointFile)
    when: list[Sentence] = Field(default_factory=list)
    otherwise: str = ""  # why it does not apply, when its condition is false


class FaultFile(_Strict):
    """One fault: how it is known, what it breaks and explains, how it is cured and prevented."""

    title: Sentence
    severity: Severity
    scope: Scope
    when: list[Sentence] = Field(min_length=1)
    impact: list[Sentence] = Field(default_factory=list)  # without it no mail suffers: it is told, and left alone
    evidence: list[Sentence] = Field(min_length=1)
    legs: list[Sentence] = Field(default_factory=list)
    explains: list[Sentence] = Field(default_factory=list)
    remedies: list[RemedyFile] = Field(default_factory=list)
    escalate: list[Sentence] = Field(min_length=1)
    prevention: list[Sentence] = Field(min_length=1)
    recordings_only: Sentence | None = None  # why the lab cannot make it; then there is no break.yml
