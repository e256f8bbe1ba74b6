"""A routine as it is played: phases with their lengths, and what is said and sounded in each.

    steps -> Round (a step, its change before it, its sides and ways) -> Phase -> Cue

Whoever plays it needs a clock and nothing else: every word and every moment is decided here. The doses stand as the
routine has them; changing sides comes on top of them, as nobody changes sides in no time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from service.domain.composing.steps import Step
from service.domain.movements import Catalogue, Kind, Movement

# Long enough to put the phone down where it can be seen (ours).
READY_S = 10.0
# Long enough to change legs standing up; a change between movements takes 5 to 10 (routine_facts 11).
SIDE_S = 4.0
# The last seconds of a phase are counted down.
COUNTED_DOWN = 3
# Shorter phases are over before half of them is worth a word.
HALFWAY_FROM_S = 40.0
# The cue follows once the words before it are over, where the phase is long enough for both to be heard.
CUE_AT_S, CUE_FROM_S = 12.0, 25.0
# From so many repetitions of so many seconds on, the last two are announced.
LAST_TWO_FROM, LAST_TWO_EACH_S = 5, 3.0


class Act(StrEnum):
    """What the runner is about in a phase."""

    READY = "ready"
    CHANGE = "change"
    SIDE = "side"
    WORK = "work"


class Sound(StrEnum):
    """What a cue is: words to be spoken, or one of the soft tones."""

    SAY = "say"
    BEGIN = "begin"
    END = "end"
    COUNT = "count"
    TICK = "tick"
    IN = "in"
    HOLD = "hold"
    OUT = "out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breath:
    """A breath in seconds: in, held, out, empty."""

    in_s: float
    held_s: float
    out_s: float
    empty_s: float

    @property
    def lasts_s(self) -> float:
        """The whole breath."""
        return self.in_s + self.held_s + self.out_s + self.empty_s


# About six breaths a minute and longer out than in; pauses made no difference (Laborde 2021).
SLOW = Breath(in_s=4.0, held_s=0.0, out_s=6.0, empty_s=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """Something to be heard `at_s` seconds into its phase."""

    at_s: float
    sound: Sound
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A stretch of time in which the runner does one thing.

    `label` says which side and way it is ("Other leg"), or what comes next; `mirrored` is the second side. `reps` of
    `each_s` seconds are counted where the movement is counted, `hold_s` of each held; `breath` is breathed along with
    where it is given.
    """

    act: Act
    seconds: float
    label: str = ""
    mirrored: bool = False
    reps: int | None = None
    each_s: float | None = None
    hold_s: int | None = None
    breath: Breath | None = None
    cues: tuple[Cue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A step as it is played, with the phase that leads to it."""

    step: Step
    phases: tuple[Phase, ...]

    @property
    def seconds(self) -> float:
        """How long it takes, the change before it and those between its sides included."""
        return sum(phase.seconds for phase in self.phases)


def rounds(steps: Sequence[Step], catalogue: Catalogue) -> tuple[Round, ...]:
    """Return the steps as they are played one after the other."""
    return tuple(as_round(step, catalogue, first=number == 0) for number, step in enumerate(steps))


def as_round(step: Step, catalogue: Catalogue, *, first: bool = False) -> Round:
    """Return one step as it is played, also one that takes another's place; the first begins with getting ready."""
    movement = catalogue.movements.get(step.movement)
    return Round(step=step, phases=(_leading(step, first=first), *_work(step, movement)))


def _leading(step: Step, *, first: bool) -> Phase:
    if first:
        words = (Cue(at_s=0.0, sound=Sound.SAY, words=f"Get ready. First: {step.name}."),)
        return Phase(act=Act.READY, seconds=READY_S, label="Get ready", cues=words + _countdown(READY_S))
    seconds = float(max(step.change_s, COUNTED_DOWN))
    words = (Cue(at_s=0.0, sound=Sound.SAY, words=f"Next: {step.name}."),)
    return Phase(act=Act.CHANGE, seconds=seconds, label="Next", cues=words + _countdown(seconds))


def _work(step: Step, movement: Movement | None) -> Iterator[Phase]:
    turns = [(1, way) for way in range(1, step.ways + 1)] if _takes_turns(step, movement) else _turns(step)
    seconds = step.seconds / len(turns)
    for number, (side, way) in enumerate(turns):
        if number and side != turns[number - 1][0]:
            yield _other_side(movement)
        yield _turn(step, movement, seconds, side, way)


def _turns(step: Step) -> list[tuple[int, int]]:
    return [(side, way) for side in range(1, step.sides + 1) for way in range(1, step.ways + 1)]


def _takes_turns(step: Step, movement: Movement | None) -> bool:
    return step.sides > 1 and movement is not None and movement.alternates


def _other_side(movement: Movement | None) -> Phase:
    label = f"Other {_side_word(movement)}"
    words = (Cue(at_s=0.0, sound=Sound.SAY, words=f"{label}."),)
    return Phase(act=Act.SIDE, seconds=SIDE_S, label=label, mirrored=True, cues=words + _countdown(SIDE_S))


def _turn(step: Step, movement: Movement | None, seconds: float, side: int, way: int) -> Phase:
    """Return the work of one side and way."""
    reps = step.reps * (step.sides if _takes_turns(step, movement) else 1) if step.reps else None
    each_s = seconds / reps if reps else None
    breath = _breath(movement, each_s)
    label = _label(step, movement, side, way)
    opening = (side, way) == (1, 1)
    cues = [
        Cue(at_s=0.0, sound=Sound.BEGIN),
        *_spoken(step, seconds, label, opening=opening),
        *(_breathing(breath, seconds) if breath else _ticking(reps, each_s)),
        *_last_two(reps, each_s),
        *_halfway(seconds, reps),
        *_countdown(seconds),
    ]
    return Phase(
        act=Act.WORK,
        seconds=seconds,
        label=label,
        mirrored=side > 1,
        reps=reps,
        each_s=each_s,
        hold_s=step.hold_s if reps else None,
        breath=breath,
        cues=tuple(sorted(cues, key=lambda cue: cue.at_s)),
    )


def _label(step: Step, movement: Movement | None, side: int, way: int) -> str:
    if _takes_turns(step, movement):
        return f"{_side_word(movement).capitalize()}s in turn"
    sided = f"{'First' if side == 1 else 'Other'} {_side_word(movement)}" if step.sides > 1 else ""
    turned = ("One way", "Other way")[way - 1] if step.ways > 1 else ""
    return ", ".join(filter(None, (sided, turned.lower() if sided else turned)))


def _side_word(movement: Movement | None) -> str:
    return movement.dose.side if movement else "side"


def _breath(movement: Movement | None, each_s: float | None) -> Breath | None:
    """Return what to breathe along with: a hold and quiet breathing slowly, what is counted in breaths by its count."""
    if movement is None:
        return None
    if each_s and movement.holds_breath:
        quarter = each_s / 4
        return Breath(in_s=quarter, held_s=quarter, out_s=quarter, empty_s=quarter)
    if each_s and movement.with_breath:
        return Breath(in_s=each_s / 2, held_s=0.0, out_s=each_s / 2, empty_s=0.0)
    return SLOW if each_s is None and movement.kind in {Kind.HOLD, Kind.BREATH} else None


def _spoken(step: Step, seconds: float, label: str, *, opening: bool) -> Iterator[Cue]:
    if not opening:
        yield Cue(at_s=0.0, sound=Sound.SAY, words=f"{label}.")
        return
    yield Cue(at_s=0.0, sound=Sound.SAY, words=" ".join(filter(None, (f"{step.dose}.", step.how))))
    if step.cue and seconds >= CUE_FROM_S:
        yield Cue(at_s=CUE_AT_S, sound=Sound.SAY, words=step.cue)


def _breathing(breath: Breath, seconds: float) -> Iterator[Cue]:
    at = 0.0
    while at + breath.lasts_s <= seconds + 1e-6:
        yield Cue(at_s=at, sound=Sound.IN)
        if breath.held_s:
            yield Cue(at_s=at + breath.in_s, sound=Sound.HOLD)
        yield Cue(at_s=at + breath.in_s + breath.held_s, sound=Sound.OUT)
        if breath.empty_s:
            yield Cue(at_s=at + breath.lasts_s - breath.empty_s, sound=Sound.HOLD)
        at += breath.lasts_s


def _ticking(reps: int | None, each_s: float | None) -> Iterator[Cue]:
    for rep in range(1, reps or 0):
        yield Cue(at_s=rep * (each_s or 0.0), sound=Sound.TICK)


def _last_two(reps: int | None, each_s: float | None) -> Iterator[Cue]:
    if reps and each_s and reps >= LAST_TWO_FROM and each_s >= LAST_TWO_EACH_S:
        yield Cue(at_s=(reps - 2) * each_s, sound=Sound.SAY, words="Last two.")


def _halfway(seconds: float, reps: int | None) -> Iterator[Cue]:
    if reps is None and seconds >= HALFWAY_FROM_S:
        yield Cue(at_s=seconds / 2, sound=Sound.SAY, words="Halfway.")


def _countdown(seconds: float) -> tuple[Cue, ...]:
    last = (Cue(at_s=seconds - left, sound=Sound.COUNT) for left in range(COUNTED_DOWN, 0, -1))
    return tuple(cue for cue in last if cue.at_s >= 0)
