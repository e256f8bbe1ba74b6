"""What was measured of the rules, as lines for people: see evaluate.py for what each figure is."""

from service.application.evaluate import CONFIDENT, LEAST_LABELS, TYPES, Report, Score


def report_lines(report: Report) -> list[str]:
    """Return the report as lines of text."""
    lines = [f"{report.runs} runs of {report.athletes} athletes, {report.overall.runs} scored", ""]
    if report.without_corrections is not None and report.athlete_mean_without is not None:
        lines += [
            (
                f"{report.corrections} corrections an athlete: macro-F1 {report.without_corrections.macro_f1:.3f} -> "
                f"{report.overall.macro_f1:.3f}, mean per athlete {report.athlete_mean_without:.3f} -> "
                f"{report.athlete_mean:.3f} (the same runs)"
            ),
            "",
        ]
    lines += [_score_line("all", report.overall), _score_line("labels sure", report.certain)]
    lines += [_score_line(f"tier {name}", one) for name, one in report.by_tier.items()]
    lines += ["", _score_line(f"all but {report.foremost}", report.others)]
    lines += [_score_line(f"  tier {name}", one) for name, one in report.others_by_tier.items()]
    lines += [
        "",
        (
            f"mean per athlete ({LEAST_LABELS} labels or more): macro-F1 {report.athlete_mean:.3f} "
            f"(counting types only called: {report.athlete_mean_strict:.3f})"
        ),
    ]
    lines += [_score_line(name, one) for name, one in report.by_athlete.items()]
    lines += ["", f"right size (easy / hard / long): {report.right_size:.3f}", "", *_confusion_lines(report)]
    return [*lines, "", *_reliability_lines(report)]


def _score_line(name: str, one: Score) -> str:
    f1 = "  ".join(f"{kind} {value:.2f}" for kind, value in one.f1.items())
    return f"{name:<18}{one.runs:>6}  accuracy {one.accuracy:.3f}  macro-F1 {one.macro_f1:.3f}  {f1}"


def _confusion_lines(report: Report) -> list[str]:
    head = f"{'label / called':<18}" + "".join(f"{kind.value:>10}" for kind in TYPES)
    rows = [
        f"{label:<18}" + "".join(f"{calls[kind.value]:>10}" for kind in TYPES)
        for label, calls in report.confusion.items()
    ]
    return [head, *rows]


def _reliability_lines(report: Report) -> list[str]:
    lines = ["confidence         runs   said  right"]
    lines += [
        f"{one.low:.1f} to {one.high:.1f}       {one.runs:>6}  {one.confidence:.3f}  {one.right:.3f}"
        for one in report.reliability
    ]
    lines.append("")
    for name, one in {"all": report.confident, **report.confident_by_type}.items():
        lines.append(
            f"at {CONFIDENT} or more, {name:<10}{one.runs:>6}  {one.share:.3f} of the runs  {one.right:.3f} right"
        )
    return lines
