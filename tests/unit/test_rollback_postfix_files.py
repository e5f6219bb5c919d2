"""Edits of main.cf and master.cf: what an edit is not about stays, byte for byte; what it is about is read so."""

from __future__ import annotations

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils import postfix_files as postfix
from ansible_collections.pyremediate.mail.plugins.module_utils.observers import postfix_configuration as observed
from hypothesis import given
from hypothesis import strategies as st

MAIN = """\
# See postconf(5)
myhostname = mail01.lab.test

smtpd_relay_restrictions =
    permit_mynetworks,
# the users
    permit_sasl_authenticated,
    reject_unauth_destination
virtual_transport = discard
virtual_transport = lmtp:unix:private/dovecot-lmtp
"""
MASTER = """\
# service type  private unpriv  chroot  wakeup  maxproc command + args
smtp      inet  n       -       y       -       -       smtpd
#smtp      inet  n       -       y       -       1       postscreen
#submission inet n       -       y       -       -       smtpd
#  -o syslog_name=postfix/submission
#  -o smtpd_tls_security_level=encrypt
#  -o smtpd_sasl_auth_enable=yes
pickup    unix  n       -       y       60      1       pickup
maildrop  unix  -       n       n       -       -       pipe
  flags=DRXhu user=vmail argv=/usr/bin/maildrop -d ${recipient}
"""
SUBMISSION = "submission inet n - y - - smtpd"
OPTIONS = {"syslog_name": "postfix/submission", "smtpd_tls_security_level": "encrypt"}

NAMES = st.sampled_from(
    ["myhostname", "mydestination", "relayhost", "virtual_transport", "soft_bounce", "inet_protocols"]
)
WORDS = st.text(alphabet="abcdef0123456789.:/$_-{}#=,", min_size=1, max_size=12)
VALUES = st.lists(WORDS, max_size=4).map(" ".join)
PHYSICAL = st.one_of(
    st.just(""),
    st.just("   "),
    VALUES.map("# {}".format),
    VALUES.map("   # {}".format),
    VALUES.map("    {}".format),
    st.builds("{} = {}".format, NAMES, VALUES),
    st.builds("{}={}".format, NAMES, VALUES),
    VALUES.filter(lambda text: "=" not in text),
)
TEXTS = st.builds(
    lambda lines, end: "\n".join(lines) + end, st.lists(PHYSICAL, max_size=12), st.sampled_from(["", "\n"])
)


def read(text: str) -> dict[str, str]:
    """The parameters as the observation reads them: another parser than the editor's."""
    return {name: " ".join(value.split()) for name, value in observed.parse_main(text).parameters.items()}


@given(TEXTS)
def test_the_editor_and_the_observation_read_the_same_parameters(text: str) -> None:
    assert postfix.parameters(text) == read(text)


@given(TEXTS, NAMES, VALUES)
def test_a_parameter_that_was_set_is_read_once_with_its_value_and_all_others_stay(
    text: str, name: str, value: str
) -> None:
    edited = postfix.set_parameter(text, name, value)
    assert read(edited) == {**read(text), name: " ".join(value.split())}
    assert not [entry for entry in observed.parse_main(edited).duplicates if entry["name"] == name]


@given(TEXTS, NAMES, VALUES)
def test_setting_a_parameter_twice_is_setting_it_once(text: str, name: str, value: str) -> None:
    edited = postfix.set_parameter(text, name, value)
    assert postfix.set_parameter(edited, name, value) == edited


@given(TEXTS, NAMES)
def test_a_removed_parameter_is_gone_and_all_others_stay(text: str, name: str) -> None:
    edited = postfix.remove_parameter(text, name)
    assert read(edited) == {other: value for other, value in read(text).items() if other != name}
    assert postfix.remove_parameter(edited, name) == edited


@given(TEXTS, NAMES, VALUES)
def test_lines_that_are_not_edited_stay_byte_for_byte_and_in_order(text: str, name: str, value: str) -> None:
    edited_numbers = {
        number
        for line in postfix.logical_lines(text)
        if line.text.partition("=")[0].split() == [name] and "=" in line.text
        for number in line.numbers
    }
    untouched = [line for number, line in enumerate(text.split("\n")) if number not in edited_numbers and line]
    remaining = iter(postfix.set_parameter(text, name, value).split("\n"))
    assert all(line in remaining for line in untouched)  # a subsequence: each is found after the one before


@given(TEXTS, WORDS.filter(lambda word: "=" not in word and not word.startswith("#")))
def test_an_invalid_line_that_was_added_and_removed_leaves_the_text_as_it_was(text: str, line: str) -> None:
    whole = text if text.endswith("\n") or not text else text + "\n"
    if any(line.split() == found.words for found in postfix.logical_lines(whole)):
        return
    assert postfix.remove_line(postfix.add_line(whole, line), line) == whole


def test_a_value_over_several_lines_is_replaced_and_the_comment_between_them_stays() -> None:
    edited = postfix.set_parameter(MAIN, "smtpd_relay_restrictions", "reject")
    assert "smtpd_relay_restrictions = reject\n# the users\nvirtual_transport" in edited


def test_a_value_over_several_lines_that_is_right_is_not_touched() -> None:
    value = "permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination"
    assert postfix.set_parameter(MAIN, "smtpd_relay_restrictions", value) == MAIN


