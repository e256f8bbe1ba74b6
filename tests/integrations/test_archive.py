"""Archives give the recordings they hold, one at a time, and no hostile one gives more than it may."""

import gzip
import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations import archive
from integrations.archive import Archives, Member
from service.ports import Malformed


def zipped(**members: bytes) -> bytes:
    """Return a zip of these members; in their names, two underscores stand for a slash and one for a dot."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as into:
        for name, body in members.items():
            into.writestr(name.replace("__", "/").replace("_", "."), body)
    return packed.getvalue()


def put(folder: Path, name: str, body: bytes) -> Path:
    file = folder / name
    file.write_bytes(body)
    return file


def held(path: Path) -> dict[str, bytes | str]:
    """Return what an archive gave: bytes by name, or the trouble in words."""
    with Archives(lambda name: name.lower().endswith(".fit")) as archives:
        return {one.name: body_of(one) for one in archives.members(path)}


def body_of(member: Member) -> bytes | str:
    try:
        return member.read()
    except Malformed as exc:
        return str(exc)


def test_a_gzip_file_gives_its_one_recording(tmp_path: Path) -> None:
    file = put(tmp_path, "run.FIT.gz", gzip.compress(b"a run"))

    assert held(file) == {"run.FIT": b"a run"}


def test_a_zip_gives_its_recordings_and_leaves_other_files_alone(tmp_path: Path) -> None:
    body = zipped(activities__1_fit=b"one", activities__2_fit_gz=gzip.compress(b"two"), media__a_jpg=b"photo")

    assert held(put(tmp_path, "export.zip", body)) == {"activities/1.fit": b"one", "activities/2.fit": b"two"}


def test_a_zip_within_a_zip_is_opened_and_one_deeper_is_not(tmp_path: Path) -> None:
    inner = zipped(run_fit=b"a run")
    body = zipped(part_zip=inner, deep_zip=zipped(deeper_zip=inner))

    found = held(put(tmp_path, "export.zip", body))

    assert found.pop("part.zip/run.fit") == b"a run"
    ((name, trouble),) = found.items()
    assert name == "deep.zip/deeper.zip"
    assert "unpack it first" in str(trouble)


@pytest.mark.parametrize("name", ["../../etc/cron.d/run.fit", "/etc/run.fit", "C:\\run.fit", "a\nb.fit"])
def test_a_members_name_leads_nowhere(tmp_path: Path, name: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as into:
        into.writestr(name, b"a run")
    before = set(tmp_path.iterdir())

    assert list(held(put(tmp_path, "export.zip", packed.getvalue())).values()) == [b"a run"]
    assert set(tmp_path.iterdir()) - before == {tmp_path / "export.zip"}


def test_a_bomb_is_parked_and_the_others_come_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MEMBER_BYTES", 1000)
    body = zipped(bomb_fit=bytes(10_000_000), gz_fit_gz=gzip.compress(bytes(10_000_000)), run_fit=b"a run")

    found = held(put(tmp_path, "export.zip", body))

    assert found["run.fit"] == b"a run"
    assert "larger than" in str(found["bomb.fit"])
    assert "larger than" in str(found["gz.fit"])


def test_an_archive_of_too_many_members_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, left=archive.TOTAL_BYTES, members=2)
    file = put(tmp_path, "export.zip", zipped(**{f"run{number}_fit": bytes(10) for number in range(9)}))

    with pytest.raises(Malformed, match="more than any runner"):
        held(file)


def test_an_archive_without_end_gives_no_more_than_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, left=25, members=archive.MOST_MEMBERS)
    file = put(tmp_path, "export.zip", zipped(**{f"run{number}_fit": bytes(10) for number in range(9)}))

    bodies = list(held(file).values())

    assert bodies[:2] == [bytes(10)] * 2
    assert set(bodies[2:]) == {archive.TOO_MUCH}


def allow(monkeypatch: pytest.MonkeyPatch, *, left: int, members: int) -> None:
    monkeypatch.setattr(archive._Allowance.__init__, "__defaults__", (left, members))


@pytest.mark.parametrize("count", [1, 40], ids=["few members, unpacked anew", "many members, kept beside"])
def test_a_zip_within_a_zip_may_be_read_in_any_order(tmp_path: Path, count: int) -> None:
    inner = zipped(**{f"run{number}_fit": b"%d" % number for number in range(count)})
    file = put(tmp_path, "export.zip", zipped(part_zip=inner))

    with Archives(lambda _: True) as archives:
        members = list(archives.members(file))
        bodies = [member.read() for member in reversed(members)]

    assert bodies == [b"%d" % number for number in reversed(range(count))]


def test_more_archives_than_may_be_open_can_all_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_OPEN", 2)
    files = [put(tmp_path, f"{number}.zip", zipped(run_fit=b"%d" % number)) for number in range(5)]

    with Archives(lambda _: True) as archives:
        members = [member for file in files for member in archives.members(file)]
        bodies = [member.read() for member in members]

    assert bodies == [b"%d" % number for number in range(5)]


def test_the_head_of_a_member_is_read_without_the_rest(tmp_path: Path) -> None:
    file = put(tmp_path, "export.zip", zipped(run_fit_gz=gzip.compress(b"begun" + bytes(archive.HEAD_BYTES))))

    with Archives(lambda _: True) as archives:
        (member,) = archives.members(file)
        head = member.head()

    assert len(head) == archive.HEAD_BYTES
    assert head.startswith(b"begun")


def test_a_member_that_says_it_is_small_is_read_within_bounds(tmp_path: Path) -> None:
    body = bytearray(zipped(run_fit=bytes(5000)))
    entry = body.index(b"PK\x01\x02")
    body[entry + 24 : entry + 28] = struct.pack("<I", 10)

    ((_, told),) = held(put(tmp_path, "export.zip", bytes(body))).items()

    assert isinstance(told, str) or len(told) <= 5000


def test_a_locked_member_says_so(tmp_path: Path) -> None:
    body = bytearray(zipped(run_fit=b"a run"))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        body[body.index(signature) + offset] |= 1

    assert "password" in str(held(put(tmp_path, "export.zip", bytes(body)))["run.fit"])


@pytest.mark.parametrize(
    "body", [pytest.param(gzip.compress(b"a run")[:-9], id="cut short"), pytest.param(b"no gzip", id="no gzip")]
)
def test_a_damaged_gzip_file_says_so(tmp_path: Path, body: bytes) -> None:
    assert "damaged or cut short" in str(held(put(tmp_path, "run.fit.gz", body))["run.fit"])


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"PK", id="two letters"),
        pytest.param(b"no zip at all", id="a text"),
        pytest.param(zipped(run_fit=b"a run")[:-30], id="cut short"),
    ],
)
def test_what_is_no_zip_says_so(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(Malformed, match="zip"):
        held(put(tmp_path, "export.zip", body))


def test_a_name_in_no_alphabet_is_damage(tmp_path: Path) -> None:
    body = bytearray(zipped(run_fit=b"a run"))
    in_utf8 = 0x800
    body[6:8] = struct.pack("<H", in_utf8)  # the flags of the member's own header
    body[30:33] = b"\xff\xff\xff"  # and its name there

    assert "damaged" in str(held(put(tmp_path, "export.zip", bytes(body)))["run.fit"])


def test_an_archive_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="cannot be read"):
        held(tmp_path / "gone.zip")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_no_damage_raises_anything_but_malformed(tmp_path: Path, data: st.DataObject) -> None:
    body = bytearray(zipped(one_fit=b"a run" * 50, two_fit_gz=gzip.compress(b"two"), in_zip=zipped(three_fit=b"three")))
    for _ in range(data.draw(st.integers(1, 6))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    file = put(tmp_path, "export.zip", bytes(body[: data.draw(st.integers(0, len(body)))]))

    try:
        held(file)
    except Malformed:
        return
