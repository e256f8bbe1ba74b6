"""For each place the last word counts: tightness fades, soreness is asked about, what stays is for others to see."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.domain.body import (
    ASK_AFTER,
    SORE_FADES,
    STAYS,
    TIGHT_FADES,
    BodyToday,
    Felt,
    Said,
    body_lines,
    can_be_tight,
    today,
)
from service.domain.movements import BodyArea, Site
from tests.claims import overclaims
from tests.fakes import NOON

DAY = timedelta(days=1)
WORDS = st.lists(
    st.builds(
        Said,
        site=st.sampled_from(Site),
        felt=st.sampled_from(Felt),
        at=st.integers(0, 40 * 24).map(lambda hours: NOON - timedelta(hours=hours)),
    ),
    max_size=12,
)


def sore(site: Site = Site.KNEE, *, ago: timedelta) -> Said:
    return Said(site=site, felt=Felt.SORE, at=NOON - ago)


def test_nothing_said_is_nothing_minded() -> None:
    assert today([], NOON) == BodyToday()
    assert body_lines(BodyToday()) == []


def test_tightness_fades_by_itself() -> None:
    said = [Said(site=Site.CALVES, felt=Felt.TIGHT, at=NOON)]

    assert today(said, NOON).tight == {BodyArea.CALVES}
    assert today(said, NOON + TIGHT_FADES - DAY).tight == {BodyArea.CALVES}
    assert today(said, NOON + TIGHT_FADES) == BodyToday()


def test_soreness_holds_longer_and_is_asked_about_meanwhile() -> None:
    said = [sore(ago=timedelta())]

    assert today(said, NOON).sore == {Site.KNEE}
    assert today(said, NOON).ask == frozenset()
    assert today(said, NOON + ASK_AFTER).ask == {Site.KNEE}
    assert today(said, NOON + ASK_AFTER).said == ((Site.KNEE, NOON),)
    assert today(said, NOON + SORE_FADES) == BodyToday()


def test_the_last_word_on_a_place_counts() -> None:
    was = sore(ago=2 * DAY)

    assert today([Said(site=Site.KNEE, felt=Felt.FINE, at=NOON), was], NOON) == BodyToday()
    eased = today([was, sore(Site.CALVES, ago=DAY), Said(site=Site.CALVES, felt=Felt.TIGHT, at=NOON)], NOON)
    assert eased.tight == {BodyArea.CALVES}
    assert eased.sore == {Site.KNEE}


def test_what_is_still_sore_after_a_week_is_somebodys_to_see() -> None:
    still = today([sore(ago=STAYS), sore(ago=3 * DAY), sore(ago=timedelta())], NOON)

    assert still.lasting == {Site.KNEE}
    assert "a physiotherapist or a doctor" in body_lines(still)[-1]


def test_a_soreness_that_went_and_came_back_has_not_lasted() -> None:
    went = Said(site=Site.KNEE, felt=Felt.FINE, at=NOON - DAY)

    assert today([sore(ago=10 * DAY), went, sore(ago=timedelta())], NOON).lasting == frozenset()
    assert today([sore(ago=30 * DAY), sore(ago=timedelta())], NOON).lasting == frozenset()


def test_only_what_a_movement_works_can_be_tight() -> None:
    assert can_be_tight(Site.CALVES)
    assert not can_be_tight(Site.KNEE)


@given(WORDS)
def test_a_place_is_tight_or_sore_or_neither_and_words_claim_nothing(said: list[Said]) -> None:
    body = today(said, NOON)

    assert not {area.value for area in body.tight} & {site.value for site in body.sore}
    assert body.ask | body.lasting <= body.sore == {site for site, _ in body.said}
    assert today(list(reversed(said)), NOON).sore == body.sore or len({word.at for word in said}) < len(said)
    assert not overclaims(" ".join(body_lines(body)))


@given(WORDS)
def test_with_silence_everything_passes(said: list[Said]) -> None:
    assert today(said, NOON + SORE_FADES) == BodyToday()
