"""One-time links sign in once, browsers stay while they come, tokens last until revoked, and no key is kept."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from service.application.entry import BROWSER_LASTS, INVITATION_LASTS, OVERLAP, RENEWED_AFTER, Entry
from service.persistence.engine import SqlDatabase
from service.persistence.tables import passes
from service.ports import PassKind
from tests.fakes import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def entry(database: SqlDatabase, clock: Clock) -> Entry:
    return Entry(database, {"me", "anna"}, clock)


def signed_in(entry: Entry, athlete: str = "me") -> str:
    key = entry.accept(entry.invite(athlete), "a phone")
    assert key is not None
    return key


def test_a_link_signs_one_browser_in_and_looking_at_it_does_not_use_it_up(entry: Entry) -> None:
    link = entry.invite("anna")

    assert entry.invited(link) == entry.invited(link) == "anna"
    key = entry.accept(link, "a phone")
    assert key is not None
    visitor = entry.browser(key)
    assert visitor is not None
    assert visitor.athlete == "anna"
    assert entry.accept(link, "another phone") is None
    assert entry.invited(link) is None


def test_a_link_goes_stale(entry: Entry, clock: Clock) -> None:
    link = entry.invite("me")
    clock.moment += INVITATION_LASTS

    assert entry.invited(link) is None
    assert entry.accept(link, "") is None


def test_a_key_of_one_kind_opens_no_door_of_another(entry: Entry) -> None:
    link, key, token = entry.invite("me"), signed_in(entry), entry.issue_token("me", "a script")

    assert entry.browser(link) is None
    assert entry.browser(token) is None
    assert entry.program(key) is None
    assert entry.accept(token, "") is None
    assert entry.browser("") is None


def test_a_browser_that_comes_daily_stays_and_its_key_changes(entry: Entry, clock: Clock) -> None:
    key = signed_in(entry)
    for _ in range(100):
        clock.moment += RENEWED_AFTER
        visitor = entry.browser(key)
        assert visitor is not None
        assert visitor.new_key is not None
        key = visitor.new_key

    assert len(entry.passes("me", PassKind.BROWSER)) == 1


def test_of_two_requests_at_once_one_is_given_the_new_key_and_both_are_let_in(entry: Entry, clock: Clock) -> None:
    old = signed_in(entry)
    clock.moment += RENEWED_AFTER

    first, second = entry.browser(old), entry.browser(old)

    assert first is not None
    assert second is not None
    assert first.new_key is not None
    assert second.new_key is None
    clock.moment += OVERLAP
    assert entry.browser(old) is None
    assert entry.browser(first.new_key) is not None


def test_a_browser_that_stays_away_signs_in_anew(entry: Entry, clock: Clock) -> None:
    key = signed_in(entry)
    clock.moment += BROWSER_LASTS

    assert entry.browser(key) is None


def test_signing_out_ends_this_browser_and_no_other(entry: Entry) -> None:
    phone, desk = signed_in(entry), signed_in(entry)

    entry.leave(phone)

    assert entry.browser(phone) is None
    assert entry.browser(desk) is not None


def test_a_token_lasts_until_it_is_revoked_by_its_own_athlete(entry: Entry, clock: Clock) -> None:
    token = entry.issue_token("me", "a script")
    (listed,) = entry.passes("me", PassKind.TOKEN)
    clock.moment += timedelta(days=4000)

    assert listed.name == "a script"
    assert not entry.revoke("anna", listed.id)
    visitor = entry.program(token)
    assert visitor is not None
    assert visitor.athlete == "me"
    assert entry.revoke("me", listed.id)
    assert entry.program(token) is None


def test_who_is_no_longer_in_the_settings_is_let_in_nowhere(database: SqlDatabase, entry: Entry, clock: Clock) -> None:
    link, key, token = entry.invite("anna"), signed_in(entry, "anna"), entry.issue_token("anna", "")
    without = Entry(database, {"me"}, clock)

    assert without.invited(link) is None
    assert without.accept(link, "") is None
    assert without.browser(key) is None
    assert without.program(token) is None


def test_the_database_holds_no_key(database: SqlDatabase, entry: Entry) -> None:
    keys = [entry.invite("me"), signed_in(entry), entry.issue_token("me", "a script")]

    with database.engine.connect() as connection:
        kept = str(connection.execute(select(passes)).all())
    assert not any(key in kept for key in keys)


def test_what_a_form_brings_along_differs_by_browser_and_gives_the_key_away_to_nobody(entry: Entry) -> None:
    phone, desk = signed_in(entry), signed_in(entry)
    one, other = entry.browser(phone), entry.browser(desk)

    assert one is not None
    assert other is not None
    assert one.guard != other.guard
    assert one.guard not in phone
