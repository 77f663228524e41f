"""The adapter to Great Expectations: judges a batch by its suite and gives one check result per claim.

Great Expectations takes seconds to import, so that happens in the call. Its context lives in memory: nothing is
written, and no progress is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analytics_assets.contracts import Type
from analytics_assets.lib.claims import EXISTS, Claim, Expectation
from analytics_assets.lib.plausibility import COMPARISONS, History
from analytics_assets.lib.suites import Suite
from analytics_assets.limits import Ceiling
from analytics_assets.thresholds import CLOCK_SKEW, QUALITY_ROWS_SHOWN

if TYPE_CHECKING:
    import dagster as dg
    import pandas as pd

SHOWN_CHARACTERS = 60
"""A value of a failing row is cut to fit a table cell."""


class ExpectationError(RuntimeError):
    """An expectation could not be judged: neither passed nor failed."""


@dataclass(frozen=True)
class Outcome:
    """What became of one expectation. ``failing`` are positions of rows; ``observed`` tells of a whole column."""

    expectation: Expectation
    passed: bool
    evaluated: int
    failing: tuple[int, ...]
    observed: str | None = None


def evaluate(
    suite: Suite, batch: pd.DataFrame, history: History | None = None, origin: Mapping[str, Any] | None = None
) -> list[dg.AssetCheckResult]:
    """Judge the rows of a batch: one result for each claim of the suite, in its order.

    A column that is missing or of a wrong type fails ``columns_as_declared`` and, as what cannot be measured does
    not hold, the other claims about it.

    Args:
        suite: what is claimed of the table.
        batch: rows with the columns of the suite; ``origin_file`` tells the file of a row, where there is one.
        history: what was known before the batch.
        origin: metadata that every result gets: which batches, how many rows, whether they are a sample.

    Raises:
        ExpectationError: Great Expectations could not judge an expectation.
    """
    import dagster as dg

    rows = batch.reset_index(drop=True)
    declared, *others = suite.claims
    # The type of a column that is missing cannot be asked for.
    first = _validate([e for e in declared.expectations if e.type == EXISTS or {*e.columns} <= {*rows.columns}], rows)
    unusable = {column for outcome in first if not outcome.passed for column in outcome.expectation.columns}
    judged = [e for claim in others for e in claim.expectations if not unusable & {*e.columns, *e.shows}]
    compared = _with_comparisons(rows, {c for e in judged for c in e.columns}, history or History())
    outcomes = [*first, *_validate(judged, compared)]
    return [
        dg.AssetCheckResult(
            asset_key=dg.AssetKey(["raw", suite.table]),
            check_name=claim.name,
            passed=not left_out and all(outcome.passed for outcome in found),
            severity=severity(claim),
            description=_summary(claim, found, left_out, len(rows)),
            metadata={**(origin or {}), **_details(suite, claim, found, compared)},
        )
        for claim, found, left_out in _by_claim(suite, outcomes)
    ]


def severity(claim: Claim) -> dg.AssetCheckSeverity:
    """A broken structure is an error, the unlikely a warning."""
    import dagster as dg

    return dg.AssetCheckSeverity.ERROR if claim.is_structure else dg.AssetCheckSeverity.WARN


def _validate(expectations: Sequence[Expectation], rows: pd.DataFrame) -> list[Outcome]:
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    if not expectations:
        return []
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    asset = context.data_sources.add_pandas("batches").add_dataframe_asset("batch")
    batch = asset.add_batch_definition_whole_dataframe("rows").get_batch({"dataframe": rows})
    made = [_made(one, position) for position, one in enumerate(expectations)]
    suite = gx.ExpectationSuite(name="claims", expectations=made)
    results = batch.validate(suite, result_format="COMPLETE").results
    found = {_position(result): result for result in results}
    return [_outcome(one, found[position], len(rows)) for position, one in enumerate(expectations)]


def _made(expectation: Expectation, position: int) -> Any:
    """The expectation as Great Expectations has it; it notes its position, as results come in another order."""
    import great_expectations as gx

    arguments = {name: list(v) if isinstance(v, tuple) else v for name, v in expectation.arguments.items()}
    return getattr(gx.expectations, expectation.type)(**arguments, meta={"position": position})


def _position(result: Any) -> int:
    return int(result.expectation_config.meta["position"])


def _outcome(expectation: Expectation, result: Any, rows: int) -> Outcome:
    _refuse_exception(expectation, result.exception_info)
    details = result.result
    passed = bool(result.success)
    if "unexpected_index_list" not in details:
        # It judged the column as a whole: its existence, or a type that all its values have.
        observed = details.get("observed_value", "there" if passed else "missing")
        return Outcome(expectation, passed, rows, (), str(observed))
    evaluated = details["element_count"] - details.get("missing_count", 0)
    return Outcome(expectation, passed, evaluated, tuple(details["unexpected_index_list"]))


def _refuse_exception(expectation: Expectation, info: Mapping[str, Any]) -> None:
    """Refuse what raised inside Great Expectations, which reports it flat or by metric."""
    reports = [info, *(value for value in info.values() if isinstance(value, dict))]
    for report in reports:
        if report.get("raised_exception"):
            raise ExpectationError(
                f"{expectation.type} of {', '.join(expectation.columns)}: {report.get('exception_message')}"
            )


def _with_comparisons(rows: pd.DataFrame, needed: set[str], history: History) -> pd.DataFrame:
    """The rows with the computed columns that some expectation judges; NULL where there is nothing to compare."""
    import pandas as pd

    compute: dict[str, Callable[[], pd.Series]] = {
        "latest_possible_time": lambda: rows["ingested_at"] + pd.Timedelta(seconds=CLOCK_SKEW.value),
        "end_of_fixed_date": lambda: _end_of_day(rows["fixed_date"]),
        "tool_is_new": lambda: _is_new(rows["tool_name"], history.known_tools),
        "times_the_usual_cost": lambda: rows["cost_usd"] / rows["tool_name"].map(dict(history.average_cost_usd)),
        "percentage": lambda: rows["metric_value"].where(rows["metric_unit"] == "percent"),
        "depends_on_itself": lambda: (rows["task_id"] == rows["depends_on_task_id"]).astype(float),
    }
    return rows.assign(**{name: compute[name]() for name in COMPARISONS if name in needed})


def _end_of_day(times: pd.Series) -> pd.Series:
    """A time at midnight may be a bare date, which lasts until the next one."""
    import pandas as pd

    return times.where(times != times.dt.normalize(), times + pd.Timedelta(days=1))


def _is_new(tools: pd.Series, known: frozenset[str]) -> pd.Series:
    """1 for a tool that is not known, 0 for one that is; NULL when none is known, as before the first batch."""
    is_new = (~tools.isin(known)).astype(float)
    return is_new.where(tools.notna() & bool(known))


def _by_claim(suite: Suite, outcomes: Sequence[Outcome]) -> Iterator[tuple[Claim, list[Outcome], list[str]]]:
    """Each claim with its outcomes and the columns that could not be judged."""
    # By identity: two claims may expect the same of a column.
    known = {id(outcome.expectation): outcome for outcome in outcomes}
    for claim in suite.claims:
        found = [known[id(one)] for one in claim.expectations if id(one) in known]
        yield claim, found, _named(one for one in claim.expectations if id(one) not in known)


def _named(expectations: Iterable[Expectation]) -> list[str]:
    """The columns of the table that some expectations are about."""
    named: dict[str, None] = {}
    for one in expectations:
        own = [column for column in one.columns if column not in COMPARISONS]
        named |= dict.fromkeys(own or one.shows)
    return list(named)


def _summary(claim: Claim, found: Sequence[Outcome], left_out: Sequence[str], rows: int) -> str:
    """What was found, in words."""
    failed = [outcome for outcome in found if not outcome.passed]
    evaluated = sum(outcome.evaluated for outcome in found)
    said = [claim.description]
    if failed:
        failing = {row for outcome in failed for row in outcome.failing}
        where = f"{len(failing)} of {rows} rows" if failing else "whole columns"
        said.append(f"Broken in {where}: {', '.join(_named(o.expectation for o in failed))}.")
    elif evaluated:
        said.append(f"It holds for {evaluated} values.")
    elif not left_out:
        said.append("Nothing to judge: no row has the values it speaks of.")
    if left_out:
        said.append(f"Not judged, as columns_as_declared fails: {', '.join(left_out)}.")
    return " ".join(said)


def _details(suite: Suite, claim: Claim, outcomes: Sequence[Outcome], rows: pd.DataFrame) -> dict[str, Any]:
    """Counts over all columns, a line for each expectation, and some failing rows."""
    import dagster as dg

    evaluated = sum(outcome.evaluated for outcome in outcomes)
    unexpected = sum(_unexpected(outcome) for outcome in outcomes)
    details: dict[str, Any] = {
        "evaluated_rows": len(rows),
        "evaluated_values": evaluated,
        "unexpected_count": unexpected,
        "success_percent": _percent(evaluated, unexpected) if evaluated else dg.MetadataValue.null(),
        "expectations": _table([_line(outcome) for outcome in outcomes]),
    }
    failing = _failing_rows(suite, outcomes, rows)
    if failing:
        details["failing_rows"] = _table(failing)
    if claim.limit is not None:
        values = (claim.limit.warn, claim.limit.error) if isinstance(claim.limit, Ceiling) else (claim.limit.value,)
        details |= {"limit": " / ".join(f"{v:g}" for v in values), "unit": claim.limit.unit, "why": claim.limit.why}
    return details


def _unexpected(outcome: Outcome) -> int:
    whole_column_fails = not outcome.passed and outcome.observed is not None
    return outcome.evaluated if whole_column_fails else len(outcome.failing)


def _percent(evaluated: int, unexpected: int) -> float:
    return 100.0 * (evaluated - unexpected) / evaluated


def _line(outcome: Outcome) -> dict[str, str | int | float]:
    one = outcome.expectation
    hidden = ("column", "column_A", "column_B", "column_list", "ignore_row_if", "or_equal")
    given = ", ".join(f"{name} {value}" for name, value in one.arguments.items() if name not in hidden)
    return {
        "column": ", ".join(one.columns),
        "expectation": one.type,
        "with": given,
        "observed": outcome.observed or "",
        "evaluated": outcome.evaluated,
        "unexpected": _unexpected(outcome),
    }


def _failing_rows(suite: Suite, outcomes: Iterable[Outcome], rows: pd.DataFrame) -> list[dict[str, str]]:
    """The first failing rows: key, what is wrong, and the file it came from."""
    wrong: dict[int, list[Expectation]] = {}
    for outcome in outcomes:
        for row in outcome.failing:
            wrong.setdefault(row, []).append(outcome.expectation)
    shown = sorted(wrong)[: int(QUALITY_ROWS_SHOWN.value)]
    return [_failing_row(suite, rows.iloc[row], wrong[row]) for row in shown]


def _failing_row(suite: Suite, row: pd.Series, broken: Sequence[Expectation]) -> dict[str, str]:
    columns = dict.fromkeys(column for one in broken for column in (*one.columns, *one.shows))
    identifiers = {column for one in broken for column in one.shows} | set(suite.key)
    free = {column for column, type_ in suite.types.items() if type_ is Type.TEXT} - identifiers
    values = [f"{column} = {_shown(row[column], is_free_text=column in free)}" for column in columns]
    return {
        suite.key[0]: _shown(row.get(suite.key[0]), is_free_text=False),
        "found": "; ".join(values),
        "origin": str(row.get("origin_file", "unknown")),
    }


def _shown(value: Any, *, is_free_text: bool) -> str:
    """A value in short; what people and models wrote stays in the warehouse."""
    import pandas as pd

    if pd.isna(value):
        return "NULL"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    if not text:
        return "empty text"
    if is_free_text:
        return f"({type(value).__name__}, not shown)"
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"


def _table(records: Sequence[Mapping[str, str | int | float]]) -> dg.TableMetadataValue:
    import dagster as dg

    names = {str: "string", int: "int", float: "float"}
    columns = [dg.TableColumn(name, names[type(value)]) for name, value in records[0].items()] if records else []
    return dg.MetadataValue.table([dg.TableRecord(dict(r)) for r in records], schema=dg.TableSchema(columns))
