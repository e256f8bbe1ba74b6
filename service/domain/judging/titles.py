"""What a title says of a run, in nine languages.

English, German, French, Spanish, Italian, Dutch, Portuguese, Chinese and Japanese. "No intervals today" and "after the
race" name another run, not this one.
"""

import re
import unicodedata
from dataclasses import dataclass

from service.domain.verdict import Flag, RunType

# Words a runner of each language uses; accents are taken off before they are looked for.
WORDS: dict[RunType, tuple[str, ...]] = {
    RunType.EASY: (
        r"easy|recovery|shake ?-?out|zone ?2|z2|conversational|aerobic|slow run|gentle",
        r"locker\w*|regenerat\w*|erholungs\w*|ruhig\w*|ga ?1|auslaufen",
        r"footing|recup\w*|endurance fondamentale|tranquille|decrassage",
        r"suave|rodaje|regenerativ[oa]|trote|carrera continua",
        r"corsa lenta|fondo lento|lento|rigenerante|scarico|facile|defaticante",
        r"rustig\w*|herstel\w*|duurloop",
        r"leve|rodagem|recuperacao|solto|soltinho",
        r"轻松跑|輕鬆跑|恢复跑|恢復跑|慢跑|放松跑|有氧|排酸",
        r"ジョグ|ジョギング|リカバリー|疲労抜き|イージー|回復走|つなぎ",
    ),
    RunType.TEMPO: (
        r"tempo|threshold|lactate|cruise|marathon pace|half ?-?marathon pace|mp|lt run|progression",
        r"tempodauerlauf|tempolauf|tdl|schwelle\w*|wettkampftempo",
        r"seuil|allure (?:semi|marathon|specifique|10)\w*",
        r"umbral|ritmo (?:controlado|maraton|medio|de carrera)",
        r"soglia|corsa media|medio(?! ?(?:marat|fondo))|ritmo (?:gara|maratona)|progressivo|corto veloce",
        r"tempoloop|tempoduurloop|drempel\w*|wedstrijdtempo",
        r"limiar|ritmo (?:de prova|forte|maratona)|ritmado",
        r"节奏跑|節奏跑|乳酸阈|乳酸閾|阈值|马拉松配速|马配|馬配|混氧",
        r"閾値走?|テンポ走?|ペース走|ビルドアップ",
    ),
    RunType.INTERVAL: (
        r"intervals?|repeats?|reps?|fartlek|track (?:session|workout|night)|vo2 ?max|hill (?:repeats|sprints|reps)",
        r"speed ?-?work|speed session|yasso\w*|billat|pyramid|ladder",
        r"intervall\w*|tempolaufe|bergsprints?|bergintervall\w*|hugelsprints?|fahrtspiel|bahntraining|wiederholungen",
        r"fractionnes?|vma|intervalles?|cotes|30/30|15/15",
        r"series|intervalos?|cuestas|repeticiones|cambios de ritmo",
        r"ripetute|ripetizioni|intervalli|salite|variazioni",
        r"intervallen|intervaltraining|baantraining|heuvel(?:training|sprints)|vaartspel",
        r"tiros?|intervalado|subidas|educativos e tiros",
        r"间歇|間歇|亚索|亞索|法特莱克|变速跑|變速跑|冲坡|衝坡",
        r"インターバル|レペ|レペティション|ファルトレク|坂ダッシュ|ヤッソ|変化走",
    ),
    RunType.LONG: (
        r"long ?-?runs?|long (?:slow|easy|one|trail|sunday)|(?:sunday|saturday|weekend|weekly|my|the) long|lsd",
        r"lange[rnms]? (?:\w+ )?(?:lauf|dauerlauf|runde)|longjog|lala|langer",
        r"sorties? longues?|footing long|course longue",
        r"tiradas? largas?|rodaje largo|tirada|largo",
        r"lungo|lunghissimo|lungo lento",
        r"lange (?:duurloop|loop|run|afstand)",
        r"longao|longo|treino longo|corrida longa|rodagem longa",
        r"长距离|長距離|拉长|长距",
        r"ロング走?|距離走|\d+ ?km走",
    ),
}
SHADES: dict[Flag, str] = {
    Flag.RACE: r"race day|race|parkrun|wettkampf|gara|wedstrijd|competition|competicion|prova|比赛|比賽|レース|大会",
    Flag.STRIDES: r"strides?|steigerung\w*|lignes droites|rectas|allunghi|versnellingen|流し|加速跑",
    Flag.FARTLEK: r"fartlek|fahrtspiel|vaartspel|法特莱克|ファルトレク",
    Flag.PROGRESSION: r"progression|progressivo|progressif|endbeschleunigung|ビルドアップ|渐加速",
    Flag.RECOVERY: (
        r"recovery|regenerat\w*|recup\w*|rigenerante|herstel\w*|regenerativ[oa]|恢复跑|排酸|リカバリー|疲労抜き|回復走"
    ),
    Flag.TREADMILL: r"treadmill|laufband|tapis(?: roulant)?|cinta|loopband|esteira|跑步机|トレッドミル",
    Flag.TRAIL: r"trails?|越野|トレイル",
    Flag.HILLY: (
        r"hill (?:repeats|sprints|reps)|hilly|bergsprints?|cotes|cuestas|salite|heuvel\w*|subidas|冲坡|坂ダッシュ"
    ),
}

