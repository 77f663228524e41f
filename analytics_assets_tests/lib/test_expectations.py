"""Each claim holds for a sound batch, and one broken row breaks exactly the claims it should."""

from dataclasses import replace

import dagster as dg
import pandas as pd
import pytest

from analytics_assets.contracts import Type
from analytics_assets.lib.claims import Claim, Expectation
from analytics_assets.lib.expectations import ExpectationError, evaluate
from analytics_assets.lib.plausibility import History
from analytics_assets.lib.suites import SUITES, Suite

KNOWN = History(frozenset({"grep"}), {"grep": 0.1})
INGESTED = pd.Timestamp("2026-01-05 12:00")
SOUND = {Type.INT: 1, Type.REAL: 0.5, Type.BOOL: True, Type.TIME: pd.Timestamp("2026-01-05 10:00")}
WORDS = {
    "tool_name": "grep",
    "human_effort_level": "LOW",
    "cost_source": "provider",
    "scope": "all",
    "trigger_type": "manual",
    "dependency_type": "blocks",
    "category": "agents",
    "subject_type": "pattern",
    "decision": "applied",
    "metric_unit": "percent",
}
STATUS = {"issues": "OPEN", "tasks": "anything"}
DTYPES = {Type.REAL: "float64", Type.TIME: "datetime64[us]", Type.INT: "Int64", Type.BOOL: "boolean"}


def _sound(table, rows=3):
    """Rows as DuckDB hands them over that keep every claim."""
    suite = SUITES[table]
    columns = {}
    for column in suite.columns:
        type_ = suite.types.get(column, Type.TEXT)
        value = SOUND.get(type_) or WORDS.get(column, "x")
        if column == "status":
            value = STATUS.get(table, "success")
        unique = column in suite.key and column != "dependency_type"
        columns[column] = pd.Series(
            [f"{column}-{n}" if unique and type_ is Type.TEXT else value for n in range(rows)],
            dtype=DTYPES.get(type_),
        )
    columns["ingested_at"] = pd.Series([INGESTED] * rows).astype("datetime64[us]")
    columns["origin_file"] = [f"inbox/{suite.kind}/part-{n}.jsonl" for n in range(rows)]
    return pd.DataFrame(columns)


def _set(frame, row, values):
    for column, value in values.items():
        if isinstance(value, str):
            frame[column] = frame[column].astype(object)
        frame.loc[row, column] = value


def _broken(table, **values):
    """A sound batch whose second row has other values."""
    frame = _sound(table)
    _set(frame, 1, values)
    return frame


def _verdicts(table, frame, history=KNOWN):
    return {result.check_name: result for result in evaluate(SUITES[table], frame, history)}


def _verdict(claim, frame, history=KNOWN):
    """Verdict of one claim about executions."""
    suite = SUITES["executions"]
    alone = replace(suite, claims=tuple(c for c in suite.claims if c.name in ("columns_as_declared", claim)))
    return evaluate(alone, frame, history)[-1]


def _told(result):
    """Metadata of a result as plain values."""
    return {name: entry.value for name, entry in result.metadata.items()}


def _failed(table, frame, history=KNOWN):
    return {name for name, result in _verdicts(table, frame, history).items() if not result.passed}


@pytest.mark.parametrize("table", SUITES)
def test_a_sound_batch_keeps_every_claim(table):
    verdicts = _verdicts(table, _sound(table))
    assert list(verdicts) == [claim.name for claim in SUITES[table].claims]
    assert {name for name, result in verdicts.items() if not result.passed} == set()
    assert all(result.asset_key == dg.AssetKey(["raw", table]) for result in verdicts.values())
    assert all(result.metadata["success_percent"].value == 100.0 for result in verdicts.values())


