"""What exists twice is equal."""

from __future__ import annotations

import tomllib
from pathlib import Path

import yaml

import pyremediate

ROOT = Path(__file__).resolve().parents[2]


def test_the_collection_and_the_package_have_the_same_version() -> None:
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text())
    assert galaxy["version"] == pyremediate.__version__


def test_the_changelog_names_the_version() -> None:
    assert f"## {pyremediate.__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_the_wheel_and_the_tarball_carry_the_same_directories() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]) - {"galaxy.yml", "meta"}
    directives = yaml.safe_load((ROOT / "galaxy.yml").read_text())["manifest"]["directives"]
    tarball = {line.split()[1] for line in directives if line.startswith("recursive-include")}
    assert wheel == tarball


def test_every_directory_at_the_root_is_explained_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    hidden_or_meta = {"meta", "scripts", "dist"}
    named = [path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")]
    missing = [name for name in named if f"`{name}/`" not in text and name not in hidden_or_meta]
    assert missing == []