# What turns the next such word round: "no", "instead of", or another run: "after", "day before".
TURNED_BEFORE = re.compile(
    r"(?:\b(?:no|not|non|without|instead of|rather than|skipped|missed|cancelled|never|isn'?t|wasn'?t"
    r"|after|before|pre|post|kein\w*|nicht|ohne|statt|anstatt|nach|vor|pas(?: de| d)?|sans|au lieu de|apres|avant"
    r"|en vez de|sin|despues de|antes de|tras|senza|niente|invece di|dopo|prima di|geen|niet|zonder|voor"
    r"|sem|nao|em vez de|depois de)[ '’-]+(?P<between>(?:\w+[ '’-]+){0,2})"
    r"|\bna +"
    r"|[不没未非無无]\w{0,2})$"
)
TURNED_AFTER = re.compile(
    r"^\W*(?:-?(?:free|less|frei|cancelled|skipped|abgesagt|ausgefallen)\b|なし|ではない|じゃない|前|後|取消|以外)"
)
# "Tempo" is also the weather or the time in Italian and Portuguese.
WEATHER = re.compile(r"\b(?:bom|mau|bel|bello|brutto|buon|mal|cattivo|bruto|che|pouco|poco|muito|molto|meu|mio)\W+$")
WEATHER_AFTER = re.compile(r"^\W+(?:bom|ruim|bello|brutto|libero|livre|perfetto|fechado|umido)\b")

