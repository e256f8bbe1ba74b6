import json
import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations import folder
from integrations.folder import LARGEST_BYTES, STILL, Folder
from service.ports import Raw, Refused, Source, Unavailable
from tests.fakes import Clock
from tests.integrations.source_contract import Put, SourceContract

LONG_AGO = datetime(2019, 5, 1, tzinfo=UTC).timestamp()


@pytest.fixture
def clock() -> Clock:
    """Somewhat ahead of the machine's, so that what a test has just written has stood still."""
    return Clock(datetime.now(UTC) + timedelta(minutes=5))


@pytest.fixture
def watched(tmp_path: Path) -> Path:
    place = tmp_path / "runs"
    place.mkdir()
    return place


@pytest.fixture
def source(watched: Path, clock: Clock) -> Folder:
    return folder.source(path=watched, pattern=["*.fit"], clock=clock)


def names(taken: list[tuple[Raw, str]]) -> list[str]:
    return sorted(raw.external_id for raw, _ in taken)


class TestTheContract(SourceContract):
    @pytest.fixture
    def source(self, again: Callable[[], Source]) -> Source:
        return again()

    @pytest.fixture
    def again(self, watched: Path, clock: Clock) -> Callable[[], Source]:
        return lambda: folder.source(path=watched, pattern=["*.fit"], clock=clock)

    @pytest.fixture
    def put(self, watched: Path, source: Source, clock: Clock) -> Put:
        def put(name: str, body: bytes) -> None:
            (watched / f"{name}.fit").write_bytes(body)
            list(source.fetch(None))
            clock.forward(seconds=STILL.total_seconds())

        return put

    @pytest.fixture
    def broken(self, tmp_path: Path, clock: Clock) -> Source:
        return folder.source(path=tmp_path / "nowhere", pattern=["*.fit"], clock=clock)


class TestWhatCounts:
    @pytest.mark.parametrize("name", ["run.fit", "RUN.FIT", "Run.Fit", "a b.fit", "läuft.fit", "2026/11/run.fit"])
    def test_recordings_in_it_and_in_its_folders(self, watched: Path, source: Folder, name: str) -> None:
        (watched / name).parent.mkdir(parents=True, exist_ok=True)
        (watched / name).write_bytes(b"x")
        ((raw, _),) = source.fetch(None)
        assert raw.external_id == name
        assert raw.media_type == "fit"

    @pytest.mark.parametrize(
        "name", ["notes.txt", ".hidden.fit", ".stversions/run.fit", ".run.fit.Ab3dEf", "fit", "x.fit~"]
    )
    def test_nothing_else(self, watched: Path, source: Folder, name: str) -> None:
        (watched / name).parent.mkdir(parents=True, exist_ok=True)
        (watched / name).write_bytes(b"x")
        assert list(source.fetch(None)) == []

    def test_several_patterns(self, watched: Path, clock: Clock) -> None:
        for name in ("a.fit", "b.GPX", "c.tcx"):
            (watched / name).write_bytes(name.encode())
        taken = list(folder.source(path=watched, pattern=("*.fit", "*.gpx"), clock=clock).fetch(None))
        assert sorted((raw.external_id, raw.media_type) for raw, _ in taken) == [("a.fit", "fit"), ("b.GPX", "gpx")]

    def test_no_link_is_followed_in_or_out(self, watched: Path, source: Folder, tmp_path: Path) -> None:
        secret = tmp_path / "secrets"
        secret.mkdir()
        (secret / "private.fit").write_bytes(b"secret")
        (watched / "link.fit").symlink_to(secret / "private.fit")
        (watched / "folder").symlink_to(secret)
        (watched / "circle").symlink_to(watched)
        assert list(source.fetch(None)) == []

    def test_a_pipe_does_not_hold_it(self, watched: Path, source: Folder) -> None:
        os.mkfifo(watched / "pipe.fit")
        assert list(source.fetch(None)) == []

    def test_the_watched_folder_itself_may_be_a_link(self, watched: Path, clock: Clock, tmp_path: Path) -> None:
        (watched / "run.fit").write_bytes(b"x")
        (tmp_path / "short").symlink_to(watched)
        assert names(list(folder.source(path=tmp_path / "short", pattern=["*.fit"], clock=clock).fetch(None))) == [
            "run.fit"
        ]

    def test_a_name_in_no_known_alphabet_still_has_a_readable_id(self, watched: Path, source: Folder) -> None:
        (watched / os.fsdecode(b"run-\xff.fit")).write_bytes(b"x")
        ((raw, _),) = source.fetch(None)
        assert raw.external_id == "run-\\xff.fit"

    def test_the_home_folder_may_be_written_short(
        self, watched: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(watched.parent))
        (watched / "run.fit").write_bytes(b"x")
        assert len(list(folder.source(path="~/runs", pattern=["*.fit"], clock=clock).fetch(None))) == 1

    def test_the_newest_comes_first_and_the_originals_stay(self, watched: Path, source: Folder) -> None:
        for age, name in enumerate(("new.fit", "older.fit", "oldest.fit")):
            (watched / name).write_bytes(name.encode())
            os.utime(watched / name, (LONG_AGO - age, LONG_AGO - age))
        assert [raw.external_id for raw, _ in source.fetch(None)] == ["new.fit", "older.fit", "oldest.fit"]
        assert len(list(watched.iterdir())) == 3