BREAKS = {
    "executions": [
        ({"tool_name": None}, {"required_fields_present"}),
        ({"tool_name": ""}, {"required_fields_present", "tools_known"}),
        ({"execution_id": "execution_id-0"}, {"keys_unique"}),
        ({"human_effort_level": "HUGE"}, {"choices_declared"}),
        ({"tokens_used": -1}, {"values_in_declared_range"}),
        ({"started_at": pd.Timestamp("1969-12-31 23:59")}, {"times_not_before_1970"}),
        ({"duration_seconds": -0.1}, {"durations_not_negative"}),
        ({"duration_seconds": 86_401.0}, {"durations_plausible"}),
        ({"started_at": INGESTED + pd.Timedelta(seconds=61)}, {"times_not_in_the_future"}),
        ({"tool_name": "gerp"}, {"tools_known"}),
        ({"cost_usd": 5.0}, {"costs_near_the_tools_average"}),
    ],
    "runs": [
        ({"run_id": "run_id-0", "version_hash": "version_hash-0"}, {"keys_unique"}),
        ({"infrastructure_cost_eur": -0.01}, {"costs_not_negative"}),
        ({"completed_at": pd.Timestamp("2026-01-05 09:59")}, {"ends_not_before_beginnings"}),
        ({"tasks_completed": 2}, {"parts_within_wholes"}),
        ({"error_rate": 3.0}, {"rates_between_0_and_1"}),
    ],
    "procedure_feedback": [
        ({"clarity": 6}, {"values_in_declared_range"}),
    ],
    "run_tasks": [
        ({"duration_seconds": -0.1}, {"durations_not_negative"}),
    ],
    "events": [
        ({"processing_duration_ms": 86_400_001.0}, {"durations_plausible"}),
    ],
    "issues": [
        ({"time_spent_minutes": 50_000.0}, {"durations_plausible"}),
        ({"fixed_date": pd.Timestamp("2026-01-04")}, {"ends_not_before_beginnings"}),
    ],
    "steps": [
        ({"completed_at": pd.Timestamp("2026-01-05 09:59")}, {"ends_not_before_beginnings"}),
        ({"status": "exploded"}, {"statuses_known"}),
    ],
    "metrics": [
        ({"metric_value": 180.0}, {"percentages_between_0_and_100"}),
    ],
    "task_dependencies": [
        ({"depends_on_task_id": "task_id-1"}, {"no_task_depends_on_itself"}),
    ],
}
"""Each pair is one row of a batch: what is wrong with it, and the claims it must break; no other row breaks them."""


@pytest.mark.parametrize("table", BREAKS)
def test_a_broken_row_breaks_exactly_its_claims(table):
    frame = _sound(table, rows=len(BREAKS[table]) + 1)
    expected = {claim.name: set() for claim in SUITES[table].claims}
    for row, (values, claims) in enumerate(BREAKS[table], start=1):
        _set(frame, row, values)
        for claim in claims:
            expected[claim].add(row)
            if claim == "keys_unique":
                expected[claim].add(0)
    verdicts = _verdicts(table, frame)
    assert {name: _failing(result) for name, result in verdicts.items()} == expected
    assert {name: result.passed for name, result in verdicts.items()} == {n: not rows for n, rows in expected.items()}


def _failing(result):
    """Numbers of the failing rows, by the files they came from."""
    if "failing_rows" not in result.metadata:
        return set()
    origins = [row.data["origin"] for row in result.metadata["failing_rows"].records]
    return {int(origin.removesuffix(".jsonl").rpartition("-")[2]) for origin in origins}


def test_each_claim_of_any_suite_is_proved_to_fail():
    proved = {claim for rows in BREAKS.values() for _, claims in rows for claim in claims} | {"columns_as_declared"}
    assert proved == {claim.name for suite in SUITES.values() for claim in suite.claims}


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("executions", {"started_at": INGESTED + pd.Timedelta(seconds=59)}),
        ("executions", {"duration_seconds": None, "cost_usd": None, "tokens_used": None}),
        ("issues", {"fixed_date": pd.Timestamp("2026-01-05")}),
        ("metrics", {"metric_value": 180.0, "metric_unit": "bytes"}),
        ("issues", {"category": "a word of their own"}),
        ("tasks", {"status": "in the tracker's own words"}),
    ],
    ids=["clock skew", "not measured", "fixed on the day it was seen", "other unit", "open choice", "free status"],
)
def test_what_is_allowed_breaks_nothing(table, values):
    frame = _sound(table)
    for column, value in values.items():
        frame.loc[1, column] = value
    assert _failed(table, frame) == set()


class TestStructureThatTheEntryWouldNeverLetThrough:
    def test_a_missing_column_fails_and_what_is_said_of_it_does_too(self):
        verdicts = _verdicts("executions", _sound("executions").drop(columns="duration_seconds"))
        failed = {name for name, result in verdicts.items() if not result.passed}
        assert failed == {"columns_as_declared", "durations_not_negative", "durations_plausible"}
        assert "Not judged" in verdicts["durations_plausible"].description
        assert _told(verdicts["durations_plausible"])["success_percent"] is None

    def test_times_kept_as_text_fail_as_a_type_and_raise_nowhere(self):
        frame = _sound("executions").astype({"started_at": str})
        assert _failed("executions", frame) == {
            "columns_as_declared",
            "required_fields_present",
            "times_not_before_1970",
            "times_not_in_the_future",
        }

    def test_a_number_in_a_text_column_is_one_failing_value(self):
        frame = _sound("executions").astype({"tool_name": object})
        frame.loc[1, "tool_name"] = 7
        declared = _verdict("columns_as_declared", frame)
        assert not declared.passed
        assert _told(declared)["unexpected_count"] == 1


