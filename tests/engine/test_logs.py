"""One line an event, readable by whom it is for, and no secret in any of them."""

import json
import logging
import sys
from collections.abc import Callable

import pytest

from service.engine.logs import Fields, Lines
from service.engine.redaction import HIDDEN, Redactor


def record(message: str, *args: object, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("service.application.sync", logging.WARNING, __file__, 1, message, args, None)
    vars(made).update(extra)
    return made


def failed(told: logging.LogRecord, error: Exception) -> logging.LogRecord:
    """Return a record with the trace of an error, as it is caught."""
    try:
        raise error
    except type(error):
        told.exc_info = sys.exc_info()
    return told


@pytest.mark.parametrize(
    "formatter",
    [
        Lines,
        lambda redactor: Lines(redactor, journal=True),
        lambda redactor: Fields(redactor, as_json=False),
        lambda redactor: Fields(redactor, as_json=True),
    ],
    ids=["plain", "journal", "logfmt", "json"],
)
def test_neither_words_nor_fields_nor_traces_hold_a_secret(
    formatter: Callable[[Redactor], logging.Formatter],
) -> None:
    secret, redactor = "planted-token", Redactor()
    redactor.learn([secret])

    line = formatter(redactor).format(failed(record("asked with %s", secret, athlete=secret), ValueError(secret)))

    assert HIDDEN in line
    assert secret not in line


def test_a_line_of_json_holds_the_event_its_fields_and_its_trace() -> None:
    told = record("%s works again", "sources.folder", athlete="anna")

    line = Fields(Redactor(), as_json=True).format(failed(told, ZeroDivisionError()))

    assert "\n" not in line
    fields = json.loads(line)
    assert (fields["level"], fields["event"], fields["athlete"]) == ("warning", "sources.folder works again", "anna")
    assert "ZeroDivisionError" in fields["trace"]


def test_a_line_of_fields_is_one_line_whatever_stands_in_them() -> None:
    line = Fields(Redactor(), as_json=False).format(record('one "and"\nanother', athlete="anna"))

    assert line.count("\n") == 0
    assert r'event="one \"and\"\nanother" athlete=anna' in line


@pytest.mark.parametrize("journal", [True, False])
def test_what_others_wrote_begins_no_line_of_its_own(journal: bool) -> None:
    line = Lines(Redactor(), journal=journal).format(record("%s cannot be read", "a\n<3>forged\x1b]0;title\x07.fit"))

    assert "\n" not in line
    assert "\x1b" not in line
    assert "forged" in line


def test_a_journal_gets_the_level_in_front_and_no_time() -> None:
    assert Lines(Redactor(), journal=True).format(record("stuck")) == "<4>stuck"
