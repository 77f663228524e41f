"""``analytics predictors``: which models predict, how well, and a person's word on which version answers."""

from __future__ import annotations

import json
import textwrap
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analytics_assets.cli.printing import terminal, write, write_json, write_table
from analytics_assets.cli.problems import MISUSED, CommandError
from analytics_assets.lib.words import plural
from analytics_assets.settings import Settings, load_settings

if TYPE_CHECKING:
    from rich.console import Console

    from analytics_assets.queries.answers import Answer
    from analytics_assets.reports.figures import Column, Row

commands = typer.Typer()
RETRAIN_JOB = "retrain_models"
ROLLED_BACK = "rolled back by hand"
UNJUDGED = "its runs do not suffice to judge it; the step model_training says in `analytics up` what is missing"
WHY_SHOWN = 90
"""Characters of a reason in the list: the table of all models fits a wide terminal; that of one has the whole."""


@commands.command()
def predictors(
    name: Annotated[str | None, typer.Argument(metavar="[MODEL]", help="One of them, with its versions.")] = None,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Withdraw the version that answers; the one before answers again.")
    ] = False,
    promote: Annotated[str | None, typer.Option(metavar="VERSION", help="Let this version answer, as v2.")] = None,
    retrain: Annotated[bool, typer.Option("--retrain", help="Train a new version now, in this process.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it is only said what would be done.")] = False,
    note: Annotated[str | None, typer.Option(help="Why, for those who look at it later.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON and nothing else.")] = False,
) -> None:
    """List the models that predict, or one with its versions; or decide which version answers."""
    from analytics_assets.queries.predictors import get_predictor, get_predictors

    wishes = [rollback, promote is not None, retrain]
    if sum(wishes) > 1:
        raise CommandError("One of --rollback, --promote and --retrain at a time.", exit_code=MISUSED)
    if name is None:
        if any(wishes) or yes or note is not None:
            raise CommandError("Of which model? `analytics predictors` lists them.", exit_code=MISUSED)
        _list(get_predictors(), as_json=as_json)
        return
    settings, found = load_settings(), get_predictor(name)
    if not any(wishes):
        if yes or note is not None:
            asked = "--rollback, --promote or --retrain."
            raise CommandError("--yes and --note belong to a change.", asked, exit_code=MISUSED)
        write_json(found) if as_json else _show(found, terminal())
        return
    if found["model"]["versions"] is None:
        raise CommandError(f"{name} has no versions: it is fitted anew each day.", "`analytics learn` does it now.")
    if retrain:
        _retrain(settings, found, note, yes=yes, as_json=as_json)
        return
    version, decision, said = _rollback(settings, found) if rollback else _promote(settings, found, str(promote))
    _decide(settings, version, decision, said, note, yes=yes, as_json=as_json)


def _rollback(settings: Settings, found: Answer) -> tuple[Row, str, str]:
    """The version to withdraw, the decision, and what comes of it in a sentence."""
    from analytics_assets.predicting.registry import before
    from analytics_assets.predicting.stages import champion_of

    champion = champion_of(found["versions"], found["model"]["id"])
    if champion is None:
        raise CommandError(f"No version of {found['model']['id']} answers, so none can be withdrawn.")
    again = before(found["versions"], champion, lambda row: _problem(settings, row))
    then = f"{again['version']} answers again" if again else "no earlier version can answer: the model stops answering"
    return champion, "rejected", f"{champion['version']} is withdrawn, and {then}."


