"""Output that is only made for eyes, as rows, by ntc-templates; imported when first needed, since it is an extra."""

from __future__ import annotations

from typing import Any

from pyremediate.errors import UsageError


def rows(platform: str, command: str, output: str) -> list[dict[str, Any]]:
    """One mapping per row, keys in lower case. Raises the library's exception for output that the template does not know."""
    try:
        from ntc_templates.parse import parse_output
    except ImportError as error:
        raise UsageError("network devices are looked at by Netmiko: pip install 'pyremediate[network]'") from error
    found: list[dict[str, Any]] = parse_output(platform=platform, command=command, data=output)
    return found
