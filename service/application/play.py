"""Playing a session, and taking something else where a movement hurts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from service.application.announce import Announcer
from service.domain.athlete import Athlete
from service.domain.composing.policy import Policy
from service.domain.composing.steps import Step, lasts
from service.domain.composing.swapping import instead
from service.domain.movements import Catalogue
from service.domain.player import Round, as_round, rounds
from service.domain.sessions import Session
from service.domain.wish import Wish
from service.ports import Clock, Database, Store

# So many ways out are shown with each movement: enough when other movements of the routine hurt as well.
WAYS_OUT = 3
# Working out the ways out of a routine takes longer than all the rest of its page.
REMEMBERED = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A step as it is played, and what could be done instead should it hurt, the best first.

    `root` is what all forms of its movement share: a routine holds one form.
    """

    round: Round
    root: str
    instead: "tuple[Turn, ...]" = ()


@dataclass(frozen=True, slots=True)
class Play:
    """Plays sessions."""

    database: Database
    announcer: Announcer
    athletes: Mapping[str, Athlete]
    catalogue: Catalogue
    policy: Policy
    clock: Clock
    _known_turns: Callable[[tuple[Step, ...], Wish], tuple[Turn, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Remember what the last routines asked for were: a page is opened, kept, and opened again."""
        object.__setattr__(self, "_known_turns", lru_cache(REMEMBERED)(self._turns))

    def turns(self, session: Session) -> tuple[Turn, ...]:
        """Return a session's steps as they are played, each with its ways out, so that no network is needed then."""
        with self.database.reading() as store:
            wish = self._wish(store, session)
        return self._known_turns(session.routine.steps, wish)

    def _turns(self, steps: tuple[Step, ...], wish: Wish) -> tuple[Turn, ...]:
        return tuple(
            replace(self._turn(played), instead=tuple(map(self._turn, self._ways_out(steps, played.step, wish))))
            for played in rounds(steps, self.catalogue)
        )

    def hurts(self, session_id: int, movement: str, other: str | None) -> Session:
        """Put `other` in the place of the movement that hurts, or leave it out where `other` is None.

        A routine without that movement, or with nothing else in it, stays as it is, so saying it twice is no harm.
        Raise KeyError where there is no such session, or `other` is no way out of this.
        """
        with self.database.writing() as store:
            session = store.session(session_id)
            steps = session.routine.steps
            place = next((place for place, step in enumerate(steps) if step.movement == movement), None)
            if place is None or len(steps) == 1:
                return session
            taken = () if other is None else (self._way_out(steps, steps[place], self._wish(store, session), other),)
            changed = (*steps[:place], *taken, *steps[place + 1 :])
            routine = replace(session.routine, steps=changed, seconds=lasts(changed))
            store.rewrite_session(session_id, routine, self.clock.now())
            self.announcer.follow_up(store, store.session(session_id), self.clock.now())
            return store.session(session_id)

    def _way_out(self, steps: Sequence[Step], hurting: Step, wish: Wish, other: str) -> Step:
        return {step.movement: step for step in self._all_ways_out(steps, hurting, wish)}[other]

    def _ways_out(self, steps: Sequence[Step], hurting: Step, wish: Wish) -> list[Round]:
        ways = self._all_ways_out(steps, hurting, wish)[:WAYS_OUT]
        return [as_round(step, self.catalogue) for step in ways]

    def _all_ways_out(self, steps: Sequence[Step], hurting: Step, wish: Wish) -> tuple[Step, ...]:
        if any(step.movement not in self.catalogue.movements for step in steps):
            return ()
        others = tuple(step for step in steps if step is not hurting)
        return instead(hurting, others, wish, self.catalogue, self.policy)

    def _turn(self, played: Round) -> Turn:
        movement = self.catalogue.movements.get(played.step.movement)
        return Turn(round=played, root=movement.root if movement else played.step.movement)

    def _wish(self, store: Store, session: Session) -> Wish:
        athlete = self.athletes[session.athlete]
        verdict = None if session.activity is None else store.classification(session.activity)
        return Wish(
            run_type=session.routine.run_type,
            flags=verdict.flags if verdict else frozenset(),
            part=session.part,
            kit=athlete.kit,
            level=athlete.level,
        )
