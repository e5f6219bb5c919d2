"""What a checkpoint may hold: configuration, and never mail."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_paths as paths

SPOOL = "/var/spool/postfix"


@pytest.mark.parametrize(
    "path",
    [
        f"{SPOOL}/deferred/A/A1B2C3",
        f"{SPOOL}/maildrop/x",
        f"{SPOOL}/active/x",
        "/var/vmail/lab.test/alice/Maildir/cur/1",
        "/var/mail/alice",
        "/home/alice/Maildir/new/1",
        "/srv/users/bob/mdbox/storage/m.1",
    ],
)
def test_mail_is_refused_with_the_name_of_the_place_that_holds_it(path: str) -> None:
    with pytest.raises(paths.Refused, match="mail is never copied"):
        paths.expand([path], SPOOL)


def test_a_link_does_not_lead_into_a_queue(tmp_path: Path) -> None:
    queue = tmp_path / "spool"
    (queue / "deferred").mkdir(parents=True)
    (tmp_path / "innocent").symlink_to(queue / "deferred")
    with pytest.raises(paths.Refused, match="mail is never copied"):
        paths.expand([str(tmp_path / "innocent" / "A1B2C3")], str(queue))


@pytest.mark.parametrize(
    "path", [f"{SPOOL}/deferred", f"{SPOOL}/private", SPOOL, "/var/vmail", "/home/alice/Maildir", "/var"]
)
def test_of_the_directories_themselves_nothing_below_is_taken(path: str) -> None:
    assert paths.expand([path], SPOOL) == [str(Path(path).parent.resolve() / Path(path).name)]


@pytest.mark.parametrize("path", ["etc/postfix", "/etc/../etc/postfix", "/", "", "/etc//postfix", "~/x"])
def test_only_plain_absolute_paths_are_taken(path: str) -> None:
    with pytest.raises(paths.Refused, match="absolute path"):
        paths.expand([path], SPOOL)


def test_a_configuration_directory_is_taken_with_everything_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "TREES", (str(tmp_path),))
    tree = tmp_path / "postfix"
    (tree / "sasl").mkdir(parents=True)
    (tree / "sasl" / "smtpd.conf").write_text("")
    (tree / "elsewhere").symlink_to("/")
    assert paths.expand([f"{tree}/"], SPOOL) == [
        str(tree), str(tree / "elsewhere"), str(tree / "sasl"), str(tree / "sasl" / "smtpd.conf"),
    ]  # fmt: skip


def test_a_tree_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "TREES", (str(tmp_path),))
    monkeypatch.setattr(paths, "MOST", 2)
    tree = tmp_path / "postfix"
    tree.mkdir()
    for name in "abc":
        (tree / name).write_text("")
    with pytest.raises(paths.Refused, match="more than 2 files"):
        paths.expand([str(tree)], SPOOL)


def test_the_queue_directory_is_read_from_a_configuration_that_postfix_refuses(tmp_path: Path) -> None:
    main = tmp_path / "main.cf"
    main.write_text("this line is broken\nqueue_directory = /srv/spool/\n")
    assert paths.queue_directory(str(main)) == "/srv/spool"
    assert paths.queue_directory(str(tmp_path / "nonesuch")) == SPOOL
