"""What the settings file, the environment and secret files mean."""

import os
from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import tzlocal
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from config import settings
from config._values import speed
from config.settings import Settings
from service.domain.athlete import Athlete, Level, Units
from service.domain.movements import Kit

Load = Callable[..., Settings]

STRAVA = '[sources.strava]\nclient_id = 12\nclient_secret = "s3cret"\n'


# Where the file is found


@pytest.mark.usefixtures("nowhere")
def test_no_file_at_all_means_the_defaults(tmp_path: Path) -> None:
    loaded = settings.load(env={}, cwd=tmp_path)
    assert loaded.database.get_secret_value() == f"sqlite:///{tmp_path}/afterrun.db"
    assert loaded.data_dir == tmp_path / "afterrun-data"
    assert loaded.base_url == "http://127.0.0.1:8710"
    assert loaded.engine == "local"
    assert (loaded.web.host, loaded.web.port) == ("127.0.0.1", 8710)
    assert [athlete.id for athlete in loaded.athletes] == ["me"]


def test_the_first_file_found_is_the_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = [tmp_path / name for name in ("option", "variable", "work", "user", "system")]
    for place in places:
        place.mkdir()
        (place / "afterrun.toml").touch()
    monkeypatch.setattr(settings, "_folders", lambda: places[3:])
    env = {"AFTERRUN_CONFIG": str(places[1] / "afterrun.toml")}

    assert settings.find(places[0] / "afterrun.toml", env, places[2]) == places[0] / "afterrun.toml"
    assert settings.find(None, env, places[2]) == places[1] / "afterrun.toml"
    for place in places[2:]:
        assert settings.find(None, {}, places[2]) == place / "afterrun.toml"
        (place / "afterrun.toml").unlink()
    assert settings.find(None, {}, places[2]) is None


