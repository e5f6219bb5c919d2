"""main.cf and master.cf as text: what Postfix reads, also when it refuses them."""

from __future__ import annotations

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix import withheld
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix_configuration import (
    USUAL,
    Configuration,
    Main,
    Master,
    parse_main,
    parse_master,
)


def configured(main: str = "", master: str = "") -> Configuration:
    return Configuration("/etc/postfix", parse_main(main), parse_master(master), USUAL)


def test_a_parameter_has_its_value_whatever_the_white_space_around_the_equals_sign() -> None:
    assert parse_main("a=1\nb =  two words \nc=\n").parameters == {"a": "1", "b": "two words", "c": ""}


def test_a_line_that_starts_with_white_space_continues_the_one_before() -> None:
    assert parse_main("mynetworks = 127.0.0.0/8\n\t[::1]/128\n  192.0.2.0/24\n").parameters == {
        "mynetworks": "127.0.0.0/8 [::1]/128 192.0.2.0/24"
    }


def test_comments_and_empty_lines_between_a_line_and_its_continuation_do_not_end_it() -> None:
    assert parse_main("a = 1\n\n# why\n   # indented\n  2\nb = 3\n").parameters == {"a": "1 2", "b": "3"}


def test_a_hash_within_a_value_belongs_to_it() -> None:
    assert parse_main("smtpd_banner = mail #1\n").parameters == {"smtpd_banner": "mail #1"}


def test_a_line_without_an_equals_sign_is_invalid_and_the_others_are_still_read() -> None:
    main = parse_main("a = 1\nsmtpd_banner hello\nb = 2\n")
    assert main.invalid == [{"line": 2, "text": "smtpd_banner hello"}]
    assert main.parameters == {"a": "1", "b": "2"}


def test_a_name_with_a_space_in_it_is_invalid() -> None:
    assert parse_main("smtpd banner = x\n").invalid == [{"line": 1, "text": "smtpd banner = x"}]


def test_of_duplicates_the_last_one_counts_and_is_named_with_its_line() -> None:
    main = parse_main("relayhost =\nother = 1\nrelayhost = [192.0.2.1]\n")
    assert main.parameters["relayhost"] == "[192.0.2.1]"
    assert main.duplicates == [{"name": "relayhost", "line": 3}]


def test_a_file_that_is_not_there_is_empty() -> None:
    assert (parse_main(""), parse_master("")) == (Main(), Master())


def test_references_to_parameters_are_filled_in_from_main_cf_and_from_the_defaults() -> None:
    known = configured("queue_directory = /srv/spool\na = ${data_directory}/x $(b)\nb = $queue_directory\n")
    assert known.value("a") == "/var/lib/postfix/x /srv/spool"


def test_a_reference_to_itself_does_not_hang() -> None:
    assert "$a" in configured("a = x$a\n").value("a")


def test_a_conditional_reference_stays_as_it_is() -> None:
    assert configured("a = ${b?{c}:{d}}\n").value("a") == "${b?{c}:{d}}"


def test_a_service_is_its_columns_and_its_options_and_its_line() -> None:
    master = parse_master(
        "# a comment\n"
        "submission inet n       -       y       -       -       smtpd\n"
        "  -o syslog_name=postfix/submission\n"
        "  -o smtpd_tls_security_level=encrypt\n"
    )
    assert master.services == {
        "submission/inet": {
            "columns": "submission inet n - y - - smtpd",
            "options": {"syslog_name": "postfix/submission", "smtpd_tls_security_level": "encrypt"},
            "line": 2,
        }
    }


def test_an_option_in_braces_may_contain_spaces() -> None:
    master = parse_master("smtp inet n - y - - smtpd -o { smtpd_client_restrictions = permit_mynetworks, reject } -v\n")
    service = master.services["smtp/inet"]
    assert service["options"] == {"smtpd_client_restrictions": "permit_mynetworks, reject"}
    assert service["columns"] == "smtp inet n - y - - smtpd -v"


def test_an_option_may_follow_its_letter_without_a_space() -> None:
    assert parse_master("smtp inet n - y - - smtpd -oa=b\n").services["smtp/inet"]["options"] == {"a": "b"}


def test_the_arguments_of_a_pipe_are_part_of_its_columns() -> None:
    text = "maildrop unix - n n - - pipe\n  flags=DRXhu user=vmail argv=/usr/bin/maildrop -d ${recipient}\n"
    assert parse_master(text).services["maildrop/unix"]["columns"].endswith("argv=/usr/bin/maildrop -d ${recipient}")


def test_a_service_that_is_commented_out_is_not_there() -> None:
    master = parse_master("#smtp inet n - y - - smtpd\npickup unix n - y 60 1 pickup\n")
    assert set(master.services) == {"pickup/unix"}


def test_a_line_with_too_few_fields_is_invalid_and_says_why() -> None:
    assert parse_master("smtp inet n - y - - smtpd\nsubmissions inet n - y -\n").invalid == [
        {"line": 2, "text": "submissions inet n - y -", "reason": "bad field count"}
    ]


def test_an_option_that_is_not_indented_is_taken_for_a_service_and_is_invalid() -> None:
    text = "submission inet n - y - - smtpd\n-o smtpd_helo_required=yes\n  -o a=b -o c=d -o e=f\n"
    (invalid,) = parse_master(text).invalid
    assert invalid["line"] == 2
    assert invalid["reason"] == 'invalid type field "smtpd_helo_required=yes"'


def test_columns_that_master_does_not_accept_are_invalid() -> None:
    reasons = [each["reason"] for each in parse_master("a unix x - y - - b\nc unix n - y often - d\n").invalid]
    assert reasons == ['invalid private field "x"', 'invalid wakeup field "often"']


def test_a_parameter_has_the_values_of_services_too() -> None:
    known = configured("smtpd_milters = inet:a:1\n", "x inet n - y - - smtpd -o smtpd_milters=inet:b:2\n")
    assert known.values("smtpd_milters") == ["inet:a:1", "inet:b:2"]


def test_relative_paths_are_below_the_queue_directory() -> None:
    assert configured().in_queue("private/auth") == "/var/spool/postfix/private/auth"
    assert configured().in_queue("/run/auth") == "/run/auth"


def test_of_a_password_there_is_a_keyed_digest_that_changes_with_it_and_with_nothing_else() -> None:
    def digests(main: str, master: str = "", key: str = "k") -> dict:
        known = configured(main, master)
        return withheld(known.main.parameters, known.master.services, key)

    piped = "x unix - n n - - pipe user=v argv=/x --password one\n"
    first = digests("myhostname = a\nsmtp_sasl_password_maps = static:bob:one\n", piped)
    assert first["main"].keys() == {"smtp_sasl_password_maps"} and first["services"].keys() == {"x/unix"}
    assert "one" not in str(first)
    assert digests("smtp_sasl_password_maps =  static:bob:one\n")["main"] == first["main"]
    assert digests("smtp_sasl_password_maps = static:bob:two\n")["main"] != first["main"]
    assert digests("smtp_sasl_password_maps = static:bob:one\n", key="other")["main"] != first["main"]
    assert digests("smtp_sasl_password_maps = static:bob:one\n", key="") == {"main": {}, "services": {}}
