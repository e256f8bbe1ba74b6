"""What is wrong with the settings is said in lines that a person can act on, all of them at once."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from config import settings
from config._model import every_table
from config.settings import Settings, SettingsError

Load = Callable[..., Settings]
Faults = Callable[..., list[str]]

NTFY = '[channels.ntfy]\nurl = "https://ntfy.sh/t"\n'
SECRET = "hunter2-very-secret"


# The file itself


def refusal(path: Path, cwd: Path) -> str:
    with pytest.raises(SettingsError) as refused:
        settings.load(path, {}, cwd)
    (line,) = refused.value.lines
    return line.replace(f"{cwd}/", "")


def test_a_named_file_that_is_not_there(tmp_path: Path) -> None:
    assert refusal(Path("my.toml"), tmp_path) == "my.toml: does not exist: check the path"


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    assert refusal(tmp_path, tmp_path) == f"{tmp_path}: is a folder: name the file in it"


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to root")
def test_a_file_one_may_not_read(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.touch(mode=0)
    assert refusal(file, tmp_path).startswith("my.toml: may not be read: give the user Afterrun runs as")


def test_a_file_that_the_system_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "open", refuse)
    assert refusal(tmp_path / "my.toml", tmp_path).startswith("my.toml: may not be read: give the user")


def test_a_link_to_nowhere_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "afterrun.toml").symlink_to("gone")
    with pytest.raises(SettingsError, match="does not exist"):
        settings.load(None, {}, tmp_path)


def test_a_path_that_cannot_be(tmp_path: Path) -> None:
    assert "is no path" in refusal(Path("a\0b"), tmp_path)
    assert "cannot be read: " in refusal(Path("x" * 5000), tmp_path)


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b"goal = \n", "my.toml: is not TOML: Invalid value (at line 1, column 8)"),
        (
            b"[goal]\nsessions per week = 4",
            "my.toml: is not TOML: Expected '=' after a key in a key/value pair (at line 2",
        ),
        (b'athlete.name = "Zo\xeb"', "my.toml: is not UTF-8 text: save it as UTF-8"),
        (b"PK\x03\x04", "my.toml: is not TOML: Expected '=' after a key"),
        (b"x = " + b"[" * 10_000, "my.toml: is not TOML that can be read: brackets are nested too deep"),
        (b"x = " + b"9" * 10_000, "my.toml: is not TOML that can be read: a number is too long"),
        (b"#" * (16 << 20) + b"#", "my.toml: is larger than 16 MiB: it is some other file"),
    ],
)
def test_a_file_that_is_no_toml(tmp_path: Path, body: bytes, line: str) -> None:
    (tmp_path / "my.toml").write_bytes(body)
    assert refusal(Path("my.toml"), tmp_path).startswith(line)


def test_tables_nested_too_deep(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text("a." * 5000 + "b = 1")
    assert "nested too deep" in refusal(Path("my.toml"), tmp_path)


def test_an_empty_file_means_the_defaults(load: Load) -> None:
    assert load("").athletes[0].id == "me"
    assert load("# nothing\n").goal.sessions_per_week == 4


# Names


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            '[sources.folder]\npath = "x"\npth = "y"',
            "afterrun.toml: sources.folder.pth: no such setting; did you mean path (the folder to watch)?",
        ),
        (
            "[channel.console]",
            (
                "afterrun.toml: channel: no such table; did you mean channels"
                " (how messages reach you; a channel is on when its table is there)?"
            ),
        ),
        (
            "[channels.consol]",
            (
                "afterrun.toml: channels.consol: no such table; did you mean console"
                " (messages printed where Afterrun runs)?"
            ),
        ),
        (
            NTFY + 'tokenfile = "x"',
            (
                "afterrun.toml: channels.ntfy.tokenfile: no such setting; did you mean token_file"
                " (a file that holds an access token, where the server asks for one)?"
            ),
        ),
        (
            '[athlete]\nname = "Anna"\ndatabase = "sqlite:///a.db"',
            (
                "afterrun.toml: athlete.database: no such setting here; did you mean database"
                ' (where everything is kept: SQLite for a household, "postgresql+psycopg://..." for a club)?'
            ),
        ),
        (
            'timezone = "Europe/Berlin"',
            (
                "afterrun.toml: timezone: no such setting here; did you mean athlete.timezone"
                " (the zone your days are counted in; the computer's own unless stated)?"
            ),
        ),
        (
            '[sources]\npath = "x"',
            (
                "afterrun.toml: sources.path: no such setting here; did you mean sources.folder.path"
                " (the folder to watch)?"
            ),
        ),
        (
            "[quiet]\nwhenever = true",
            "afterrun.toml: quiet.whenever: no such setting here; known are from, to, after_run",
        ),
        (
            "[channels.console]\nxyzzy = 1",
            "afterrun.toml: channels.console.xyzzy: no such setting: leave it out",
        ),
        (
            '[athletes]\nid = "anna"\nunit = "mi"',
            (
                "afterrun.toml: athletes.anna.unit: no such setting; did you mean units"
                ' (what you read distances in: "km" or "mi")?'
            ),
        ),
        (
            '[[athletes]]\nid = "anna"\n[athletes.sources.folder]\npath = "x"\npaht = "y"',
            (
                "afterrun.toml: athletes.anna.sources.folder.paht: no such setting; did you mean path"
                " (the folder to watch)?"
            ),
        ),
        (
            '"a\\nb" = 1',
            (
                r'afterrun.toml: "a\nb": no such setting here; known are database, data_dir, base_url, engine, athlete,'
                " athletes, web, log, digest, quiet, evening, fallback, goal, sources, channels"
            ),
        ),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest_right_one(faults: Faults, text: str, line: str) -> None:
    assert faults(text) == [line]


def test_an_unknown_variable_is_named_as_it_was_written(faults: Faults) -> None:
    assert faults(AFTERRUN_DATBASE="x", AFTERRUN_SOURCES__FOLDR__PATH="y") == [
        (
            "AFTERRUN_SOURCES__FOLDR__PATH: sources.foldr: no such table; did you mean folder"
            " (a folder that recordings are put into: by a watch, a phone or Syncthing)?"
        ),
        (
            "AFTERRUN_DATBASE: datbase: no such setting; did you mean database"
            ' (where everything is kept: SQLite for a household, "postgresql+psycopg://..." for a club)?'
        ),
    ]


# Contradictions


def test_one_athlete_and_several(faults: Faults) -> None:
    assert faults('[athlete]\nname = "Anna"\n[[athletes]]\nid = "ben"') == [
        "afterrun.toml: athletes: state [athlete] for one runner or [[athletes]] for several, not both"
    ]


def test_two_athletes_of_one_id(faults: Faults) -> None:
    text = '[[athletes]]\nid = "anna"\n[[athletes]]\nid = "anna"\n[[athletes]]\nid = "ben"'
    assert faults(text) == ['afterrun.toml: athletes.#2.id: "anna" is another athlete\'s id: give each their own']


def test_an_athlete_without_an_id(faults: Faults) -> None:
    (line,) = faults('[[athletes]]\nid = "anna"\n[[athletes]]\nname = "Ben"')
    assert line.startswith("afterrun.toml: athletes.#2.id: is needed (the short name this runner's runs are kept under")


def test_a_source_at_the_top_and_with_the_first_athlete(faults: Faults) -> None:
    text = '[sources.folder]\npath = "x"\n[[athletes]]\nid = "anna"\n[athletes.sources.folder]\npath = "y"'
    assert faults(text) == [
        "afterrun.toml: sources.folder: is stated here and as athletes.anna.sources.folder: keep one"
    ]


def test_a_secret_and_its_file(faults: Faults) -> None:
    assert faults(NTFY + f'token = "{SECRET}"\ntoken_file = "x"') == [
        "afterrun.toml: channels.ntfy.token_file: state either token or token_file, not both"
    ]


# Secret files


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        ('"gone"', "token_file gone does not exist: check the path"),
        ('"folder"', "token_file folder is a folder: name the file in it"),
        ('"empty"', "token_file empty is empty: put the secret into it"),
        ('"binary"', "token_file binary is not UTF-8 text: save it as UTF-8"),
        ('""', "token_file must be the path of a file, in quotes"),
        ("5", "token_file must be the path of a file, in quotes"),
    ],
)
def test_a_secret_file_that_cannot_be_used(faults: Faults, tmp_path: Path, file: str, problem: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff" + SECRET.encode())
    (line,) = faults(NTFY + f"token_file = {file}")
    assert line.startswith(f"afterrun.toml: channels.ntfy.token: {problem} (an access token")


def test_credentials_that_cannot_be_used(faults: Faults, tmp_path: Path) -> None:
    assert faults(CREDENTIALS_DIRECTORY=f"{tmp_path}/gone") == [
        "$CREDENTIALS_DIRECTORY gone cannot be read: No such file or directory"
    ]
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "afterrun.channels.ntfy.tokn").write_text(SECRET)
    (line,) = faults(NTFY, CREDENTIALS_DIRECTORY=f"{tmp_path}/credentials")
    assert line.startswith("credential afterrun.channels.ntfy.tokn: channels.ntfy.tokn_file: no such setting")


@pytest.mark.parametrize(
    ("place", "name"), [(table.place, name) for table in every_table() for name in sorted(table.secrets())]
)
def test_no_error_repeats_a_secret(load: Load, place: str, name: str) -> None:
    heading = f"[{place}]\n" if place else ""
    for wrong in (f'{{inner = "{SECRET}"}}', f'"{SECRET} "\n{name}_file = "x"', f'["{SECRET}", 5]'):
        with pytest.raises(SettingsError) as refused:
            load(f'{heading}{name} = {wrong}\nunknown = "{SECRET}"')
        assert SECRET not in str(refused.value) + repr(refused.value)
        assert refused.value.__cause__ is refused.value.__context__ is None


# All at once, and nothing else


def test_every_problem_is_told_at_once(faults: Faults) -> None:
    lines = faults(
        """
        engine = "x"
        [athlete]
        timezone = "x"
        max_hr = "x"
        [quiet]
        from = "x"
        [sources.strava]
        [channels.email]
        password_file = "x"
        [chanels.console]
        [[athletes]]
        id = "x y"
        """,
        AFTERRUN_GOAL__SESSIONS_PER_WEEK="x",
    )
    assert sorted(line.split(": ")[1] for line in lines) == [
        "athlete.max_hr",
        "athlete.timezone",
        "athletes",
        'athletes."x y".id',
        "chanels",
        "channels.email.from",
        "channels.email.host",
        "channels.email.password",
        "channels.email.to",
        "engine",
        "goal.sessions_per_week",
        "quiet.from",
        "sources.strava.client_id",
        "sources.strava.client_secret",
    ]
    assert lines == [line for line in lines if "\n" not in line and len(line) < 300]