def test_the_user_and_the_system_have_a_folder_each(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folders = settings._folders()
    assert len(folders) >= 2
    assert all("afterrun" in folder.name.lower() for folder in folders)


@pytest.mark.usefixtures("nowhere")
def test_a_named_file_is_looked_for_in_the_working_folder(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text("[goal]\nsessions_per_week = 2")
    assert settings.load(Path("my.toml"), {}, tmp_path).goal.sessions_per_week == 2


def test_a_byte_order_mark_is_no_fault(load: Load) -> None:
    assert load('\ufeff[athlete]\nname = "Zoë"').athletes[0].runner.name == "Zoë"


# The athlete


def test_an_athlete_as_decisions_know_them(load: Load) -> None:
    loaded = load(
        """
        [athlete]
        id = "anna"
        name = "Anna"
        timezone = "Europe/Berlin"
        units = "mi"
        birth_year = 1985
        max_hr = 187
        resting_hr = 52
        threshold_pace = "4:30/km"
        threshold_hr = 168.5
        kit = ["wall", "ball"]
        level = "beginner"
        [quiet]
        from = "21:15"
        to = "07:00"
        [digest]
        at = "06:45"
        [evening]
        at = 20:00:00
        [goal]
        sessions_per_week = 3
        """
    )
    assert loaded.athletes[0].to_athlete() == Athlete(
        id="anna",
        name="Anna",
        timezone=ZoneInfo("Europe/Berlin"),
        units=Units.MILES,
        birth_year=1985,
        max_hr=187,
        resting_hr=52,
        threshold_speed_mps=1000 / 270,
        threshold_hr=168.5,
        kit=frozenset({Kit.WALL, Kit.BALL}),
        level=Level.BEGINNER,
        quiet=(time(21, 15), time(7, 0)),
        digest_at=time(6, 45),
        evening=time(20, 0),
        sessions_per_week=3,
    )


def test_an_athlete_who_says_nothing_has_all_kit_and_quiet_nights(load: Load) -> None:
    athlete = load().athletes[0].to_athlete()
    assert athlete.kit == frozenset(Kit)
    assert athlete.quiet == (time(22, 0), time(6, 30))
    assert (athlete.digest_at, athlete.evening, athlete.sessions_per_week) == (time(7, 0), time(19, 30), 4)
    assert (athlete.max_hr, athlete.threshold_speed_mps, athlete.birth_year) == (None, None, None)


def test_no_kit_is_an_empty_list(load: Load) -> None:
    assert load("athlete.kit = []").athletes[0].to_athlete().kit == frozenset()


def test_the_zone_is_the_computers_own_unless_stated(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tzlocal, "get_localzone_name", lambda: "America/Lima")
    assert load().athletes[0].to_athlete().timezone == ZoneInfo("America/Lima")
    assert load('athlete.timezone = ""').athletes[0].to_athlete().timezone == ZoneInfo("America/Lima")
    assert load('athlete.timezone = "Asia/Tokyo"').athletes[0].to_athlete().timezone == ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize("quiet", ['from = ""', 'to = ""', 'from = ""\nto = ""'])
def test_an_empty_time_turns_quiet_hours_off(load: Load, quiet: str) -> None:
    assert load(f"[quiet]\n{quiet}").athletes[0].to_athlete().quiet is None


@pytest.mark.parametrize(
    ("pace", "mps"), [("4:30/km", 3.7037), ("7:15/mi", 3.6997), ("10:00 / mi", 2.6822), ("05:00/km", 3.3333)]
)
def test_a_pace_becomes_metres_a_second(pace: str, mps: float) -> None:
    assert speed(pace) == pytest.approx(mps, abs=1e-4)


@given(st.integers(2 * 60, 20 * 60))
def test_a_pace_a_kilometre_keeps_its_meaning(seconds: int) -> None:
    assert speed(f"{seconds // 60}:{seconds % 60:02}/km") * seconds == pytest.approx(1000)


# Several athletes

HOUSEHOLD = """
[[athletes]]
id = "anna"
[athletes.sources.folder]
path = "anna"

[[athletes]]
id = "ben"
units = "mi"
[athletes.channels.console]

[channels.ntfy]
url = "https://ntfy.sh/topic"
"""


def test_each_of_several_athletes_has_their_own_sources_and_channels(load: Load, tmp_path: Path) -> None:
    anna, ben = load(HOUSEHOLD).athletes
    assert (anna.id, ben.id) == ("anna", "ben")
    assert anna.sources.folder
    assert anna.sources.folder.path == tmp_path / "anna"
    assert ben.sources.on() == {}
    assert list(ben.channels.on()) == ["console"]
    assert (anna.to_athlete().units, ben.to_athlete().units) == (Units.KILOMETRES, Units.MILES)


def test_what_stands_at_the_top_is_the_first_ones(load: Load) -> None:
    anna, ben = load(HOUSEHOLD).athletes
    assert list(anna.channels.on()) == ["ntfy"]
    assert ben.channels.ntfy is None


def test_the_environment_names_an_athlete_by_id(load: Load) -> None:
    anna, ben = load(HOUSEHOLD, AFTERRUN_ATHLETES__BEN__NAME="Ben", AFTERRUN_ATHLETES__BEN__KIT='["wall"]').athletes
    assert (anna.runner.name, ben.runner.name) == ("", "Ben")
    assert ben.runner.kit == {Kit.WALL}


def test_athletes_in_single_brackets_are_one_of_them(load: Load) -> None:
    assert [athlete.id for athlete in load('[athletes]\nid = "anna"').athletes] == ["anna"]


# Sources and channels


def test_a_source_or_channel_is_on_when_its_table_is_there(load: Load) -> None:
    loaded = load("[channels.console]\n[sources.garmin_connect]")
    assert list(loaded.athletes[0].channels.on()) == ["console"]
    assert list(loaded.athletes[0].sources.on()) == ["garmin_connect"]
    assert load().athletes[0].channels.on() == {}


@pytest.mark.parametrize("written", ["2027-05-21", '"2027-05-21"'])
def test_the_day_a_key_ends_may_stand_in_quotes_or_not(load: Load, written: str) -> None:
    garmin = load(f'[sources.garmin]\napi_key = "k"\nkey_ends = {written}').sources.garmin
    assert garmin
    assert garmin.key_ends == date(2027, 5, 21)


def test_the_watched_folder_takes_fit_files_in_any_case(load: Load) -> None:
    folder = load('[sources.folder]\npath = "runs"').sources.folder
    assert folder
    assert folder.holds("RUN.FIT")
    assert folder.holds("run.fit")
    assert not folder.holds("run.fit.part")


@pytest.mark.parametrize("pattern", ['"*.fit, *.GPX"', '["*.fit", "*.gpx"]'])
def test_a_folder_may_have_several_patterns(load: Load, pattern: str) -> None:
    folder = load(f'[sources.folder]\npath = "runs"\npattern = {pattern}').sources.folder
    assert folder
    assert [folder.holds(name) for name in ("a.Fit", "b.gpx", "c.tcx")] == [True, True, False]


@pytest.mark.parametrize("address", ["https://example.org", "https://example.org/afterrun", "http://10.0.0.5:8710/a/b"])
def test_the_pages_may_lie_below_a_path(load: Load, address: str) -> None:
    assert load(f'base_url = "{address}"').base_url == load(f'base_url = "{address}/"').base_url == address


def test_strava_has_an_api_and_a_place_to_consent(load: Load) -> None:
    strava = load(STRAVA + 'base_url = "http://127.0.0.1:9/"').sources.strava
    assert strava
    assert (strava.client_id, strava.client_secret.get_secret_value()) == (12, "s3cret")
    assert (strava.base_url, strava.oauth_url) == ("http://127.0.0.1:9", "https://www.strava.com")
    assert strava.webhook is False


@pytest.mark.parametrize(("tls", "port"), [("starttls", 587), ("ssl", 465), ("none", 25)])
def test_mail_goes_to_the_usual_port_of_its_protection(load: Load, tls: str, port: int) -> None:
    mail = f'[channels.email]\nhost = "h"\nfrom = "a@b.c"\nto = "d@e.f"\ntls = "{tls}"\n'
    email = load(mail).channels.email
    assert email
    assert (email.port, email.recipients, email.sender) == (port, ("d@e.f",), "a@b.c")
    stated = load(mail + "port = 2525").channels.email
    assert stated
    assert stated.port == 2525


# The environment


def test_the_environment_overrides_the_file(load: Load) -> None:
    loaded = load(
        STRAVA + "[goal]\nsessions_per_week = 2",
        AFTERRUN_SOURCES__STRAVA__CLIENT_SECRET="$new",
        AFTERRUN_ATHLETE__NAME="Anna",
        AFTERRUN_GOAL__SESSIONS_PER_WEEK="5",
        AFTERRUN_QUIET__FROM="",
        HOME="/elsewhere",
    )
    assert loaded.sources.strava
    assert loaded.sources.strava.client_id == 12
    assert loaded.sources.strava.client_secret.get_secret_value() == "$new"
    assert loaded.athletes[0].to_athlete().name == "Anna"
    assert loaded.goal.sessions_per_week == 5
    assert loaded.quiet.hours is None


def test_lists_and_tables_in_the_environment_are_json(load: Load) -> None:
    loaded = load(
        AFTERRUN_ATHLETE__KIT='["wall"]',
        AFTERRUN_CHANNELS__CONSOLE="{}",
        AFTERRUN_CHANNELS__APPRISE='{"urls": ["a://b"]}',
    )
    assert loaded.athletes[0].runner.kit == {Kit.WALL}
    assert list(loaded.channels.on()) == ["apprise", "console"]


def test_only_the_environment_handed_in_counts(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERRUN_ATHLETE__NAME", "someone else")
    assert load(AFTERRUN_GOAL__SESSIONS_PER_WEEK="1").athletes[0].runner.name == ""


# Secrets


def test_a_secret_may_be_in_a_file_beside_the_settings(load: Load, tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes("pä$$ ${HOME} %s \r\n".encode())
    ntfy = load('[channels.ntfy]\nurl = "https://ntfy.sh/t"\ntoken_file = "token"').channels.ntfy
    assert ntfy
    assert ntfy.token
    assert ntfy.token.get_secret_value() == "pä$$ ${HOME} %s "


def test_a_dollar_sign_in_the_file_is_a_dollar_sign(load: Load) -> None:
    loaded = load('[sources.garmin]\napi_key = "$HOME${X}"')
    assert loaded.sources.garmin
    assert loaded.sources.garmin.api_key.get_secret_value() == "$HOME${X}"


def test_a_list_of_secrets_in_a_file_is_one_a_line(load: Load, tmp_path: Path) -> None:
    (tmp_path / "urls").write_text("a://b?c=d,e\n\n  f://g\n")
    apprise = load('[channels.apprise]\nurls_file = "urls"').channels.apprise
    assert apprise
    assert [url.get_secret_value() for url in apprise.urls] == ["a://b?c=d,e", "f://g"]


def test_a_database_address_may_be_in_a_file(load: Load, tmp_path: Path) -> None:
    (tmp_path / "db").write_text("postgresql+psycopg://a:p@h/afterrun\n")
    assert load('database_file = "db"').database.get_secret_value() == "postgresql+psycopg://a:p@h/afterrun"


def test_the_environment_overrides_a_secret_file_and_the_other_way_round(load: Load, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from file")
    text = '[sources.garmin]\napi_key = "from settings"'
    by_file = load(text, AFTERRUN_SOURCES__GARMIN__API_KEY_FILE="key").sources.garmin
    by_value = load('[sources.garmin]\napi_key_file = "none"', AFTERRUN_SOURCES__GARMIN__API_KEY="k").sources.garmin
    assert by_file
    assert by_value
    assert by_file.api_key.get_secret_value() == "from file"
    assert by_value.api_key.get_secret_value() == "k"


def test_systemd_hands_secrets_over_by_their_dotted_name(load: Load, tmp_path: Path) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "afterrun.sources.strava.client_secret").write_text("by systemd\n")
    (folder / "afterrun.athletes.ben.channels.ntfy.token").write_text("bens")
    (folder / "vault_key").write_text("read elsewhere")
    (folder / "something else").write_text("not ours")
    text = STRAVA.replace("[", "[[athletes]]\nid='anna'\n[athletes.").replace("athletes.sources", "sources")
    text += '[[athletes]]\nid="ben"\n[athletes.channels.ntfy]\nurl = "https://ntfy.sh/b"'
    anna, ben = load(text, CREDENTIALS_DIRECTORY=str(folder)).athletes
    assert anna.sources.strava
    assert anna.sources.strava.client_secret.get_secret_value() == "by systemd"
    assert ben.channels.ntfy
    assert ben.channels.ntfy.token
    assert ben.channels.ntfy.token.get_secret_value() == "bens"


def test_no_secret_is_shown(load: Load) -> None:
    secrets = ["s3cret", "pw-in-url", "ntfy-topic", "ntfy-token", "mail-pw", "dav-pw", "apprise-token", "garmin-key"]
    loaded = load(f"""
        database = "postgresql+psycopg://a:{secrets[1]}@h/db"
        {STRAVA}
        [channels]
        ntfy = {{url = "https://ntfy.sh/{secrets[2]}", token = "{secrets[3]}"}}
        email = {{host = "h", from = "a@b", to = "a@b", username = "u", password = "{secrets[4]}"}}
        caldav = {{url = "https://h/c", username = "u", password = "{secrets[5]}"}}
        apprise = {{urls = ["tgram://{secrets[6]}"]}}
        [sources.garmin]
        api_key = "{secrets[7]}"
        """)
    shown = f"{loaded!r} {loaded} {loaded.athletes!r} {loaded.model_dump()!r} {loaded.model_dump_json()}"
    assert not [secret for secret in secrets if secret in shown]


# Relative paths


def test_a_relative_path_starts_where_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    file = tmp_path / "etc" / "afterrun.toml"
    file.write_text('database = "sqlite:///runs.db"\n[sources.folder]\npath = "inbox"')
    loaded = settings.load(file, {"AFTERRUN_DATA_DIR": "data"}, tmp_path)
    assert loaded.database.get_secret_value() == f"sqlite:///{tmp_path}/etc/runs.db"
    assert loaded.sources.folder
    assert loaded.sources.folder.path == tmp_path / "etc" / "inbox"
    assert loaded.data_dir == tmp_path / "data"


def test_the_defaults_lie_beside_the_file_or_in_a_services_state_folder(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    file = tmp_path / "etc" / "afterrun.toml"
    file.touch()
    assert settings.load(file, {}, tmp_path).data_dir == tmp_path / "etc" / "afterrun-data"
    service = settings.load(file, {"STATE_DIRECTORY": f"/var/lib/afterrun{os.pathsep}/var/lib/more"}, tmp_path)
    assert service.data_dir == Path("/var/lib/afterrun/afterrun-data")
    assert service.database.get_secret_value() == "sqlite:////var/lib/afterrun/afterrun.db"


def test_home_is_known(load: Load) -> None:
    assert load('data_dir = "~/runs"').data_dir == Path.home() / "runs"
    assert load('data_dir = "/srv"').data_dir == Path("/srv")
    assert load('database = "sqlite:////srv/a.db"').database.get_secret_value() == "sqlite:////srv/a.db"


# The whole


def test_settings_cannot_be_changed(load: Load) -> None:
    loaded = load()
    with pytest.raises(ValidationError):
        loaded.engine = "procrastinate"
    with pytest.raises(ValidationError):
        loaded.goal.sessions_per_week = 9
