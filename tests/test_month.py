"""A month in the life of one runner keeps the promises made to them. docs/month.md shows it."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from service.domain.message import Message, Phase
from service.domain.quiet import is_quiet
from tests.claims import overclaims
from tools.month import ZONE, Month, live, timeline

ALERTING = {"ntfy", "email"}

type Heard = list[tuple[datetime, str, Message]]


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Month:
    return live(tmp_path_factory.mktemp("month"))


@pytest.fixture(scope="module")
def heard(month: Month) -> Heard:
    return [(at, box, one) for at, box, one in month.arrived if box in ALERTING and one.phase is Phase.NEW]


def test_nothing_is_heard_in_quiet_hours(month: Month, heard: Heard) -> None:
    kim = month.app.athletes["kim"]

    assert heard
    assert not [(at, one.title) for at, _, one in heard if is_quiet(at, kim)]


def test_nothing_alerts_twice_whichever_way_it_comes(heard: Heard) -> None:
    assert max(Counter(one.key for _, _, one in heard).values()) == 1


def test_each_date_has_one_list_at_most_and_the_night_of_twenty_five_hours_too(heard: Heard) -> None:
    dates = [at.astimezone(ZONE).date() for at, _, one in heard if "digest" in one.tags]

    assert len(dates) == len(set(dates))


def test_no_day_brings_more_than_a_person_would_want(heard: Heard) -> None:
    days = Counter(at.date() for at, _, _ in heard)

    assert max(days.values()) <= 4
    assert sum(days.values()) / 28 < 2


def test_what_is_said_fits_a_locked_phone_and_claims_nothing(heard: Heard) -> None:
    for _, _, message in heard:
        assert len(message.title) <= 60
        assert not overclaims("\n".join([message.title, message.body, *message.details]))


def test_mail_comes_only_while_the_phone_is_out_of_order(heard: Heard) -> None:
    assert {at.day for at, box, _ in heard if box == "email"} == {20, 21, 22}


def test_what_power_kept_from_coming_is_not_made_up_for_by_a_flood(heard: Heard) -> None:
    back = datetime(2026, 11, 1, 20, 15, tzinfo=ZONE)

    assert len([one for at, _, one in heard if back <= at <= back + timedelta(hours=1)]) <= 1


def test_the_page_is_made_of_it(month: Month) -> None:
    page = (Path(__file__).parents[1] / "docs" / "month.md").read_text(encoding="utf-8")

    days = [line for line in timeline(month) if line.startswith("### ")]
    assert days == [line for line in page.splitlines() if line.startswith("### ")], (
        "run: .venv/bin/python tools/month.py docs/month.md"
    )