class TestWithoutHistory:
    def test_a_first_batch_has_no_new_tools_and_no_odd_costs(self):
        for claim in ("tools_known", "costs_near_the_tools_average"):
            verdict = _verdict(claim, _broken("executions", cost_usd=900.0), History())
            assert verdict.passed
            assert "Nothing to judge" in verdict.description
            assert _told(verdict)["evaluated_values"] == 0
            assert _told(verdict)["success_percent"] is None

    def test_a_tool_without_an_average_is_known_but_its_costs_are_not_judged(self):
        frame, history = _broken("executions", cost_usd=900.0), History(frozenset({"grep"}))
        assert _told(_verdict("tools_known", frame, history))["evaluated_values"] == 3
        assert _told(_verdict("costs_near_the_tools_average", frame, history))["evaluated_values"] == 0


class TestTheVerdict:
    def test_counts_what_was_evaluated_and_what_was_not_expected(self):
        frame = _sound("executions", rows=40)
        frame.loc[:9, "duration_seconds"] = None
        frame.loc[10:24, "duration_seconds"] = -1.0
        metadata = _told(_verdict("durations_not_negative", frame))
        assert metadata["evaluated_rows"] == 40
        assert metadata["evaluated_values"] == 30
        assert metadata["unexpected_count"] == 15
        assert metadata["success_percent"] == pytest.approx(50.0)

    def test_shows_ten_failing_rows_at_most_with_key_finding_and_file(self):
        frame = _sound("executions", rows=30).assign(duration_seconds=-2.5)
        shown = _verdict("durations_not_negative", frame).metadata["failing_rows"].records
        assert len(shown) == 10
        assert shown[3].data == {
            "execution_id": "execution_id-3",
            "found": "duration_seconds = -2.5",
            "origin": "inbox/executions/part-3.jsonl",
        }

    def test_says_which_columns_of_a_row_fail(self):
        frame = _broken("executions", tool_name=None, success=None)
        shown = _verdict("required_fields_present", frame).metadata["failing_rows"].records
        assert [row.data["found"] for row in shown] == ["tool_name = NULL; success = NULL"]

    def test_names_tool_cost_and_ratio_of_an_odd_cost(self):
        frame = _broken("executions", cost_usd=5.0)
        shown = _verdict("costs_near_the_tools_average", frame).metadata["failing_rows"].records
        assert shown[0].data["found"] == "times_the_usual_cost = 50; tool_name = grep; cost_usd = 5"

    def test_shows_no_free_text(self):
        suite = Suite(
            "tasks",
            "tasks",
            ("id",),
            {"id": Type.TEXT, "title": Type.TEXT},
            (
                Claim(
                    "columns_as_declared",
                    "Never so.",
                    True,
                    (Expectation("ExpectColumnValuesToBeInSet", {"column": "title", "value_set": ["a"]}),),
                ),
            ),
        )
        frame = pd.DataFrame({"id": ["1"], "title": ["my password is swordfish"]})
        (result,) = evaluate(suite, frame)
        assert "swordfish" not in str(result)
        assert result.metadata["failing_rows"].records[0].data["found"] == "title = (str, not shown)"

    def test_has_a_line_for_each_expectation(self):
        required = _verdict("required_fields_present", _broken("executions", success=None))
        lines = {
            (row.data["column"], row.data["expectation"]): row.data["unexpected"]
            for row in required.metadata["expectations"].records
        }
        assert lines["success", "ExpectColumnValuesToNotBeNull"] == 1
        assert lines["started_at", "ExpectColumnValuesToNotBeNull"] == 0

    def test_is_an_error_for_structure_and_a_warning_for_the_unlikely(self):
        verdicts = _verdicts("executions", _sound("executions"))
        for claim in SUITES["executions"].claims:
            expected = dg.AssetCheckSeverity.ERROR if claim.is_structure else dg.AssetCheckSeverity.WARN
            assert verdicts[claim.name].severity is expected

    def test_explains_its_limit(self):
        metadata = _verdict("durations_plausible", _sound("executions")).metadata
        assert (metadata["limit"].value, metadata["unit"].value) == ("86400 / 2.6784e+06", "seconds")
        assert "mistaken unit" in metadata["why"].value


def test_an_expectation_that_cannot_be_judged_raises_and_is_no_verdict():
    impossible = Expectation("ExpectColumnValuesToBeBetween", {"column": "id", "min_value": 1})
    suite = Suite("tasks", "tasks", ("id",), {}, (Claim("columns_as_declared", "Cannot be.", True, (impossible,)),))
    with pytest.raises(ExpectationError, match="ExpectColumnValuesToBeBetween of id"):
        evaluate(suite, pd.DataFrame({"id": ["text", "text"]}))
