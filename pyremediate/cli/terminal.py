"""Is anybody at a terminal, and how wide is it?"""

from __future__ import annotations

import shutil
import sys


def interactive() -> bool:
    """Somebody can be asked: input and the error stream, where questions go, are both terminals."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def width() -> int | None:
    """Columns to wrap at; None when the output is no terminal, where lines stay whole for grep(1)."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