class TestWholeness:
    @pytest.fixture
    def clock(self) -> Clock:
        return Clock(datetime.now(UTC))

    def test_a_file_just_written_is_left_alone(self, watched: Path, source: Folder) -> None:
        (watched / "run.fit").write_bytes(b"half")
        assert list(source.fetch(None)) == []

    def test_old_dates_on_a_copy_in_progress_deceive_nobody(self, watched: Path, source: Folder) -> None:
        (watched / "run.fit").write_bytes(b"half")
        os.utime(watched / "run.fit", (LONG_AGO, LONG_AGO))
        assert list(source.fetch(None)) == []

    def test_it_is_taken_once_it_stood_still(self, watched: Path, source: Folder, clock: Clock) -> None:
        list(source.fetch(None))
        (watched / "run.fit").write_bytes(b"whole")
        list(source.fetch(None))
        clock.forward(seconds=7)
        assert list(source.fetch(None)) == []
        clock.forward(seconds=1)
        assert names(list(source.fetch(None))) == ["run.fit"]

    def test_a_slow_copy_is_taken_once_and_whole(self, watched: Path, source: Folder, clock: Clock) -> None:
        for _ in range(12):
            with (watched / "run.fit").open("ab") as file:
                file.write(b"more ")
            assert list(source.fetch(None)) == []
            clock.forward(seconds=10)
        ((raw, cursor),) = source.fetch(None)
        assert raw.body == b"more " * 12
        assert list(source.fetch(cursor)) == []

    @pytest.mark.parametrize("phase", range(10))
    def test_it_is_taken_within_twenty_seconds_of_being_whole(
        self, watched: Path, source: Folder, clock: Clock, phase: int
    ) -> None:
        list(source.fetch(None))
        clock.forward(seconds=phase)
        (watched / "run.fit").write_bytes(b"whole")
        whole_at = clock.now()
        clock.forward(seconds=10 - phase)
        while not list(source.fetch(None)):
            clock.forward(seconds=10)
        assert clock.now() - whole_at <= timedelta(seconds=20)

    def test_a_share_whose_clock_is_behind_deceives_nobody(self, watched: Path, source: Folder, clock: Clock) -> None:
        list(source.fetch(None))
        clock.forward(hours=1)  # the share's stamps now look an hour old
        (watched / "run.fit").write_bytes(b"half")
        assert list(source.fetch(None)) == []

    def test_a_share_whose_clock_is_ahead_delays_nothing(self, watched: Path, source: Folder, clock: Clock) -> None:
        clock.forward(hours=-1)
        (watched / "run.fit").write_bytes(b"whole")
        assert list(source.fetch(None)) == []
        clock.forward(seconds=10)
        assert len(list(source.fetch(None))) == 1

    def test_a_clock_set_back_delays_it_by_one_wait_at_most(self, watched: Path, source: Folder, clock: Clock) -> None:
        list(source.fetch(None))
        (watched / "run.fit").write_bytes(b"whole")
        list(source.fetch(None))
        clock.forward(hours=-2)
        list(source.fetch(None))
        clock.forward(seconds=10)
        assert len(list(source.fetch(None))) == 1

    def test_what_changes_while_it_is_read_is_left_for_later(
        self, watched: Path, source: Folder, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = watched / "run.fit"
        file.write_bytes(b"first half")
        clock.forward(minutes=1)
        true_open = os.open

        def open_and_append(path: str, flags: int) -> int:
            handle = true_open(path, flags)
            with file.open("ab") as other:
                other.write(b", second half")
            return handle

        monkeypatch.setattr(os, "open", open_and_append)
        assert list(source.fetch(None)) == []
        monkeypatch.undo()
        list(source.fetch(None))
        clock.forward(seconds=10)
        ((raw, _),) = source.fetch(None)
        assert raw.body == b"first half, second half"


class TestTheCursor:
    def test_a_file_that_arrives_with_an_old_date_is_found(self, watched: Path, source: Folder, clock: Clock) -> None:
        (watched / "new.fit").write_bytes(b"new")
        ((_, cursor),) = source.fetch(None)
        (watched / "old.fit").write_bytes(b"old")
        os.utime(watched / "old.fit", (LONG_AGO, LONG_AGO))
        list(source.fetch(cursor))
        clock.forward(seconds=10)
        assert names(list(source.fetch(cursor))) == ["old.fit"]

    def test_a_folder_moved_in_with_old_files_is_found(
        self, watched: Path, source: Folder, clock: Clock, tmp_path: Path
    ) -> None:
        export = tmp_path / "export"
        export.mkdir()
        (export / "2019.fit").write_bytes(b"old")
        (watched / "new.fit").write_bytes(b"new")
        ((_, cursor),) = source.fetch(None)
        export.rename(watched / "export")
        list(source.fetch(cursor))
        clock.forward(seconds=10)
        assert names(list(source.fetch(cursor))) == ["export/2019.fit"]

    def test_a_file_written_anew_comes_again(self, watched: Path, source: Folder, clock: Clock) -> None:
        (watched / "run.fit").write_bytes(b"first")
        ((_, cursor),) = source.fetch(None)
        (watched / "run.fit").write_bytes(b"second, longer")
        list(source.fetch(cursor))
        clock.forward(seconds=10)
        ((raw, _),) = source.fetch(cursor)
        assert raw.body == b"second, longer"

    def test_new_rights_or_a_new_name_for_a_folder_above_repeat_nothing(
        self, watched: Path, source: Folder, clock: Clock
    ) -> None:
        (watched / "run.fit").write_bytes(b"x")
        ((_, cursor),) = source.fetch(None)
        (watched / "run.fit").chmod(0o600)
        moved = watched.rename(watched.with_name("elsewhere"))
        assert list(folder.source(path=moved, pattern=["*.fit"], clock=clock).fetch(cursor)) == []

    def test_it_forgets_what_is_gone(self, watched: Path, source: Folder) -> None:
        for number in range(20):
            (watched / f"{number}.fit").write_bytes(b"%d" % number)
        *_, (_, cursor) = source.fetch(None)
        for number in range(1, 20):
            (watched / f"{number}.fit").unlink()
        (watched / "new.fit").write_bytes(b"new")
        clock_on = Folder(watched, ["*.fit"], Clock(datetime.now(UTC) + timedelta(minutes=5)))
        ((_, shorter),) = clock_on.fetch(cursor)
        assert len(shorter) == len("1:") + 2 * 8

    def test_an_emptied_folder_writes_no_cursor_so_that_an_unmounted_one_forgets_nothing(
        self, watched: Path, source: Folder
    ) -> None:
        (watched / "run.fit").write_bytes(b"x")
        ((_, cursor),) = source.fetch(None)
        hidden = watched.rename(watched.with_name("unmounted"))
        watched.mkdir()
        assert list(source.fetch(cursor)) == []
        watched.rmdir()
        hidden.rename(watched)
        assert list(source.fetch(cursor)) == []

    @given(st.text())
    def test_any_text_is_a_cursor(self, text: str) -> None:
        assert all(len(mark) <= 8 for mark in folder._marks(text))
        assert folder._marks(None) == set()

    def test_it_is_plain_text(self, watched: Path, source: Folder) -> None:
        (watched / "run.fit").write_bytes(b"x")
        ((_, cursor),) = source.fetch(None)
        assert json.loads(json.dumps(cursor)) == cursor
        assert cursor.isascii()


class TestTrouble:
    def test_a_file_that_vanishes_before_it_is_read_stops_no_other(self, watched: Path, source: Folder) -> None:
        for name in ("a.fit", "b.fit", "c.fit"):
            (watched / name).write_bytes(name.encode())
        asking = source.fetch(None)
        first, _ = next(asking)
        gone = next(name for name in ("a.fit", "b.fit", "c.fit") if name != first.external_id)
        (watched / gone).unlink()
        assert names(list(asking)) == sorted({"a.fit", "b.fit", "c.fit"} - {first.external_id, gone})

    def test_an_unreadable_file_stops_no_other_and_is_taken_once_it_can_be_read(
        self,
        watched: Path,
        source: Folder,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        for name in ("closed.fit", "open.fit"):
            (watched / name).write_bytes(name.encode())
        true_open = os.open

        def closed_to_us(path: str, flags: int) -> int:
            if path.endswith("closed.fit"):
                raise PermissionError(13, "Permission denied", path)
            return true_open(path, flags)

        monkeypatch.setattr(os, "open", closed_to_us)
        with caplog.at_level(logging.WARNING):
            ((raw, cursor),) = source.fetch(None)
            list(source.fetch(cursor))
        assert raw.external_id == "open.fit"
        assert [record.getMessage() for record in caplog.records] == [
            "closed.fit cannot be read (Permission denied): let Afterrun read it, or take it out"
        ]
        monkeypatch.undo()
        assert names(list(source.fetch(cursor))) == ["closed.fit"]

    def test_a_link_that_takes_a_files_place_is_not_followed(
        self, watched: Path, source: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (watched / "run.fit").write_bytes(b"x")
        (tmp_path / "secret").write_bytes(b"secret")
        true_open = os.open

        def swapped(path: str, flags: int) -> int:
            Path(path).unlink()
            Path(path).symlink_to(tmp_path / "secret")
            return true_open(path, flags)

        monkeypatch.setattr(os, "open", swapped)
        assert list(source.fetch(None)) == []

    def test_a_huge_file_is_not_read_but_told_of(self, watched: Path, source: Folder) -> None:
        with (watched / "huge.fit").open("wb") as file:
            file.truncate(LARGEST_BYTES + 1)
        ((raw, cursor),) = source.fetch(None)
        assert raw.body == b""
        assert raw.withheld == "larger than 32 MB, so not read"
        assert list(source.fetch(cursor)) == []

    def test_the_largest_allowed_is_read_whole(self, watched: Path, source: Folder) -> None:
        with (watched / "large.fit").open("wb") as file:
            file.truncate(LARGEST_BYTES)
        ((raw, _),) = source.fetch(None)
        assert (len(raw.body), raw.withheld) == (LARGEST_BYTES, "")

    def test_a_missing_folder_may_come_back(self, watched: Path, source: Folder) -> None:
        watched.rmdir()
        with pytest.raises(Unavailable, match="make it, mount it, or correct"):
            list(source.fetch(None))
        watched.mkdir()
        assert list(source.fetch(None)) == []

    def test_a_file_in_the_folders_place_needs_a_human(self, watched: Path, source: Folder) -> None:
        watched.rmdir()
        watched.write_bytes(b"")
        with pytest.raises(Refused):
            source.check()

    def test_a_folder_inside_that_cannot_be_listed_stops_no_other(
        self, watched: Path, source: Folder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        (watched / "closed").mkdir()
        (watched / "run.fit").write_bytes(b"x")
        true_scandir = os.scandir

        def scandir(path: str) -> object:
            if str(path).endswith("closed"):
                raise PermissionError(13, "Permission denied", path)
            return true_scandir(path)

        monkeypatch.setattr(os, "scandir", scandir)
        assert names(list(source.fetch(None))) == ["run.fit"]
        assert "closed cannot be read" in caplog.text


def test_what_is_known_is_not_opened_again(watched: Path, source: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(300):
        (watched / f"{number}.fit").write_bytes(b"%d" % number)
    *_, (_, cursor) = source.fetch(None)
    opened: list[object] = []
    monkeypatch.setattr(os, "open", lambda path, _flags: opened.append(path))
    assert list(source.fetch(cursor)) == []
    assert opened == []
