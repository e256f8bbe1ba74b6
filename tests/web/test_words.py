"""Times as one says them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.web.words import ago, day_words, when

TODAY = date(2026, 6, 17)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (TODAY, "today"),
        (TODAY + timedelta(days=1), "tomorrow"),
        (TODAY - timedelta(days=1), "yesterday"),
        (TODAY - timedelta(days=4), "Saturday"),
        (TODAY - timedelta(days=14), "Wed 3 Jun"),
        (date(2024, 6, 3), "3 Jun 2024"),
    ],
)
def test_days(day: date, said: str) -> None:
    assert day_words(day, TODAY) == said


def test_a_moment_is_said_where_the_runner_is() -> None:
    late = datetime(2026, 6, 16, 22, 30, tzinfo=UTC)

    assert when(late, late, ZoneInfo("Europe/Berlin")) == "today 00:30"
    assert when(late, late + timedelta(hours=24), ZoneInfo("Europe/Berlin")) == "yesterday 00:30"


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=12), "12 days ago"),
    ],
)
def test_how_long_ago(span: timedelta, said: str) -> None:
    now = datetime(2026, 6, 17, 12, tzinfo=UTC)

    assert ago(now - span, now) == said
