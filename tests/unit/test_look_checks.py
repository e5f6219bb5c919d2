"""What a look tells as checks, beside the legs."""

from dataclasses import replace

from pyremediate.looking import look as looking
from pyremediate.model import Answer, Device
from tests.unit.looks import look


def test_a_device_that_says_nothing_is_told_as_not_known():
    seen = replace(look({}), devices=(Device("router01", unreachable="no answer"), Device("router02", evidence={})))
    (check,) = looking.checks(seen)
    assert (check.name, check.answer, check.detail) == ("state of router01", Answer.UNKNOWN, "no answer")
