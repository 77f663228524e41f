"""``analytics patterns`` and ``analytics pattern``: what repeats, and what a person says of it."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from analytics_assets.cli.printing import terminal, write, write_json, write_table
from analytics_assets.cli.problems import MISUSED, CommandError
from analytics_assets.pattern_thresholds import PATTERNS_LISTED
from analytics_assets.settings import Settings, load_settings

if TYPE_CHECKING:
    from analytics_assets.reports.figures import Column, Row

commands = typer.Typer()
Category = Literal["performance", "error", "workflow", "quality"]
SHOWN_ID = 8
"""Digits of an id in the list: of a thousand patterns, two have the same in 1 of 8,000 stores."""
SHOWN_EVIDENCE = 5
"""Rows of evidence for people; --json has all of them."""
QUERY = "  analytics query "
_SECONDS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


@commands.command()
def patterns(
    pattern_type: Annotated[str | None, typer.Option("--type", help="Of this type only, as degradation.")] = None,
    category: Annotated[Category | None, typer.Option(help="Of this category only.")] = None,
    component: Annotated[str | None, typer.Option(help="Those that touch it: a tool, a pipeline, a system.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every row, also what is less sure than the threshold, over or rejected.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list and nothing else: every column.")] = False,
    limit: Annotated[
        int | None, typer.Option(min=0, help=f"Most patterns; a table shows {PATTERNS_LISTED.value:.0f} by default.")
    ] = None,
) -> None:
    """List what repeats, what deviates and what goes with what; trouble that lasts comes first, by severity."""
    from analytics_assets.cli.tables import table_of
    from analytics_assets.queries.patterns import get_left_out, get_patterns
    from analytics_assets.queries.snapshot import open_snapshot

    settings = load_settings()
    with open_snapshot(settings) as snapshot:
        found = get_patterns(
            pattern_type, category, component, everything=everything, snapshot=snapshot, settings=settings
        )
        left_out = get_left_out(snapshot=snapshot, settings=settings)
    most = limit if limit is not None or as_json or everything else int(PATTERNS_LISTED.value)
    shown = found[:most]
    if as_json:
        write_json(shown)
    elif shown:
        write(_counted(found))
        write_table(table_of(shown, _columns()))
    else:
        is_filtered = any(word is not None for word in (pattern_type, category, component))
        nothing = "No pattern is like that" if is_filtered else "No pattern was found"
        write(f"{nothing}." if everything else f"{nothing}; --all shows the unsure and over.")
    if len(found) > len(shown):
        typer.echo(f"{len(found) - len(shown):,} more: --all or --limit.", err=True)
    for line in left_out:
        typer.echo(line, err=True)


@commands.command()
def pattern(
    pattern_id: Annotated[
        str, typer.Argument(metavar="ID", help="As `analytics patterns` shows it, or its beginning.")
    ],
    confirm: Annotated[bool, typer.Option("--confirm", help="Say that it is real.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="Say that it is none; --note says why.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take the last decision on it back.")] = False,
    note: Annotated[str | None, typer.Option(help="Why, for those who look at it later.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object and nothing else.")] = False,
) -> None:
    """Show a pattern with its relations, history and evidence; or say whether it, or a relation, is real."""
    from analytics_assets.queries.patterns import get_decidable, get_pattern
    from analytics_assets.queries.snapshot import open_snapshot

    words = [word for word, is_meant in (("confirmed", confirm), ("rejected", reject), ("undone", undo)) if is_meant]
    if len(words) > 1:
        raise CommandError("One of --confirm, --reject and --undo at a time.", exit_code=MISUSED)
    if note is not None and not words:
        raise CommandError("A note belongs to a decision.", "--confirm, --reject or --undo.", exit_code=MISUSED)
    settings = load_settings()
    with open_snapshot(settings) as snapshot:
        found = get_decidable(pattern_id, snapshot) if words else get_pattern(pattern_id, snapshot)
    if words:
        _decide(settings, found, words[0], note)
    elif as_json:
        write_json(found)
    else:
        _show(found)


def _decide(settings: Settings, row: Row, decision: str, note: str | None) -> None:
    from analytics_assets.cli.deciding import NEXT, in_plain_words, me
    from analytics_assets.pattern_store.deciding import decide
    from analytics_assets.reports.figures import plain

    if decision == "undone" and not row["is_decided"]:
        raise CommandError(
            f"Nobody decided on {row['id']}, as far as the published version knows.",
            "What was decided since counts after the next `analytics refresh`.",
        )
    with in_plain_words():
        decide(settings, row["id"], decision, by=me(), notes=note, now=datetime.now(UTC))
    console = terminal()
    console.print(plain(f"{decision}: {row['id']}  {row['said']}"), markup=False)
    console.print(NEXT, style="dim", markup=False)


def _columns() -> list[Column]:
    from analytics_assets.reports.figures import Column, certainty, figure, in_line, moment, text

    return [
        # When it was found first is no beginning: where none is known the cell is empty.
        Column("since", lambda row: moment(row["starts_at"]) or "", is_number=False),
        figure("what", "pattern_name", in_line)._replace(is_number=False),
        figure("sure", "confidence_score", certainty),
        text("severity", "severity"),
        Column("state", _state, is_number=False),
        figure("id", "id", lambda key: key[:SHOWN_ID])._replace(is_number=False),
    ]


def _state(row: Row) -> str:
    """A pattern that holds is stale where its records ended long ago: nobody knows whether it still does."""
    return "stale" if row["is_active"] and row["is_stale"] else str(row["state"])


def _counted(found: list[Row]) -> str:
    """How many there are, and of which category."""
    from analytics_assets.lib.words import plural

    by_category = Counter(row["pattern_category"] for row in found)
    told = ", ".join(f"{number:,} {category}" for category, number in by_category.most_common())
    return f"{plural(len(found), 'pattern')}: {told}"


def _show(found: Row) -> None:
    from analytics_assets.reports.figures import certainty, in_line, moment, plain, said

    row, console = found["pattern"], terminal()
    times = "once" if row["observation_count"] == 1 else f"{row['observation_count']:,} times"
    seen = f"first seen {moment(row['detected_at'])}, last seen {moment(row['observed_until'])}, seen {times}"
    lines = [
        f"{row['id']}  {row['pattern_name']}",
        f"{row['pattern_type']} of {row['subject']} ({row['pattern_category']}, {row['topic']}); {row['state']}",
        f"{certainty(row['confidence_score'])} sure by {row['detection_algorithm']}; {seen} (UTC)",
    ]
    if row["starts_at"] is not None:
        lines.append(f"since {moment(row['starts_at'])} UTC")
    if row["is_stale"]:
        lines.append(f"data ends {moment(row['as_of'])} UTC: stale")
    if row["strength"] is not None:
        where = f", at {row['location']}" if row["location"] else ""
        lines.append(f"strength: {row['strength']:.4g} {said(row['strength_unit'])}{where}")
    if row["resolved_reason"]:
        lines.append(row["resolved_reason"])
    if row["decided_at"]:
        verdict = row["human_verdict"] or "rejected, and changed since"
        by = f" by {row['decided_by']}" if row["decided_by"] else ""
        lines.append(f"{verdict} {moment(row['decided_at'])}{by}: {said(row['decision_notes'] or 'no note')}")
    lines += [f"{one['classification_type']}: {one['classification_value']}" for one in found["classifications"]]
    lines += _section("Relations", [_relation(one) for one in found["relationships"]])
    lines += _section("History", [_change(one) for one in found["evolution"]])
    lines += _section("Data", [f"{name}: {_short(value)}" for name, value in row["pattern_data"].items()])
    evidence = [_record(one) for one in found["evidence"][:SHOWN_EVIDENCE]]
    left = len(found["evidence"]) - SHOWN_EVIDENCE
    lines += _section("Evidence", evidence + ([f"{left:,} more rows: --json"] if left > 0 else []))
    if found["evidence_sql"]:
        lines.append(f"{QUERY}{_one_word(found['evidence_sql'])}")
    lines += ["", f"analytics pattern {row['id']} --confirm, or --reject --note TEXT"]
    for line in lines:
        # A newline in the words of a query is a part of it.
        console.print((plain if line.startswith(QUERY) else in_line)(line), markup=False)


def _section(title: str, lines: list[str]) -> list[str]:
    return ["", title, *(f"  {line}" for line in lines)] if lines else []


def _relation(row: Row) -> str:
    strength = f"strength {row['relationship_strength']:.2f}, {row['validation_status']}"
    how = f"{row['relationship'].replace('_', ' ')}{_when(row)}"
    return f"{how}: {row['pattern_name']}  ({row['pattern_id']}; {strength}; relation {row['id']})"


def _when(row: Row) -> str:
    """When the other pattern began; nothing where that is not known."""
    if row["temporal_offset"] is None:
        return ""
    if not row["temporal_offset"]:
        return ", at once"
    return f", {_span(row['temporal_offset'])} {'later' if row['is_first'] else 'earlier'}"


def _change(row: Row) -> str:
    from analytics_assets.reports.figures import moment, share

    size = f" by {share(row['change_magnitude'])}" if row["evolution_type"] in ("strengthening", "weakening") else ""
    beside = json.loads(row["contributing_factors"])
    also = "; ".join(f"{one['pattern_id']} {one['change']} ({one['how']})" for one in beside)
    return f"{moment(row['evolution_timestamp'])}  {row['evolution_type']}{size}" + (
        f"; then also: {also}" if also else ""
    )


def _span(seconds: float) -> str:
    for length, unit in _SECONDS:
        if seconds >= length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds:.3g} s"


def _record(row: Row) -> str:
    """What is known of a row, in a line."""
    from analytics_assets.reports.figures import moment

    told = [
        f"{name} {moment(value) if name.endswith(('_at', 'hour')) else _figure(value)}"
        for name, value in row.items()
        if value is not None
    ]
    return _short("  ".join(told))


def _figure(value: Any) -> str:
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def _one_word(sql: str) -> str:
    """A query as one word of a shell; in double quotes, which read best, where nothing in it means something there."""
    return shlex.quote(sql) if set(sql) & set('"$`\\!') else f'"{sql}"'


def _short(value: Any) -> str:
    told = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return told if len(told) <= 400 else f"{told[:400]} …"  # noqa: PLR2004 -- five lines of a terminal