def test_a_second_definition_goes() -> None:
    edited = postfix.set_parameter(MAIN, "virtual_transport", "lmtp:unix:private/dovecot-lmtp")
    assert edited.count("virtual_transport") == 1


def test_a_value_of_several_lines_cannot_smuggle_in_another_parameter() -> None:
    with pytest.raises(ValueError, match="more than one line"):
        postfix.set_parameter(MAIN, "myhostname", "x\nmynetworks = 0.0.0.0/0")


def test_an_empty_value_is_set_and_not_removed() -> None:
    assert postfix.parameters(postfix.set_parameter(MAIN, "relayhost", ""))["relayhost"] == ""


def services(text: str) -> dict[str, tuple[str, dict[str, str]]]:
    """The services as the observation reads them."""
    found = observed.parse_master(text).services
    return {key: (entry["columns"], entry["options"]) for key, entry in found.items()}


def test_a_service_that_was_commented_out_gets_its_mark_taken_away() -> None:
    broken = MASTER.replace(
        "smtp      inet  n       -       y       -       -       smtpd",
        "#smtp      inet  n       -       y       -       -       smtpd",
    )
    assert broken != MASTER
    assert postfix.set_service(broken, "smtp/inet", "smtp inet n - y - - smtpd", {}) == MASTER


def test_the_sample_of_another_program_for_the_same_port_is_not_uncommented() -> None:
    without = postfix.remove_service(MASTER, "smtp/inet")
    edited = postfix.set_service(without, "smtp/inet", "smtp inet n - y - - smtpd", {})
    assert services(edited)["smtp/inet"] == ("smtp inet n - y - - smtpd", {})
    assert "#smtp      inet  n       -       y       -       1       postscreen" in edited


def test_the_options_that_it_had_are_uncommented_with_it_and_others_are_not() -> None:
    edited = postfix.set_service(MASTER, "submission/inet", SUBMISSION, OPTIONS)
    assert services(edited)["submission/inet"] == (SUBMISSION, OPTIONS)
    assert "#  -o smtpd_sasl_auth_enable=yes" in edited


def test_a_service_whose_first_line_alone_was_commented_out_gets_its_options_back_from_the_one_above() -> None:
    whole = postfix.set_service(MASTER, "submission/inet", SUBMISSION, OPTIONS)
    broken = whole.replace("submission inet", "#submission inet")
    assert "syslog_name" in services(broken)["smtp/inet"][1]  # that is what Postfix reads then
    edited = postfix.set_service(broken, "submission/inet", SUBMISSION, OPTIONS)
    assert services(postfix.set_service(edited, "smtp/inet", "smtp inet n - y - - smtpd", {})) == services(whole)


@pytest.mark.parametrize("order", [("smtp/inet", "submission/inet"), ("submission/inet", "smtp/inet")])
def test_the_order_in_which_services_are_put_back_does_not_matter(order: tuple[str, str]) -> None:
    whole = postfix.set_service(MASTER, "submission/inet", SUBMISSION, OPTIONS)
    text = whole.replace("submission inet", "#submission inet")
    for key in order:
        columns, options = services(whole)[key]
        text = postfix.set_service(text, key, columns, options)
    assert services(text) == services(whole)


def test_arguments_of_the_command_and_options_with_spaces_survive() -> None:
    columns, options = services(MASTER)["maildrop/unix"]
    edited = postfix.set_service(MASTER, "maildrop/unix", columns, {**options, "mydestination": "a.test b.test"})
    assert services(edited)["maildrop/unix"] == (columns, {"mydestination": "a.test b.test"})
    assert services(postfix.set_service(edited, "maildrop/unix", columns, options)) == services(MASTER)


def test_an_entry_must_be_of_the_service_that_it_is_for() -> None:
    with pytest.raises(ValueError, match="no entry of the service"):
        postfix.set_service(MASTER, "smtp/inet", "smtps inet n - y - - smtpd", {})


OPTION_NAMES = st.sampled_from(["syslog_name", "smtpd_tls_security_level", "mynetworks", "smtpd_client_restrictions"])
OPTION_VALUES = st.lists(st.text(alphabet="abc/_$,=", min_size=1, max_size=8), max_size=3).map(" ".join)
COLUMNS = st.builds(
    "{} {} n - y - {} {}".format,
    st.sampled_from(["smtp", "587", "pickup", "10.0.0.1:25"]),
    st.sampled_from(["inet", "unix"]),
    st.sampled_from(["-", "1", "20"]),
    st.sampled_from(["smtpd", "pipe flags=R user=vmail argv=/bin/x ${recipient}"]),
)


@given(st.lists(st.tuples(COLUMNS, st.dictionaries(OPTION_NAMES, OPTION_VALUES, max_size=3)), max_size=6))
def test_services_that_are_set_are_read_back_as_they_were_set(entries: list[tuple[str, dict[str, str]]]) -> None:
    text, wanted = MASTER, services(MASTER)
    for columns, options in entries:
        key = "/".join(columns.split()[:2])
        text = postfix.set_service(text, key, columns, options)
        wanted[key] = (columns, options)
        assert postfix.set_service(text, key, columns, options) == text
    assert services(text) == wanted


@given(st.sampled_from(sorted(services(MASTER))))
def test_a_removed_service_is_gone_and_the_others_stay(key: str) -> None:
    expected = {other: entry for other, entry in services(MASTER).items() if other != key}
    assert services(postfix.remove_service(MASTER, key)) == expected
