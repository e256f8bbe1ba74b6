"""A wrong value is answered with what the line means and how to write it."""

from collections.abc import Callable

import pytest
import tzlocal

Faults = Callable[..., list[str]]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('engine = "remote"', 'engine: must be "local" or "procrastinate" (who does the work'),
        ('engine = "procrastinate"', 'engine: "procrastinate" needs PostgreSQL: state database = "postgresql+psycopg'),
        ('data_dir = ""', "data_dir: is empty: name a folder or file (the folder of raw recordings"),
        (r'data_dir = "~\u0000"', "data_dir: is no path: it holds a character that no file name may hold"),
        ("data_dir = 5", "data_dir: must be a path, in quotes (the folder of raw recordings"),
        ("athlete.name = 5", "athlete.name: must be text, in quotes (what messages call you)"),
        ("athlete = 5", "athlete: must be a table, like [athlete] (you, the runner"),
        ("athletes = 5", "athletes: must be tables, like [[athletes]] (one of several runners"),
        ("channels.console = true", "channels.console: must be a table, like [channels.console] (messages printed"),
        ('athlete.id = "Anna B"', 'athlete.id: "Anna B" is no short name: small letters, digits'),
        ('athlete.units = "miles"', 'athlete.units: must be "km" or "mi" (what you read distances in'),
        ('athlete.level = "pro"', 'athlete.level: must be "beginner" or "regular" (how used you are'),
        ('athlete.kit = ["wal", "rope"]', 'athlete.kit: must be "wall", "step", "roller", "ball" or "band" (what you'),
        ("athlete.kit = 5", "athlete.kit: must be a list, like"),
        ("athlete.max_hr = 700", "athlete.max_hr: must be 250 or less (your highest heart rate, in beats a minute)"),
        ("athlete.max_hr = nan", "athlete.max_hr: must be "),
        ("athlete.max_hr = true", "athlete.max_hr: must be a number (your highest heart rate, in beats a minute)"),
        ('athlete.max_hr = "fast"', "athlete.max_hr: must be a number (your highest heart rate, in beats a minute)"),
        ("athlete = {max_hr = 180, threshold_hr = 185}", "athlete.max_hr: must be above threshold_hr (your highest"),
        ("athlete = {resting_hr = 60, max_hr = 60}", "athlete.max_hr: must be above resting_hr (your highest"),
        ("athlete = {resting_hr = 90, threshold_hr = 80}", "athlete.threshold_hr: must be above resting_hr"),
        ("athlete.birth_year = 85", "athlete.birth_year: 85 is no year of birth: write it with four digits"),
        ("athlete.birth_year = 2999", "athlete.birth_year: 2999 is no year of birth"),
        ("goal.sessions_per_week = 0", "goal.sessions_per_week: must be 1 or more (how many mobility sessions"),
        ("goal.sessions_per_week = 2.5", "goal.sessions_per_week: must be a whole number (how many"),
        ("goal.sessions_per_week = true", "goal.sessions_per_week: must be a number (how many"),
        ('web.listen = "8710"', 'web.listen: "8710" is no address to listen at: write it like "127.0.0.1:8710"'),
        ('web.listen = "localhost:99999"', 'web.listen: "localhost:99999" is no address to listen at'),
        ('sources.folder = {path = "x", pattern = "a/*.fit"}', 'sources.folder.pattern: "a/*.fit" is no pattern for a'),
        ('sources.folder = {path = "x", pattern = []}', "sources.folder.pattern: is empty: give it a value"),
        ("sources.folder = {}", "sources.folder.path: is needed (the folder to watch)"),
        ('sources.garmin.api_key = ""', "sources.garmin.api_key: is empty: give it a value (your"),
        ("sources.garmin.api_key = 5", "sources.garmin.api_key: must be text, in quotes (your personal key)"),
        (
            'sources.garmin = {api_key = "k", key_ends = "21.5.2027"}',
            'sources.garmin.key_ends: "21.5.2027" is no date: write it like "2027-05-21"',
        ),
        ('sources.garmin_connect.workouts = "maybe"', "sources.garmin_connect.workouts: must be true or false"),
        ("channels.apprise.urls = []", "channels.apprise.urls: is empty: give it a value (Apprise addresses"),
    ],
)
def test_a_wrong_value_is_told_what_it_means(faults: Faults, text: str, problem: str) -> None:
    (line,) = faults(text)
    assert line.startswith(f"afterrun.toml: {problem}")


@pytest.mark.parametrize(
    ("written", "nearest"),
    [
        ("Europe/Berln", ": did you mean Europe/Berlin?"),
        ("europe/berlin", ": did you mean Europe/Berlin?"),
        ("America/New York", ": did you mean America/New_York?"),
        ("../../etc/passwd", ""),
        ("xyzzy!", ': write it like "Europe/Berlin"'),
    ],
)
def test_a_bad_time_zone_is_answered_with_the_nearest(faults: Faults, written: str, nearest: str) -> None:
    (line,) = faults(f'athlete.timezone = "{written}"')
    assert line.startswith(f'afterrun.toml: athlete.timezone: "{written}" is no time zone{nearest}')


@pytest.mark.parametrize("pace", ["4:30", "4:75/km", "4.5/km", "4:30/mile", "430/km", "", "٤:٣٠/km"])
def test_a_bad_pace(faults: Faults, pace: str) -> None:
    (line,) = faults(f'athlete.threshold_pace = "{pace}"')
    assert f'athlete.threshold_pace: "{pace}" is no pace: write it like "4:30/km" or "7:15/mi"' in line


