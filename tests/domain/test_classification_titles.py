import pytest

from service.domain.classification import Flag, RunType
from service.domain.judging.titles import read_title

EASY, TEMPO, INTERVAL, LONG = RunType.EASY, RunType.TEMPO, RunType.INTERVAL, RunType.LONG


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Easy run", EASY),
        ("Threshold Thursday", TEMPO),
        ("Hill repeats", INTERVAL),
        ("Sunday long run", LONG),
        ("Lockerer Dauerlauf", EASY),
        ("Tempodauerlauf", TEMPO),
        ("Intervalle auf der Bahn", INTERVAL),
        ("Langer Lauf", LONG),
        ("Footing tranquille", EASY),
        ("Seuil 3x8'", TEMPO),
        ("Fractionné 30/30", INTERVAL),
        ("Sortie longue", LONG),
        ("Rodaje suave", EASY),
        ("Umbral", TEMPO),
        ("Series 8x400", INTERVAL),
        ("Tirada larga", LONG),
        ("Corsa lenta", EASY),
        ("Soglia", TEMPO),
        ("Ripetute 5x1000", INTERVAL),
        ("Lungo", LONG),
        ("Rustige duurloop", EASY),
        ("Tempoloop", TEMPO),
        ("Intervaltraining", INTERVAL),
        ("Lange duurloop", LONG),
        ("Corrida leve", EASY),
        ("Treino de limiar", TEMPO),
        ("Tiros na pista", INTERVAL),
        ("Longão de domingo", LONG),
        ("轻松跑", EASY),
        ("节奏跑", TEMPO),
        ("间歇 8x400", INTERVAL),
        ("长距离", LONG),
        ("ジョグ", EASY),
        ("閾値走", TEMPO),
        ("インターバル", INTERVAL),
        ("ロング走", LONG),
    ],
)
def test_reads_nine_languages(title: str, kind: RunType) -> None:
    assert read_title(title).run_type is kind


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Easy run, no intervals today", EASY),
        ("No intervals, easy", EASY),
        ("Recovery after long run", EASY),
        ("pre-race easy", EASY),
        ("Day after intervals", None),
        ("Keine Intervalle, locker", EASY),
        ("Intervalle statt Tempolauf", INTERVAL),
        ("Pas de fractionné, footing", EASY),
        ("Rodaje suave sin series", EASY),
        ("Corsa lenta, niente ripetute", EASY),
        ("Geen interval, herstelloop", EASY),
        ("Corrida leve, sem tiros", EASY),
        ("没有间歇 轻松跑", EASY),
        ("インターバルなし ジョグ", EASY),
    ],
)
def test_a_word_turned_round_does_not_count(title: str, kind: RunType | None) -> None:
    assert read_title(title).run_type is kind


@pytest.mark.parametrize("title", ["Morning Run", "", "Long Beach morning", "Bom tempo", "Brutto tempo oggi", "10 km"])
def test_a_title_that_names_no_type_says_nothing(title: str) -> None:
    assert read_title(title).run_type is None


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("6x800m", INTERVAL),
        ("6 x 3'", INTERVAL),
        ("4x1km", INTERVAL),
        ("5 x 1 mile", INTERVAL),
        ("3 x 10 min", TEMPO),
        ("2 x 20 min", TEMPO),
    ],
)
def test_repeats_are_read_by_their_length(title: str, kind: RunType) -> None:
    assert read_title(title).run_type is kind


def test_strides_are_a_shade_of_an_easy_run() -> None:
    told = read_title("Easy + 6x100m")
    assert (told.run_type, told.flags) == (EASY, frozenset({Flag.STRIDES}))


def test_a_long_run_may_hold_a_tempo() -> None:
    told = read_title("Long run with 3x10min at marathon pace")
    assert (told.run_type, told.secondary) == (LONG, TEMPO)


def test_a_race_is_a_shade_and_leaves_the_type_open() -> None:
    told = read_title("parkrun #57")
    assert (told.run_type, told.flags) == (None, frozenset({Flag.RACE}))