def _promote(settings: Settings, found: Answer, version: str) -> tuple[Row, str, str]:
    from analytics_assets.predicting.registry import why_not

    row = next((one for one in found["versions"] if version in (one["version"], one["id"])), None)
    name = found["model"]["id"]
    if row is None:
        listed = ", ".join(one["version"] for one in found["versions"]) or "none yet"
        raise CommandError(f"There is no version '{version}' of {name}.", f"There are: {listed}.")
    is_champion = row["stage"] == "champion"
    if is_champion and not _is_undecided(settings, found["versions"]):
        raise CommandError(f"{row['version']} of {name} answers already.")
    refusal = why_not(row, lambda one: _problem(settings, one))
    if refusal:
        raise CommandError(
            f"{row['version']} of {name} cannot answer: {refusal}.", "`--retrain --yes` trains a new one."
        )
    if is_champion:
        return row, "applied", f"{row['version']} answers on: what was decided since the last refresh is taken back."
    return row, "applied", f"{row['version']} answers from the next refresh on."


def _is_undecided(settings: Settings, versions: list[Row]) -> bool:
    """Whether a decision on one of them is in the inbox that the published version does not count yet."""
    counted = {row["id"]: row["decision_id"] for row in versions}
    newest: dict[str, tuple[str, str]] = {}
    for file in (settings.inbox / "decisions").glob("[!.]*.jsonl"):
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                one = json.loads(line)
                of_model, landed = one["subject_type"] == "model", (str(one["decided_at"]), str(one["decision_id"]))
            except (ValueError, TypeError, KeyError):
                # A line that is no decision is put aside by the refresh, and the doctor says so.
                continue
            if of_model and one["subject_id"] in counted:
                newest[one["subject_id"]] = max(landed, newest.get(one["subject_id"], landed))
    return any(key != counted[version] for version, (_, key) in newest.items())


def _decide(
    settings: Settings, version: Row, decision: str, said: str, note: str | None, *, yes: bool, as_json: bool
) -> None:
    from analytics_assets.cli.deciding import NEXT, in_plain_words, me
    from analytics_assets.pattern_store.deciding import decide
    from analytics_assets.reports.figures import plain

    key = None
    if yes:
        notes = note or (ROLLED_BACK if decision == "rejected" else None)
        with in_plain_words():
            key = decide(
                settings,
                version["id"],
                decision,
                by=me(),
                notes=notes,
                now=datetime.now(UTC),
                subject_type="model",
            )
    if as_json:
        write_json({"id": version["id"], "decision": decision, "decision_id": key, "is_done": yes, "said": said})
        return
    console = terminal()
    console.print(plain(f"{version['model_name']}: {said}"), markup=False)
    console.print(NEXT if yes else "Nothing was changed. To do it, add --yes.", style="dim", markup=False)


def _retrain(settings: Settings, found: Answer, note: str | None, *, yes: bool, as_json: bool) -> None:
    """Run the job that trains, here and now; what it decided is told as it is published then."""
    from analytics_assets.cli.refreshing import refresh
    from analytics_assets.queries.predictors import get_predictor, get_why_not_trained

    name = found["model"]["id"]
    if not settings.model_training_enabled:
        raise CommandError("Training is switched off.", "Unset ANALYTICS_MODEL_TRAINING_ENABLED, or set it to true.")
    if not yes:
        why_not = get_why_not_trained(name, settings)
        said = f"A new version of {name} would be trained here, which takes a minute."
        if why_not is not None:
            said = f"No version of {name} would be trained: {why_not}."
        if as_json:
            write_json({"id": name, "is_done": False, "said": said})
        else:
            write(f"{said} Nothing was changed." + ("" if why_not else " To do it, add --yes."))
        return
    from rich.console import Console

    config: dict[str, Any] = {"models": [name], "reason": note or "asked for by hand", "is_asked_by_person": True}
    console = Console(stderr=True) if as_json else terminal()
    refresh(settings, console, RETRAIN_JOB, {"model_training": config})
    known = {row["id"] for row in found["versions"]}
    after = get_predictor(name)
    new = [row for row in after["versions"] if row["id"] not in known]
    told = [f"{row['id']} is {row['stage']}: {row['stage_reason']}" for row in new]
    if not new:
        told = [f"No version of {name} was trained: {get_why_not_trained(name, settings) or UNJUDGED}."]
    if as_json:
        write_json({"id": name, "is_done": bool(new), "said": " ".join(told), "versions": new})
    for line in () if as_json else told:
        console.print(line, markup=False)


