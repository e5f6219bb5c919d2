"""Every role repairs a real host that was broken in its way, does nothing when run again, and mail flows afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = sorted(path.parent.name for path in (ROOT / "molecule").glob("*/molecule.yml"))
LIMIT = 600.0  # seconds for one scenario; it needs 30 on two idle cores

pytestmark = pytest.mark.lab


@pytest.fixture(params=SCENARIOS)
def scenario(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The name of a scenario, of which nothing is left afterwards, however it ended."""
    yield request.param
    line = [sys.executable, str(ROOT / "molecule" / "shared" / "host.py"), "destroy", request.param, str(tmp_path / "ephemeral")]
    subprocess.run(line, check=True, timeout=120)


def test_the_scenario_of_the_role_passes(scenario: str, tmp_path: Path) -> None:
    output = tmp_path / "output"
    ended = _molecule(scenario, tmp_path / "ephemeral", output)
    assert ended == 0, f"molecule test --scenario-name {scenario} ended with {ended}:\n{output.read_text()}"


def _molecule(scenario: str, ephemeral: Path, output: Path) -> int | None:
    """Run one scenario to its end, or to the limit together with everything that it started: None."""
    line = [sys.executable, "-m", "molecule", "--base-config", str(ROOT / ".config/molecule/config.yml")]
    environment = {
        **os.environ,
        "MOLECULE_EPHEMERAL_DIRECTORY": str(ephemeral),
        "NO_COLOR": "1",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    with output.open("w") as log:
        running = subprocess.Popen(
            [*line, "test", "--scenario-name", scenario],
            cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            return running.wait(LIMIT)
        except subprocess.TimeoutExpired:
            return None
        finally:
            if running.poll() is None:
                os.killpg(running.pid, signal.SIGKILL)
                running.wait()
