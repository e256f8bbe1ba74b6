"""What every source promises. A new one earns these tests by inheriting them and saying how something is put there."""

from collections.abc import Callable
from datetime import timedelta

import pytest

import integrations
from service.ports import EdgeError, Raw, Removed, Source

type Put = Callable[[str, bytes], None]
type Said = Callable[[Raw], bytes]
type Given = list[tuple[Raw, str]]

FIVE = {f"run-{number}": f"bytes of run {number}".encode() for number in range(5)}


class SourceContract:
    @pytest.fixture
    def source(self) -> Source:
        """Return a source that answers and holds nothing yet."""
        raise NotImplementedError

    @pytest.fixture
    def again(self) -> Callable[[], Source]:
        """Return a maker of the same source, as after a restart."""
        raise NotImplementedError

    @pytest.fixture
    def put(self) -> Put:
        """Return what puts a recording there, ready to be taken."""
        raise NotImplementedError

    @pytest.fixture
    def broken(self) -> Source:
        """Return one that is out of order."""
        raise NotImplementedError

    @pytest.fixture
    def said(self) -> Said:
        """Return what finds in a recording the bytes that were put there; a platform may wrap them."""
        return lambda raw: raw.body

    def test_it_is_named_as_its_module(self, source: Source) -> None:
        assert f"{type(source).__module__}.".startswith(f"integrations.{source.name}.")
        assert source.name in integrations.names()

    def test_it_says_how_often_to_ask_it_and_that_nothing_is_to_be_done_yet(self, source: Source) -> None:
        assert timedelta(0) <= source.ask_every <= timedelta(hours=1)
        assert source.ready_at is None
        assert source.notice == ""

    def test_where_nothing_is_nothing_comes(self, source: Source) -> None:
        assert list(source.fetch(None)) == []

    def test_a_recording_comes_as_it_was_put_there(self, source: Source, put: Put, said: Said) -> None:
        put("run-1", b"the bytes")
        ((raw, cursor),) = given(source)
        assert said(raw) == b"the bytes"
        assert raw.source == source.name
        assert raw.media_type == raw.media_type.lower() != ""
        assert raw.received_at.utcoffset() == timedelta(0)
        assert raw.expires_at is None or raw.expires_at > raw.received_at
        assert cursor

    def test_each_comes_once(self, source: Source, put: Put, said: Said) -> None:
        _put_five(put)
        taken = given(source)
        assert _bodies(taken, said) == sorted(FIVE.values())
        assert len({raw.external_id for raw, _ in taken}) == 5
        assert list(source.fetch(taken[-1][1])) == []

    def test_a_restart_repeats_nothing(self, source: Source, again: Callable[[], Source], put: Put) -> None:
        _put_five(put)
        *_, (_, cursor) = source.fetch(None)
        assert list(again().fetch(cursor)) == []

    @pytest.mark.parametrize("survived", range(1, 6))
    def test_a_crash_after_any_of_them_loses_none(
        self, source: Source, again: Callable[[], Source], put: Put, said: Said, survived: int
    ) -> None:
        _put_five(put)
        asking = source.fetch(None)
        kept = _recordings([next(asking) for _ in range(survived)])
        rest = given(again(), kept[-1][1])
        assert _bodies(kept + rest, said) == sorted(FIVE.values())

    def test_an_older_cursor_may_repeat_and_loses_none(self, source: Source, put: Put, said: Said) -> None:
        _put_five(put)
        taken = given(source)
        for number, (_, cursor) in enumerate(taken, start=1):
            later = set(_bodies(given(source, cursor), said))
            assert later >= set(_bodies(taken[number:], said))

    def test_what_comes_later_is_found_with_the_old_cursor(self, source: Source, put: Put, said: Said) -> None:
        put("run-1", b"first")
        ((_, cursor),) = source.fetch(None)
        put("run-2", b"second")
        ((raw, _),) = given(source, cursor)
        assert said(raw) == b"second"

    @pytest.mark.parametrize("cursor", ["", "nonsense", "9:future", "{}", "[]", "null"])
    def test_a_cursor_it_does_not_know_loses_none(self, source: Source, put: Put, said: Said, cursor: str) -> None:
        _put_five(put)
        assert _bodies(given(source, cursor), said) == sorted(FIVE.values())

    def test_a_check_takes_nothing(self, source: Source, put: Put) -> None:
        _put_five(put)
        assert source.check()
        assert len(list(source.fetch(None))) == 5

    def test_trouble_is_one_line_for_a_person(self, broken: Source) -> None:
        for asked in (broken.check, lambda: list(broken.fetch(None))):
            with pytest.raises(EdgeError) as caught:
                asked()
            assert 20 < len(str(caught.value)) < 300
            assert "\n" not in str(caught.value)


def given(source: Source, cursor: str | None = None) -> Given:
    """Return the recordings a source has to give, each with its cursor; fail where it takes one back."""
    return _recordings(list(source.fetch(cursor)))


def _recordings(fetched: list[tuple[Raw | Removed, str]]) -> Given:
    kept = [(one, cursor) for one, cursor in fetched if isinstance(one, Raw)]
    assert len(kept) == len(fetched), "nothing was removed, so nothing may be said to be"
    return kept


def _put_five(put: Put) -> None:
    for name, body in FIVE.items():
        put(name, body)


def _bodies(taken: Given, said: Said) -> list[bytes]:
    return sorted(said(raw) for raw, _ in taken)
