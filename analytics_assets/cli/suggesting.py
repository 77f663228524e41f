"""``analytics suggest``: what runs suggest, with what it rests on and what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from rich import box
from rich.console import Console, Group
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from analytics_assets.lib.rates import wilson_interval
from analytics_assets.lib.words import plural
from analytics_assets.reports.figures import Row, between, certainty, plain, said, share, usd

if TYPE_CHECKING:
    from analytics_assets.feedback.journal import Entry
    from analytics_assets.queries.snapshot import Snapshot
    from analytics_assets.settings import Settings

StatusWord = Literal["pending", "applied", "rejected", "resolved", "expired", "not_enough_data"]
COLOURS = {"HIGH": "bold green", "MED": "yellow", "LOW": "dim"}
WIDEST = 120
"""A longer line of prose is hard to follow."""


def chosen_rows(rows: Sequence[Row], spec_id: str | None, status: str | None) -> list[Row]:
    """The rows of a spec and a status; None stands for every one."""
    return [row for row in rows if spec_id in (None, row["spec_id"]) and status in (None, row["status"])]


def show_list(
    rows: Sequence[Row],
    calibration: Sequence[Row] | None,
    console: Console,
    *,
    status: StatusWord = "pending",
    decided: Mapping[str, Entry] | None = None,
) -> None:
    """Print the suggestions of one status in a box, and below it what became of the others and how such advice held.

    Args:
        rows: suggestions, in the order of ``get_suggestions``.
        calibration: stated confidence against what held; None where nothing was measured yet.
        console: where to.
        status: of these the box tells.
        decided: decisions that the next refresh will count, by suggestion.
    """
    listed = [row for row in rows if row["status"] == status]
    if listed:
        entries = [entry(number, row, (decided or {}).get(row["id"])) for number, row in enumerate(listed, start=1)]
        title = "Suggestions" if status == "pending" else f"Suggestions, {status.replace('_', ' ')}"
        # Sentences are folded by the terminal; a box has edges of its own.
        console.print(
            Panel(
                Group(*_spaced(entries)),
                title=f"{title} ({len(listed)})",
                title_align="left",
                box=box.SQUARE,
                width=min(console.width, WIDEST),
                padding=(1, 2),
            ),
            soft_wrap=False,
        )
    else:
        console.print(f"No suggestion is {status.replace('_', ' ')}.")
    console.print(f"{others(rows, status)}{held(calibration)}", style="dim", markup=False)


def entry(number: int, row: Row, decision: Entry | None = None, *, with_commands: bool = True) -> Group:
    """One suggestion: its level, what to do, why, how certain, and the commands that follow."""
    title = Text(f"{number}. ")
    title.append(f"[{row['level']}]", style=COLOURS.get(row["level"], ""))
    title.append(f" {subject(row)} - {headline(row)}", style="bold")
    lines = [plain(row["reasoning"]), evidence(row), *worth(row)]
    if decision is not None:
        lines.append(f"{decision.decision.capitalize()} already; the next refresh counts it.")
    elif row["status"] == "pending":
        lines += next_steps(row) if with_commands else []
    else:
        lines += _ended(row)
    return Group(title, *(Padding(Text(line), (0, 0, 0, 3)) for line in lines))


def subject(row: Row) -> str:
    """What it is about: a spec, or a sort of specs."""
    return said(row["spec_id"]) if row["spec_id"] is not None else f"specs of type {said(row['spec_type'])}"


def headline(row: Row) -> str:
    """What to do, in a few words.

    >>> headline({"target": "resources.memory", "current_value": "memory: 2Gi", "suggested_value": "memory: 4Gi"})
    'memory: 2Gi -> 4Gi'
    """
    suggested = plain(row["suggested_value"])
    if row["target"] is not None:
        return f"{plain(row['current_value'])} -> {suggested.partition(': ')[2]}"
    return suggested


def evidence(row: Row) -> str:
    """How certain it is and what was counted, both sides with their interval."""
    if row["confidence"] is None:
        return f"Not enough data: {row['data_points']:,} runs so far."
    # What names no other way to run, as a rewrite, says something of the present alone: that was measured.
    is_estimate = row["basis"] == "estimated" and (row["target"] is not None or row["suggested_runs"] is not None)
    basis = ", estimated: hardly a run or none went that way" if is_estimate else ""
    return f"Confidence: {certainty(row['confidence'])} (n = {row['data_points']:,}: {_counted(row)}){basis}"


def _counted(row: Row) -> str:
    current = f"{row['current_failures']:,} of {row['current_runs']:,}"
    if row["suggested_runs"] is None:
        interval = wilson_interval(row["current_failures"], row["current_runs"])
        return (
            f"counted {current}, {share(row['current_rate'])}, interval {between(*interval)}" if interval else current
        )
    suggested = f"{row['suggested_failures']:,} of {row['suggested_runs']:,}"
    known = "" if row["difference"] is None else f"; {100 * row['difference']:+.0f} points, interval {_points(row)}"
    return f"failed {current} now, {suggested} as suggested{known}"


def _points(row: Row) -> str:
    return f"{100 * row['difference_low']:+.0f} to {100 * row['difference_high']:+.0f}"


def worth(row: Row) -> list[str]:
    """What it would bring in 30 days, as far as that is known; at most one line."""
    expected = []
    fewer = round(row["expected_fewer_failures"] or 0)
    if fewer:
        expected.append(f"{plural(abs(fewer), 'failure')} {'fewer' if fewer > 0 else 'more'}")
    if row["expected_saving_usd"]:
        saving = row["expected_saving_usd"]
        expected.append(f"{usd(abs(saving))} {'saved' if saving > 0 else 'more spent'}")
    return [f"In 30 days: {', '.join(expected)}"] if expected else []


def next_steps(row: Row) -> list[str]:
    """The commands that follow."""
    do = "by hand" if row["target"] is None else f"analytics apply {row['id']}"
    return [f"Do it:  {do}", f"Ignore: analytics reject {row['id']} --reason TEXT"]


def _ended(row: Row) -> list[str]:
    """When it ended, by whom and why."""
    if row["decided_at"] is not None:
        by = f" by {said(row['decided_by'])}" if row["decided_by"] else ""
        why = f": {said(row['decision_notes'])}" if row["decision_notes"] else ""
        return [f"{row['status'].capitalize()} {row['decided_at'][:10]}{by}{why}  ({row['id']})"]
    since = f" {row['resolved_at'][:10]}" if row["resolved_at"] else ""
    return [f"{row['status'].replace('_', ' ').capitalize()}{since}  ({row['id']})"]


def others(rows: Sequence[Row], status: str) -> str:
    """How many stand elsewhere, and how to see them; nothing where there are none."""
    counted = Counter(row["status"] for row in rows if row["status"] != status)
    if not counted:
        return ""
    told = ", ".join(f"{number} {word.replace('_', ' ')}" for word, number in sorted(counted.items()))
    return f"Also: {told} (analytics suggest --status WORD).\n"


def held(calibration: Sequence[Row] | None) -> str:
    """Whether what was stated proved right: of suggestions said 80-90 %, how many held."""
    known = [row for row in calibration or () if row["n"]]
    if not known:
        return "How often such suggestions hold is not measured yet: the history is too short for a back-test."
    sources = {"backtest": "back-test", "verdicts": "applied"}
    told = []
    for source, name in sources.items():
        bins = [_bin(row) for row in known if row["source"] == source]
        if bins:
            told.append(f"Calibration ({name}): of suggestions said {'; '.join(bins)}.")
    return "\n".join(told)


def _bin(row: Row) -> str:
    interval = between(row["held_share_low"], row["held_share_high"])
    said_to_be = f"{100 * row['confidence_from']:.0f}-{100 * row['confidence_to']:.0f} %"
    return f"{said_to_be}, {share(row['held_share'])} held (n = {row['n']:,}, {interval})"


def _spaced(entries: Sequence[Group]) -> list[Group | Text]:
    spaced: list[Group | Text] = []
    for one in entries:
        spaced += [one, Text("")]
    return spaced[:-1]


def unseen(settings: Settings, rows: Sequence[Row], snapshot: Snapshot) -> dict[str, Entry]:
    """What was decided and not yet counted by a refresh, by suggestion."""
    from analytics_assets.feedback import journal
    from analytics_assets.feedback.deciding import STANDING
    from analytics_assets.queries.decisions import get_decision_ids

    latest = {entry.suggestion_id: entry for entry in journal.entries(settings) if entry.state is journal.State.DONE}
    listed = {row["id"] for row in rows}
    return {
        key: entry
        for key, entry in latest.items()
        if key in listed and entry.decision in STANDING and entry.decision_id not in get_decision_ids(key, snapshot)
    }
