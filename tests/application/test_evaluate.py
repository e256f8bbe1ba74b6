from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from service.application.evaluate import Prediction, evaluate, measure, replay
from service.application.evaluate_text import report_lines
from service.domain.classification import RunType, Tier
from service.domain.judging.labelled import LabelledRun
from tests.domain.made_runs import EASY_RUN, INTERVALS, LONG_RUN, TEMPO_RUN, TODAY, made

EASY, TEMPO, INTERVAL, LONG = RunType.EASY, RunType.TEMPO, RunType.INTERVAL, RunType.LONG
WEEK = ((0, EASY, EASY_RUN), (1, INTERVAL, INTERVALS), (3, EASY, EASY_RUN), (4, TEMPO, TEMPO_RUN), (6, LONG, LONG_RUN))


def season(athlete: str = "one", weeks: int = 8) -> Iterator[LabelledRun]:
    for week in range(weeks):
        for day, label, parts in WEEK:
            start = TODAY + timedelta(weeks=week, days=day)
            yield LabelledRun(
                run_id=f"{athlete}-{week}-{day}",
                athlete=athlete,
                activity=made(parts, start=start, seed=week * 7 + day, streams=False),
                label=label if week >= 2 else None,
                certain=day == 1,
            )


def call(run_type: RunType, label: RunType, confidence: float = 0.9, athlete: str = "one") -> Prediction:
    return Prediction(
        run_id="r",
        athlete=athlete,
        run_type=run_type,
        secondary=None,
        confidence=confidence,
        tier=Tier.SUMMARY,
        label=label,
        certain=True,
        scored=True,
    )


def test_each_run_sees_only_what_came_before_it() -> None:
    whole = list(replay(season(weeks=4)))
    half = list(replay(season(weeks=2)))
    assert whole[: len(half)] == half


def test_titles_and_tags_are_not_seen() -> None:
    told = [
        replace(run, activity=replace(run.activity, title="Intervals", tags=("long_run",))) for run in season(weeks=3)
    ]
    assert list(replay(told)) == list(replay(season(weeks=3)))


def test_athletes_do_not_see_one_another() -> None:
    both = [*season("one", 3), *season("two", 3)]
    assert [made.run_type for made in replay(both)][15:] == [made.run_type for made in replay(season("two", 3))]


def test_only_labelled_runs_are_scored_and_all_are_told() -> None:
    heard: list[Prediction] = []
    report = evaluate(season(weeks=3), told=heard.append)
    assert (report.runs, report.overall.runs, len(heard)) == (15, 5, 15)


def test_corrections_are_given_first_and_the_rest_scored_both_ways() -> None:
    report = evaluate(season(weeks=4), corrections=4)
    assert report.overall.runs == 6
    assert report.without_corrections is not None
    assert report.without_corrections.runs == 6


def test_scores_are_what_they_say() -> None:
    report = measure([call(EASY, EASY), call(EASY, EASY), call(EASY, TEMPO), call(INTERVAL, TEMPO), call(LONG, LONG)])
    assert report.overall.accuracy == pytest.approx(0.6)
    assert report.overall.f1 == pytest.approx({"easy": 0.8, "tempo": 0.0, "interval": 0.0, "long": 1.0})
    assert report.overall.macro_f1 == pytest.approx(0.45)
    assert report.overall.labelled_f1 == pytest.approx(0.6)
    assert report.confusion["tempo"] == {"easy": 1, "tempo": 0, "interval": 1, "long": 0}
    assert report.right_size == pytest.approx(0.8)  # tempo and interval get the same minutes


def test_the_mean_per_athlete_is_over_those_with_twenty_labels() -> None:
    many = [call(EASY, EASY, athlete="many") for _ in range(20)]
    few = [call(EASY, LONG, athlete="few") for _ in range(3)]
    assert measure(many + few).athlete_mean == 1.0


def test_the_athlete_who_records_most_is_also_left_out() -> None:
    recorded = [replace(call(EASY, EASY, athlete="records"), tier=Tier.STREAMS_HR) for _ in range(3)]
    noted = [call(EASY, LONG, athlete="notes") for _ in range(5)]
    report = measure(recorded + noted)
    assert (report.foremost, report.others.runs, report.others.accuracy) == ("records", 5, 0.0)
    assert list(report.others_by_tier) == ["summary"]
    assert "all but records" in "\n".join(report_lines(report))


def test_reliability_sets_confidence_against_hits() -> None:
    sure = [call(EASY, EASY, 0.85), call(EASY, EASY, 0.85), call(EASY, LONG, 0.85), call(TEMPO, TEMPO, 0.3)]
    low, high = measure(sure).reliability
    assert (low.runs, low.right) == (1, 1.0)
    assert high.runs == 3
    assert [high.confidence, high.right] == pytest.approx([0.85, 2 / 3])
    assert measure(sure).confident.share == pytest.approx(0.75)


def test_nothing_to_score_says_what_to_do() -> None:
    with pytest.raises(ValueError, match="labels"):
        evaluate(season(weeks=1))


def test_the_report_reads_as_text_and_as_plain_values() -> None:
    report = evaluate(season(weeks=4))
    text = "\n".join(report_lines(report))
    assert f"{report.overall.macro_f1:.3f}" in text
    assert report.as_dict()["overall"]["runs"] == 10
