"""Commands that look after things: status and doctor."""

import json
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

import click

from service.cli.options import as_json, with_app, with_settings

if TYPE_CHECKING:
    from config.settings import Settings
    from service.application.status import Condition, Overview
    from service.bootstrap import App
    from service.ports import Usage

REASONS_SHOWN = 5
HEALTH = {"ok": "ok", "waiting": "waiting", "needs_you": "NEEDS YOU"}


@click.command("status")
@as_json
@with_app
def status_command(app: "App", *, as_json: bool) -> int:
    """Show how sources, channels and the outbox are doing; exit 1 where a human is needed."""
    overview = app.status.overview()
    if as_json:
        click.echo(json.dumps(_document(app, overview)))
    else:
        _print(app, overview)
    return int(overview.needs_you)


def _document(app: "App", overview: "Overview") -> dict[str, object]:
    """Return the contract's object. With several athletes each name has its athlete before it."""
    groups: dict[str, dict[str, object]] = {"sources": {}, "channels": {}}
    for condition in overview.conditions:
        group, _, name = condition.system.partition(".")
        key = name if len(app.athletes) == 1 else f"{condition.athlete}.{name}"
        groups[group][key] = {
            "state": condition.health.value,
            "last_success": _iso(condition.last_success),
            "newest_activity": _iso(condition.newest_activity),
            "backlog": condition.backlog,
            "next_try": _iso(condition.next_try),
            "todo": condition.todo or None,
            "trouble": condition.trouble or None,
            "budget": [_usage(one) for one in condition.budget],
        }
    recordings = {fate.value: count for fate, count in overview.recordings.items()}
    counts = {"outbox": dict(overview.outbox), "recordings": recordings, "quarantine": dict(overview.quarantine)}
    waiting = [
        {
            "athlete": one.message.athlete,
            "channel": one.message.channel,
            "title": one.message.title,
            "due_at": _iso(one.message.due_at),
            "useful_until": _iso(one.message.useful_until),
            "attempts": one.message.attempts,
            "why": one.why,
        }
        for one in overview.waiting
    ]
    receipts = [
        {"athlete": one.athlete, "channel": one.channel, "title": one.title, "at": _iso(one.at), "receipt": one.receipt}
        for one in overview.receipts
    ]
    return {**groups, **counts, "waiting": waiting, "receipts": receipts}


def _usage(one: "Usage") -> dict[str, object]:
    left = max(one.usable - one.used, 0)
    return {"name": one.name, "used": one.used, "left": left, "until": one.until.isoformat()}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _print(app: "App", overview: "Overview") -> None:
    for condition in overview.conditions:
        click.echo(f"{_named(app, condition):<24}{HEALTH[condition.health.value]:<11}{_seen(condition)}")
        for line in dict.fromkeys(filter(None, [condition.trouble, condition.todo])):
            click.echo(f"    {line}")
        if condition.budget:
            left = (f"{max(one.usable - one.used, 0)} {one.name}" for one in condition.budget)
            click.echo(f"    still allowed: {', '.join(left)}")
    if not overview.conditions:
        click.echo("No source and no channel is on yet: add [sources.folder] and [channels.ntfy] to afterrun.toml.")
    for channel, counts in overview.outbox.items():
        click.echo(
            f"outbox {channel:<17}" + ", ".join(f"{count} {fate.replace('_', ' ')}" for fate, count in counts.items())
        )
    for one in overview.waiting:
        message = one.message
        click.echo(f"    waits: {message.title} ({message.channel}, {message.due_at.astimezone():%a %H:%M}): {one.why}")
    for receipt in overview.receipts:
        click.echo(f"    arrived: {receipt.title} ({receipt.channel}, {receipt.at.astimezone():%a %H:%M})")
    if overview.recordings:
        counted = (f"{count} {fate.value.replace('_', ' ')}" for fate, count in overview.recordings.items())
        click.echo(f"{'recordings':<24}{', '.join(counted)}")
    _print_quarantine(overview)
    for athlete in app.athletes:
        click.echo(f"{'calendar feed':<24}{app.links.calendar(athlete)}")


def _print_quarantine(overview: "Overview") -> None:
    if not overview.quarantine:
        return
    for reason, count in islice(overview.quarantine.items(), REASONS_SHOWN):
        click.echo(f"    {count} × {reason}")
    if (others := len(overview.quarantine) - REASONS_SHOWN) > 0:
        click.echo(f"    and {others} other {'reason' if others == 1 else 'reasons'}")
    click.echo("    They are kept: `afterrun import --retry` tries them again.")


def _named(app: "App", condition: "Condition") -> str:
    return condition.system if len(app.athletes) == 1 else f"{condition.athlete} {condition.system}"


def _seen(condition: "Condition") -> str:
    last = condition.last_success
    seen = f"last well {last.astimezone():%a %d %b %H:%M}" if last else "not used yet"
    again = condition.next_try
    return f"{seen}, next try {again.astimezone():%H:%M}" if again and condition.trouble else seen


@click.command("doctor")
@with_settings
def doctor_command(settings: "Settings") -> int:
    """Check settings, database, clock, permissions and reachability, and say what to do."""
    from service.doctor import examine  # noqa: PLC0415 - for this command only

    fine = True
    for finding in examine(settings):
        fine = fine and finding.fine
        click.echo(f"{'ok ' if finding.fine else '!! '} {finding.what}: {finding.found}")
        if finding.remedy:
            click.echo(f"    {finding.remedy}")
    return 0 if fine else 1
