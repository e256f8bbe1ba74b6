"""Whatever is wrong is found, and the command that mends it is said."""

import json
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.settings import Settings, load
from service import doctor
from service.bootstrap import App, build
from service.doctor import Finding, examine
from service.domain.message import Message
from service.persistence.backup import BACKUPS
from service.ports import Fate
from tests.fakes import raw

NOW = datetime.now(UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "afterrun.toml").write_text('[channels.calendar]\npath = "calendar"\n[sources.folder]\npath = "runs"\n')
    (tmp_path / "runs").mkdir()
    return load(tmp_path / "afterrun.toml", env={})


@pytest.fixture
def app(settings: Settings) -> Iterator[App]:
    settings.data_dir.mkdir(mode=0o700)
    app = build(settings)
    app.health.beat()
    yield app
    app.close()


def wrong(settings: Settings) -> dict[str, Finding]:
    """Return what is not fine, by what it is; each with what to do."""
    found = {finding.what: finding for finding in examine(settings) if not finding.fine}
    assert all(finding.remedy for finding in found.values())
    return found


def advice(settings: Settings) -> dict[str, str]:
    return {finding.what: finding.remedy for finding in examine(settings) if finding.fine and finding.remedy}


def test_where_all_is_well_nothing_is_wrong(app: App, settings: Settings) -> None:
    assert wrong(settings) == {}


def test_a_clock_that_lost_its_battery(app: App, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "NOT_BEFORE", datetime.now(UTC) + timedelta(days=1))

    assert "set-ntp" in wrong(settings)["clock"].remedy


@pytest.mark.skipif(os.name != "posix", reason="modes are a thing of POSIX")
@pytest.mark.parametrize("place", [".", "keys", "keys/links.key"])
def test_private_places_that_others_can_look_into(app: App, settings: Settings, place: str) -> None:
    assert app.links
    (settings.data_dir / place).chmod(0o755)

    assert f"chmod -R go= {settings.data_dir}" in wrong(settings)["data folder"].remedy


@pytest.mark.skipif(os.name != "posix", reason="modes are a thing of POSIX")
def test_secrets_that_others_can_read(tmp_path: Path) -> None:
    (tmp_path / "ntfy.token").write_text("tk_secret")
    (tmp_path / "afterrun.toml").write_text(
        '[channels.ntfy]\nurl = "http://127.0.0.1:1/topic"\ntoken_file = "ntfy.token"\n'
    )
    for name in ("ntfy.token", "afterrun.toml"):
        (tmp_path / name).chmod(0o644)
    told = [finding.remedy for finding in doctor.privacy(load(tmp_path / "afterrun.toml", env={})) if not finding.fine]

    assert told == [f"Keep it to yourself: chmod 600 {tmp_path / name}" for name in ("afterrun.toml", "ntfy.token")]


def test_settings_without_a_secret_are_no_secret(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "afterrun.toml").chmod(0o644)

    assert settings.secret_files == ()


def test_a_disk_that_is_nearly_full(app: App, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    full = shutil.disk_usage(".")._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)

    assert "du -sh" in wrong(settings)["disk"].remedy


def test_a_damaged_database(app: App, settings: Settings) -> None:
    app.database.close()
    place = Path(str(app.database.engine.url.database))
    body = bytearray(place.read_bytes())
    body[4096:] = b"\x55" * (len(body) - 4096)
    place.write_bytes(body)

    assert wrong(settings)["database"].remedy


def test_tokens_whose_key_is_lost(app: App, settings: Settings) -> None:
    app._vault("me", "sources.strava").write({"token": "t"})
    (settings.data_dir / "keys" / "vault.key").unlink()

    assert "afterrun connect strava" in wrong(settings)["keys"].remedy


def test_a_worker_that_is_gone_is_worth_a_word(app: App, settings: Settings) -> None:
    app.health.end()

    assert "afterrun run" in advice(settings)["worker"]


def test_a_message_that_has_been_due_for_hours(app: App, settings: Settings) -> None:
    late = Message(key="late", title="", body="", useful_until=NOW + timedelta(hours=9))
    with app.database.writing() as store:
        store.add_message("me", "ntfy", late, NOW - timedelta(hours=5))

    finding = wrong(settings)["channels.ntfy"]
    assert "5 h" in finding.found
    assert "afterrun connect ntfy" in finding.remedy


def test_recordings_that_could_not_be_read(app: App, settings: Settings) -> None:
    with app.database.writing() as store:
        store.settle_raw(store.keep_raw("me", raw(), "0" * 64, bulk=False).id, Fate.MALFORMED, "torn")

    assert "import --retry" in advice(settings)["recordings"]


def test_a_backup_long_ago_or_never(app: App, settings: Settings) -> None:
    assert "afterrun backup" in advice(settings)["backup"]
    (settings.data_dir / BACKUPS).mkdir()
    place = settings.data_dir / BACKUPS / f"afterrun-{NOW:%Y%m%dT%H%M%SZ}.zip"
    place.touch()

    assert "backup" not in advice(settings)
    old = (NOW - timedelta(days=30)).timestamp()
    os.utime(place, (old, old))
    assert f"{NOW - timedelta(days=30):%Y-%m-%d}" in json.dumps([one.found for one in examine(settings)])


def test_a_source_that_is_not_reached(app: App, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "runs").rmdir()

    assert wrong(settings)["sources.folder"].found == "not reached"
