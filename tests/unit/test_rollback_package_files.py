"""A file is taken out of its package, and nothing else of it."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_package_files as package_files
from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_wishes import Unwished, wishes_of

pytestmark = pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="needs dpkg-deb")


@pytest.fixture(autouse=True)
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package ``p`` with a program, a link and a directory, as apt would have it; and dpkg's sums of it."""
    root = tmp_path / "root"
    (root / "DEBIAN").mkdir(parents=True)
    (root / "DEBIAN" / "control").write_text(
        "Package: p\nVersion: 1\nArchitecture: all\nMaintainer: x <x@x>\nDescription: x\n"
    )
    (root / "usr" / "bin").mkdir(parents=True)
    (root / "usr" / "bin" / "program").write_bytes(b"\x7fELF")
    (root / "usr" / "bin" / "program").chmod(0o755)
    (root / "usr" / "bin" / "link").symlink_to("program")
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", root, tmp_path / "p.deb"], check=True, capture_output=True)
    (tmp_path / "p.md5sums").write_text(f"{hashlib.md5(bytes([127]) + b'ELF').hexdigest()}  usr/bin/program\n")

    def keep(names: list[str], directory: str, deadline: Any) -> dict[str, str]:
        shutil.copy(tmp_path / "p.deb", directory)
        return {"p": "p.deb", "q": ""}

    monkeypatch.setattr(package_files.packages, "keep", keep)
    monkeypatch.setattr(package_files, "INFO", str(tmp_path))
    return tmp_path


def difference(path: str, package: str = "p", **place: str) -> dict[str, Any]:
    return {
        "kind": "package.file",
        "name": path,
        "was": "as packaged",
        "is": "missing",
        "place": {"package": package, **place},
    }


def test_a_file_comes_with_its_content_and_the_attributes_that_it_had_here() -> None:
    wish = wishes_of([difference("/usr/bin/program", group="postdrop", mode="2555")]).files["/usr/bin/program"]
    assert (wish.kind, wish.content) == ("file", b"\x7fELF")
    assert (wish.owner, wish.group, wish.mode) == ("root", "postdrop", "2555")


def test_without_any_it_has_those_of_the_package_and_a_link_its_target() -> None:
    files = wishes_of([difference("/usr/bin/program"), difference("/usr/bin/link")]).files
    assert (files["/usr/bin/program"].group, files["/usr/bin/program"].mode) == ("root", "0755")
    assert (files["/usr/bin/link"].kind, files["/usr/bin/link"].target) == ("link", "program")


@pytest.mark.parametrize(
    ("path", "package_", "why"),
    [
        ("/usr/bin/none", "p", "no such file in the package"),
        ("/usr/bin", "p", "no regular file"),
        ("/usr/bin/program", "q", "neither apt's cache nor a repository"),
    ],
)
def test_what_is_not_to_be_had_is_refused_with_the_reason(path: str, package_: str, why: str) -> None:
    with pytest.raises(Unwished, match=why):
        wishes_of([difference(path, package_)])


def test_a_file_that_is_not_the_one_that_dpkg_knows_is_refused(package: Path) -> None:
    (package / "p.md5sums").write_text(f"{'0' * 32}  usr/bin/program\n")
    with pytest.raises(Unwished, match="not the one that dpkg knows"):
        wishes_of([difference("/usr/bin/program")])
