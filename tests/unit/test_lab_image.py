"""What goes into an image, and that its tag changes with it and with nothing else."""

from __future__ import annotations

import io
import stat
import tarfile
from pathlib import Path

import pytest

from pyremediate.lab import image, keys, machine
from pyremediate.lab.description import MOST_MAIL_HOSTS, Lab, describe

KINDS = ("client", "dns", "mail", "peer", "router")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYREMEDIATE_STATE", str(tmp_path_factory.mktemp("state")))
        patch.setenv("PYREMEDIATE_LAB_RANGE", "10.99.0.0/16")
        made = describe(2)
    keys.ensure(made.directory, made.hosts)
    return made


def _assemble(kind: str, lab: Lab, place: Path) -> Path:
    image.assemble(kind, lab, lab, place)
    return place


@pytest.mark.parametrize("kind", KINDS)
def test_every_placeholder_is_filled_in(kind: str, lab: Lab, tmp_path: Path) -> None:
    context = _assemble(kind, lab, tmp_path / kind)
    texts = [path.read_text() for path in context.rglob("*") if path.is_file()]
    assert not [text for text in texts if "@PREFIX@" in text]
    assert any("nameserver 10.99.2.53" in text for text in texts)
    assert not [text for text in texts if "10.61." in text]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_trusts_the_authority_and_lets_the_controller_in(kind: str, lab: Lab, tmp_path: Path) -> None:
    root = _assemble(kind, lab, tmp_path / kind) / "root"
    assert (root / image.AUTHORITY).read_bytes() == (lab.directory / "ca.pem").read_bytes()
    assert (root / "root/.ssh/authorized_keys").read_bytes() == (lab.directory / "ssh.pub").read_bytes()


def test_no_image_has_the_authoritys_key_or_a_host_key(lab: Lab, tmp_path: Path) -> None:
    private = [lab.directory / "ca.key", lab.directory / "ssh", *(lab.directory / "hosts").glob("*")]
    for kind in KINDS:
        baked = {path.read_bytes() for path in _assemble(kind, lab, tmp_path / kind).rglob("*") if path.is_file()}
        assert not [path for path in private if path.read_bytes() in baked and path.suffix != ".pub"], kind


def test_modes_do_not_depend_on_the_umask_of_the_checkout(lab: Lab, tmp_path: Path) -> None:
    modes = {stat.S_IMODE(path.stat().st_mode) for path in _assemble("mail", lab, tmp_path / "mail").rglob("*")}
    assert modes == {0o644, 0o755}


def test_the_tag_is_that_of_the_content(lab: Lab, tmp_path: Path) -> None:
    first, second = _assemble("mail", lab, tmp_path / "a"), _assemble("mail", lab, tmp_path / "b")
    assert image.tree_hash(first) == image.tree_hash(second)
    assert image.tree_hash(first) != image.tree_hash(first, "another base")
    before = image.tree_hash(second)
    (second / "root/etc/postfix/main.cf").open("a").write("\n")
    changed = image.tree_hash(second)
    (second / "root/etc/postfix/main.cf").chmod(0o755)
    assert len({before, changed, image.tree_hash(second)}) == 3


def test_the_name_server_knows_as_many_mail_hosts_as_there_can_be() -> None:
    lines = list(image.host_lines(describe(MOST_MAIL_HOSTS)))
    assert "10.61.2.33 mail24.lab.test" in lines
    assert "10.61.3.10 mx.peer.test" in lines


def test_a_host_gets_its_own_key_and_names(lab: Lab) -> None:
    host = lab.host("mail02")
    with tarfile.open(fileobj=io.BytesIO(machine.own_files(lab, host))) as tar:
        contents = {entry.name: (tar.extractfile(entry).read(), entry.mode, entry.uid) for entry in tar}  # type: ignore[union-attr]
    key = (lab.directory / "hosts" / "mail02").read_bytes()
    assert contents["etc/ssh/ssh_host_ed25519_key"] == (key, 0o600, 0)
    assert contents["etc/mailname"][0] == b"mail02.lab.test\n"
    assert b"10.99.2.11 mail02.lab.test mail02" in contents["etc/hosts"][0]


def test_a_router_has_a_base_of_its_own_and_the_mail_hosts_share_one() -> None:
    bases = {kind: image.base_directory(kind) for kind in KINDS}
    assert len({bases[kind] for kind in KINDS if kind != "router"}) == 1
    assert "frr" in image.packages(bases["router"])
    assert "frr" not in image.packages(bases["mail"])
    assert image.base_tag(bases["router"]) != image.base_tag(bases["mail"])
