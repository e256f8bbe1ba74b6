from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from service.domain.message import Message
from service.domain.plain_text import CUT, clean, cut, plain_text


def a_message(
    body: str = "First lines.", why: str = "", details: tuple[str, ...] = (), link: str = "http://x/s/1"
) -> Message:
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    return Message(key="k", title="Title", body=body, why=why, details=details, link=link, useful_until=moment)


def test_first_lines_then_why_then_steps_then_the_address() -> None:
    message = a_message(why="tempo, 24 min", details=("1. Walk", "2. Breathe"))
    assert plain_text(message, fits=lambda _: True, link=True) == (
        "First lines.\n\ntempo, 24 min\n\n1. Walk\n2. Breathe\n\nhttp://x/s/1"
    )


def test_what_is_empty_leaves_no_gap() -> None:
    assert plain_text(a_message(link=""), fits=lambda _: True, link=True) == "First lines."


def test_the_address_stays_out_where_the_channel_has_another_place_for_it() -> None:
    assert "http" not in plain_text(a_message(), fits=lambda _: True)


def test_steps_go_first_then_why_then_the_end_of_the_first_lines() -> None:
    message = a_message(why="Because.", details=("1. Walk", "2. Breathe"))

    def within(length: int) -> str:
        return plain_text(message, fits=lambda text: len(text) <= length, link=True)

    assert within(60) == "First lines.\n\nBecause.\n\n1. Walk\n2. Breathe\n\nhttp://x/s/1"
    assert within(55) == "First lines.\n\nBecause.\n\n1. Walk\n…\n\nhttp://x/s/1"
    assert within(40) == "First lines.\n\nBecause.\n\n…\n\nhttp://x/s/1"
    assert within(30) == "First lines.\n\nhttp://x/s/1"
    assert within(12) == "First lines."
    assert within(8) == "First l…"


@given(st.text(), st.integers(1, 50))
def test_a_cut_text_is_the_longest_beginning_that_fits(text: str, room: int) -> None:
    kept = cut(text, lambda words: len(words) <= room)
    whole = clean(text)
    beginnings = [whole[:length].rstrip() + CUT for length in range(len(whole))]
    assert kept in (whole, *beginnings)
    assert len(kept) == max(len(words) for words in (whole, *beginnings) if len(words) <= room)


@given(st.text(alphabet=st.characters(codec=None)))
def test_a_clean_text_can_be_written_anywhere(text: str) -> None:
    clean(text).encode()
    assert not any(sign < " " and sign != "\n" for sign in clean(text))


def test_joined_emoji_stay_joined() -> None:
    assert clean("🏃🏽‍♀️") == "🏃🏽‍♀️"