@pytest.mark.parametrize("pace", ["1:59/km", "20:01/km", "3:12/mi", "45:00/mi"])
def test_a_pace_nobody_runs(faults: Faults, pace: str) -> None:
    (line,) = faults(f'athlete.threshold_pace = "{pace}"')
    assert "is no running pace: check the minutes, the seconds and the unit" in line


@pytest.mark.parametrize("at", ['"25:00"', '"7"', '"7:60"', '"7 am"', "7", "true", '""', "1979-05-27"])
def test_a_bad_time(faults: Faults, at: str) -> None:
    (line,) = faults(f"digest.at = {at}")
    assert 'is no time of day: write it like "07:00" or "22:30" (when the daily list arrives' in line


def test_quiet_hours_that_end_when_they_begin(faults: Faults) -> None:
    (line,) = faults('[quiet]\nfrom = "22:00"\nto = "22:00"')
    assert 'quiet.to: is the moment quiet hours begin; for no quiet hours write ""' in line


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("strava.com", "is no address"),
        ("ftp://strava.com", "is no address"),
        ("https://", "is no address"),
        ("https://[::1", "is no address"),
        ("https://strava.com:port", "is no address"),
        ("https://str ava.com", "is no address"),
        ("https://www.strava.com/api/v3", "must be scheme and host only"),
        ("https://www.strava.com?a=b", "must be scheme and host only"),
        ("https://anna:pw@www.strava.com", "must not hold a name or password"),
    ],
)
def test_a_sources_address_is_scheme_and_host_only(faults: Faults, address: str, problem: str) -> None:
    lines = faults(
        f'sources.garmin = {{api_key = "k", base_url = "{address}"}}\n'
        f'sources.strava = {{client_id = 1, client_secret = "s", base_url = "{address}", oauth_url = "{address}"}}'
    )
    assert [line.split(": ")[1] for line in lines] == [
        "sources.garmin.base_url",
        "sources.strava.base_url",
        "sources.strava.oauth_url",
    ]
    assert all(problem in line for line in lines)


@pytest.mark.parametrize(
    "address", ["afterrun.example.org", "https://a.example/x?y", "https://a.example/a b", "https://a.example//b"]
)
def test_the_address_of_the_pages_is_one_that_a_phone_can_open(faults: Faults, address: str) -> None:
    (line,) = faults(f'base_url = "{address}"')
    assert "base_url: " in line


@pytest.mark.parametrize(
    "url", ["https://ntfy.sh", "https://ntfy.sh/", "https://ntfy.sh/a b", "https://ntfy.sh/t?x", "https://ntfy.sh/t/"]
)
def test_an_ntfy_address_holds_its_topic(faults: Faults, url: str) -> None:
    (line,) = faults(f'channels.ntfy.url = "{url}"')
    assert "channels.ntfy.url: " in line
    assert "topic" in line


def test_a_caldav_address_names_the_calendar(faults: Faults) -> None:
    (line,) = faults('channels.caldav.url = "https://dav.example.org/"')
    assert "channels.caldav.url: must name the calendar" in line


@pytest.mark.parametrize("url", ["postgres://h/d", "postgresql://h/d", "postgresql+asyncpg://h/d"])
def test_a_postgres_address_of_another_spelling(faults: Faults, url: str) -> None:
    assert 'database: must begin with "postgresql+psycopg://"' in faults(f'database = "{url}"')[0]


@pytest.mark.parametrize(
    "url", ["runs.db", "sqlite://", "sqlite:///", "sqlite:///:memory:", "mysql://h/d", r"sqlite:///\u0000"]
)
def test_a_database_that_would_forget_or_is_unknown(faults: Faults, url: str) -> None:
    assert "database: must be like" in faults(f'database = "{url}"')[0]


@pytest.mark.parametrize("address", ["anna", "a@b@c", "a b@c", "Anna <a@b", "a@b\\nBcc: c@d"])
def test_a_bad_mail_address(faults: Faults, address: str) -> None:
    (line,) = faults(f'channels.email = {{host = "h", from = "{address}", to = ["ok@example.org"]}}')
    assert "channels.email.from: " in line
    assert "is no mail address" in line


@pytest.mark.parametrize("half", ['username = "anna"', 'password = "secret"'])
def test_a_name_without_its_password_or_the_other_way_round(faults: Faults, half: str) -> None:
    (line,) = faults(f'[channels.caldav]\nurl = "https://h/c"\n{half}')
    assert "channels.caldav.password: goes with username: state both or neither" in line


def test_wrong_protection_of_mail_is_one_line(faults: Faults) -> None:
    (line,) = faults('channels.email = {host = "h", from = "a@b", to = "a@b", tls = "yes"}')
    assert 'channels.email.tls: must be "starttls", "ssl" or "none"' in line


def test_a_computer_that_does_not_name_its_zone(faults: Faults, monkeypatch: pytest.MonkeyPatch) -> None:
    def several() -> str:
        raise KeyError("Multiple conflicting time zone configurations found:\n...")

    monkeypatch.setattr(tzlocal, "get_localzone_name", several)
    (line,) = faults()
    assert line.startswith('athlete.timezone: the computer names several time zones: state yours, like "Europe/Berlin"')