def _problem(settings: Settings, row: Any) -> str | None:
    from analytics_assets.predicting.artefacts import problem

    return problem(settings, row["artifact_path"], row["artifact_sha256"])


SCORES = {"accuracy": "accuracy", "auc": "AUC", "brier": "Brier", "pinball": "pinball"}
"""Figures of a test, as they are called."""


def _list(found: list[Row], *, as_json: bool) -> None:
    from analytics_assets.cli.tables import table_of
    from analytics_assets.reports.figures import Column, in_line, text

    if as_json:
        write_json(found)
        return
    columns = [
        text("model", "id"),
        Column("answers", _answers, is_number=False),
        Column("on trial", lambda row: row["challenger_version"] or "", is_number=False),
        Column("scores", lambda row: _scores(row["performance_metrics"]), is_number=False),
        Column(
            "why", lambda row: in_line(textwrap.shorten(row["reason"], WHY_SHOWN, placeholder=" …")), is_number=False
        ),
    ]
    write_table(table_of(found, columns))


def _answers(row: Row) -> str:
    if row["versions"] is None:
        return "yes" if row["is_active"] else "no"
    if row["model_version"] is None:
        return "no"
    return str(row["model_version"]) if row["is_active"] else f"{row['model_version']}, stopped"


def _scores(figures: dict[str, float]) -> str:
    """Of the test; a model of issues has one loss, beside that of the simple answer."""
    told = [f"{words} {figures[name]:.3g}" for name, words in SCORES.items() if figures.get(name) is not None]
    if figures.get("score") is not None:
        told.append(f"loss {figures['score']:.3g} (simple answer {figures['naive_score']:.3g})")
    return ", ".join(told)


def _show(found: Answer, console: Console) -> None:
    from analytics_assets.cli.tables import table_of
    from analytics_assets.reports.figures import in_line

    model = found["model"]
    for line in (f"{model['id']}: {model['model_purpose']}", model["reason"]):
        console.print(in_line(line), markup=False)
    if found["versions"]:
        write_table(table_of(found["versions"], _columns()))
    elif model["versions"] is None:
        console.print("It is fitted anew each day: it has no versions.", markup=False)


def _columns() -> list[Column]:
    from analytics_assets.reports.figures import Column, count, figure, in_line, moment, text

    return [
        text("version", "version"),
        text("stage", "stage"),
        figure("trained (UTC)", "trained_at", moment),
        figure("runs", "sample_count", count),
        Column(
            "test", lambda row: _scores({one: row[one] for one in ("brier", "auc", "pinball") if row[one] is not None})
        ),
        Column("called right / wrong", lambda row: _matrix(row["confusion_matrix"])),
        Column("in use", _in_use),
        Column("why", lambda row: in_line(row["problem"] or row["stage_reason"]), is_number=False),
    ]


def _matrix(points: dict[str, int] | None) -> str:
    """Failures found and missed, and false alarms: what a confusion matrix is looked at for."""
    if points is None:
        return ""
    right, wrong = points["tp"] + points["tn"], points["fp"] + points["fn"]
    return f"{right:,} / {wrong:,} ({points['fn']:,} missed, {points['fp']:,} false alarms)"


def _in_use(row: Row) -> str:
    """Its answers about runs and their loss; of one on trial also beside the champion's of the same runs."""
    if not row["answers"]:
        return ""
    told = plural(row["answers"], "answer")
    if row["mean_loss"] is not None:
        told += f", loss {row['mean_loss']:.4g} of {row['answers_with_outcome']:,}"
    if row["champion_live_score"] is not None:
        told += f"; on {row['live_n']:,} it has {row['live_score']:.4g}, the champion {row['champion_live_score']:.4g}"
    return told