REPEATS = re.compile(
    r"(\d{1,2}) ?[x×*] ?\(?(\d+(?:[.,]\d+)?) ?"
    r"('|″|\"|km|k|m(?:in\w*)?|mi(?:les?)?|s(?:ec\w*|ek\w*)?|米|公里|分|秒)?(?![\w:])"
)
METRES = {"km": 1000.0, "k": 1000.0, "公里": 1000.0, "m": 1.0, "米": 1.0, "mi": 1609.0}
SECONDS = {"min": 60.0, "'": 60.0, "分": 60.0, "s": 1.0, '"': 1.0, "″": 1.0, "秒": 1.0}
USUAL_SPEED_MPS = 3.7  # only to tell a kilometre from a minute in a title
STRIDE_S = 30.0
CRUISE_S = 360.0  # repeats from here on are threshold work
FEWEST_REPEATS = 2
MOST_BARE_MINUTES = 60.0
LEAST_BARE_METRES = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a title says: types in no order, and shades."""

    types: frozenset[RunType]
    flags: frozenset[Flag]

    @property
    def run_type(self) -> RunType | None:
        """Return the type named; the longer, then the harder where several are."""
        for kind in (RunType.LONG, RunType.INTERVAL, RunType.TEMPO, RunType.EASY):
            if kind in self.types:
                return kind
        return None

    @property
    def secondary(self) -> RunType | None:
        """Return the harder type that a long run holds."""
        if self.run_type is not RunType.LONG:
            return None
        return next((kind for kind in (RunType.INTERVAL, RunType.TEMPO) if kind in self.types), None)


def _compiled(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z0-9])(?:{words})(?![a-z0-9])")


_TYPES = {kind: _compiled("|".join(words)) for kind, words in WORDS.items()}
_SHADES = {flag: _compiled(words) for flag, words in SHADES.items()}
_CRUISE = _compiled(
    r"cruise|tempo (?:intervals?|repeats|reps)|threshold (?:intervals?|repeats|reps)|schwellenintervalle"
)


def read_title(title: str) -> Told:
    """Return what a title says of this run; nothing where it names no type or only another run's."""
    text = plain(title)
    types = {kind for kind, words in _TYPES.items() if _meant(words, text, kind)}
    flags = {flag for flag, words in _SHADES.items() if _meant(words, text)}
    repeats = _repeats(text)
    if repeats is Flag.STRIDES or (repeats is RunType.INTERVAL and Flag.STRIDES in flags):
        flags.add(Flag.STRIDES)
    elif isinstance(repeats, RunType):
        types.add(repeats)
    if _CRUISE.search(text):
        types.discard(RunType.INTERVAL)
    return Told(types=frozenset(types), flags=frozenset(flags))


def plain(title: str) -> str:
    """Return a title in small letters, full-width forms narrowed and Latin accents taken off."""
    split = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", title).casefold())
    return unicodedata.normalize("NFC", "".join(char for char in split if not "\u0300" <= char <= "\u036f"))


def _meant(words: re.Pattern[str], text: str, kind: RunType | None = None) -> bool:
    return any(
        not _turned(text[: found.start()])
        and not TURNED_AFTER.search(text[found.end() :])
        and not (kind is RunType.TEMPO and found.group() == "tempo" and _weather(text, found))
        for found in words.finditer(text)
    )


def _turned(before: str) -> bool:
    """Whether the words before turn this one round; a "no" that already turned another word round does not."""
    found = TURNED_BEFORE.search(before)
    return found is not None and not any(
        words.search(found["between"] or "") for words in (*_TYPES.values(), _SHADES[Flag.RACE])
    )


def _weather(text: str, found: re.Match[str]) -> bool:
    return bool(WEATHER.search(text[: found.start()]) or WEATHER_AFTER.search(text[found.end() :]))


def _repeats(text: str) -> RunType | Flag | None:
    """Return what "6x800", "3 x 10 min" or "8x20s" is: intervals, threshold repeats or strides."""
    found = REPEATS.search(text)
    if found is None or int(found[1]) < FEWEST_REPEATS or _turned(text[: found.start()]):
        return None
    seconds = _repeat_seconds(float(found[2].replace(",", ".")), found[3] or "")
    if seconds is None:
        return None
    if seconds < STRIDE_S:
        return Flag.STRIDES
    return RunType.TEMPO if seconds > CRUISE_S * (1.0 if int(found[1]) < 4 else 1.3) else RunType.INTERVAL  # noqa: PLR2004


def _repeat_seconds(size: float, unit: str) -> float | None:
    if unit.startswith("mi") and not unit.startswith("min"):
        return size * METRES["mi"] / USUAL_SPEED_MPS
    if unit in METRES and not (unit == "m" and size < LEAST_BARE_METRES):
        return size * METRES[unit] / USUAL_SPEED_MPS
    if unit == "m" or unit.startswith("min"):
        return size * SECONDS["min"]
    if unit:
        return size * SECONDS.get(unit[0], 1.0)
    if size >= LEAST_BARE_METRES:
        return size / USUAL_SPEED_MPS
    return size * 60.0 if size <= MOST_BARE_MINUTES else None
