"""What the operator sees while a run goes on, on the error stream: live stages on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, Protocol

import click

from pyremediate.model import SEARCHED, Step
from pyremediate.progress import Listener, Silent

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Watching(Listener, Protocol):
    """A listener that can make room for a question."""

    def paused(self) -> AbstractContextManager[Any]:
        """Nothing moves on the terminal meanwhile."""


class Unwatched(Silent):
    """For programs that want the result alone."""

    def paused(self) -> AbstractContextManager[Any]:
        """There is nothing to pause."""
        return nullcontext()


class Lines(Unwatched):
    """One line for each event, with the seconds since the beginning."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def stage(self, name: str) -> None:
        """A stage has begun."""
        self._say(name)

    def note(self, text: str) -> None:
        """One sentence."""
        self._say(f"  {text}")

    def step(self, step: Step) -> None:
        """A step has a new state."""
        self._say(f"  {sentence(step)}")

    def _say(self, text: str) -> None:
        with suppress(OSError):  # nobody reads any more; a repair under way must not stop for that
            click.echo(f"[{time.monotonic() - self._began:5.1f} s] {text}", err=True)


class Live(Unwatched):
    """The stage under way turns with its clock; those that ended stand above it with their seconds."""

    def __init__(self) -> None:
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        self._progress: Progress = Progress(*columns, console=_console(), transient=True, refresh_per_second=4)
        self._task: TaskID | None = None
        self._name, self._began = "", 0.0

    def __enter__(self) -> Live:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end_stage()
        self._progress.stop()

    def stage(self, name: str) -> None:
        """A stage has begun; the one before it is over."""
        if name == self._name:
            return
        self._end_stage()
        self._name, self._began = name, time.monotonic()
        self._task = self._progress.add_task(name, total=None)

    def note(self, text: str) -> None:
        """One sentence, above the stage under way."""
        self._progress.console.print(f"  {text}", markup=False)

    def step(self, step: Step) -> None:
        """A step has a new state."""
        self.note(sentence(step))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The terminal is free for a question."""
        self._progress.stop()
        try:
            yield
        finally:
            self._progress.start()

    def _end_stage(self) -> None:
        if self._task is not None:
            self._progress.remove_task(self._task)
            self._progress.console.print(f"{self._name}  {time.monotonic() - self._began:.1f} s", style="dim")
            self._task, self._name = None, ""


def sentence(step: Step) -> str:
    """``Start Postfix (restart) for postfix/stopped: done``."""
    reason = f": {step.reason}" if step.reason else ""
    state = "begins" if step.state == "intent" else step.state.replace("_", " ")
    why = "" if step.cause.startswith(SEARCHED) else f" for {step.cause}"  # a trial's cause is what it puts back
    return f"{step.remedy.words}{why}: {state}{reason}"


@contextmanager
def watching(quiet: bool = False) -> Iterator[Watching]:
    """The listener that fits the error stream."""
    if quiet:
        yield Unwatched()
    elif sys.stderr.isatty():
        with Live() as live:
            yield live
    else:
        yield Lines()


def _console() -> Any:
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)
