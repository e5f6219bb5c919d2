"""The wheel, installed in an empty environment, is the whole product; the tarball is the same collection."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import venv
from pathlib import Path

import pytest

from tests.integration.world import World

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=600, check=False, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` directory of an environment that holds nothing but the wheel and its dependencies."""
    directory = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", directory, ROOT)
    wheel = next(directory.glob("pyremediate-*.whl"))
    venv.create(directory / "environment", with_pip=True)
    run(directory / "environment/bin/python", "-m", "pip", "install", "--quiet", wheel)
    return directory / "environment" / "bin"


def test_the_wheel_tells_its_version_and_its_help(installed: Path, tmp_path: Path) -> None:
    assert "pyremediate, version" in run(installed / "pyremediate", "--version", cwd=tmp_path).stdout
    assert "--plan" in run(installed / "pyremediate", "fix", "--help", cwd=tmp_path).stdout


@pytest.mark.lab
def test_the_wheel_runs_its_playbook_by_name_against_a_mail_host(installed: Path, tmp_path: Path, world: World) -> None:
    done = run(
        installed / "ansible-playbook", "pyremediate.mail.observe", "-i", ROOT / "inventory" / "lab",
        "-e", f"pyremediate_hosts={world.host}", cwd=tmp_path,
    )  # fmt: skip
    assert "unreachable=0" in done.stdout and "ok=1" in done.stdout


def test_the_tarball_holds_the_collection_and_nothing_else(tmp_path: Path) -> None:
    run(Path(sys.executable).parent / "ansible-galaxy", "collection", "build", "--output-path", tmp_path, ROOT)
    with tarfile.open(next(tmp_path.glob("pyremediate-mail-*.tar.gz"))) as archive:
        names = archive.getnames()
    assert "playbooks/observe.yml" in names and "plugins/modules/observe.py" in names
    tops = {name.split("/")[0] for name in names}
    assert tops <= {
        "MANIFEST.json", "FILES.json", "README.md", "CHANGELOG.md", "LICENSE", "meta", "playbooks", "roles", "plugins", "faults",
        "inventory", "lab",
    }  # fmt: skip
