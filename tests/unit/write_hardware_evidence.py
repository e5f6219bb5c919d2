"""``python -m tests.unit.write_hardware_evidence``: the evidence of the faults of hardware, by the observer of this checkout."""

from __future__ import annotations

from tests import conftest

if __name__ == "__main__":
    conftest.pytest_configure()  # the checkout is the collection, whatever is installed beside it
    from tests.unit.hardware_machines import write

    write()
