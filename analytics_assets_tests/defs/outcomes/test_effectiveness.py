"""What applied suggestions did: from decisions and runs to verdicts."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pandas as pd
import pytest
from dagster import AssetCheckSeverity

from analytics_assets.defs.outcomes.effectiveness import (
    baselines_stay_frozen,
    decisions_name_known_suggestions,
    recommendation_effectiveness,
    verdicts_are_backed,
)
from analytics_assets.lib.effectiveness import FROZEN
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.publish import publish


@pytest.fixture
def outcome(history):
    """Computes the table anew; the only row, or the frame where there are several."""

    def compute():
        frame = history.written(recommendation_effectiveness, warehouse=history.warehouse)
        rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
        return SimpleNamespace(**rows[0]) if len(rows) == 1 else {row["id"]: SimpleNamespace(**row) for row in rows}

    return compute


def unknown_decisions(history):
    """The check on the table as it is computed now."""
    frame = history.written(recommendation_effectiveness, warehouse=history.warehouse)
    return decisions_name_known_suggestions(recommendation_effectiveness=frame, warehouse=history.warehouse)


@pytest.fixture
def raised(history):
    """Memory was raised on day 40: half of 60 runs failed before, 1 of 60 since."""
    history.runs(0, 40, 80, 40)
    history.runs(40, 70, 60, 59)
    history.decide(40, "applied")
    history.now(70)
    return history


def test_a_planted_change_worked_with_the_figures_of_both_sides(raised, outcome):
    row = outcome()
    assert (row.id, row.recommendation_id, row.implementation_status) == ("applied-sg-1-40", "sg-1", "implemented")
    assert (row.baseline_runs, row.baseline_successes, row.after_runs, row.after_successes) == (60, 30, 60, 59)
    assert row.difference == row.measured_improvement == pytest.approx(59 / 60 - 0.5)
    assert row.difference_low < row.difference < row.difference_high
    assert (row.metric, row.verdict, row.volume_ratio) == ("success_rate", "worked", pytest.approx(1.0))
    assert (row.measurement_period_days, row.feedback_notes) == (30.0, "as agreed")


def test_what_was_promised_is_a_share_of_the_runs_and_what_came_is_compared_with_it(raised, outcome):
    row = outcome()
    assert row.expected_improvement == pytest.approx(30 / 60)
    assert row.effectiveness_score == pytest.approx((59 / 60 - 0.5) / 0.5)
    assert row.needed_runs == 11


def test_money_is_counted_per_success(raised, outcome):
    row = outcome()
    assert (row.baseline_cost_per_success_usd, row.after_cost_per_success_usd) == (2.0, pytest.approx(60 / 59))
    assert row.saved_usd == pytest.approx((2.0 - 60 / 59) * 59)
    assert row.roi == pytest.approx(row.saved_usd / (2.0 * 59))
    assert json.loads(row.business_impact)["saved_usd"] == row.saved_usd


@pytest.mark.parametrize("rule", ["memory_lower", "cpu_lower"])
def test_model_costs_are_not_said_to_be_saved_by_a_smaller_size(history, outcome, rule):
    history.suggest({"rule": rule})
    history.runs(0, 40, 80, 40, infrastructure_cost_eur=1.0)
    history.runs(40, 70, 60, 59, infrastructure_cost_eur=0.5)
    history.decide(40, "applied")
    history.now(70)
    row = outcome()
    assert (row.metric, row.saved_usd, row.roi) == ("infrastructure_cost_eur", None, None)
    assert row.baseline_cost_per_success_usd == 2.0
    impact = json.loads(row.business_impact)
    assert (impact["saved_usd"], impact["roi"]) == (None, None)


def test_unknown_costs_are_no_savings(history, outcome):
    history.runs(0, 40, 80, 40, llm_cost_usd=None)
    history.runs(40, 70, 60, 59)
    history.decide(40, "applied")
    history.now(70)
    row = outcome()
    assert (row.saved_usd, row.roi, row.baseline_total_cost_usd, row.cost_usd_p_value) == (None, None, None, None)
    assert row.verdict == "worked"


def test_while_the_window_is_open_it_is_measuring(history, outcome):
    history.runs(0, 40, 80, 40)
    history.runs(40, 60, 40, 40)
    history.decide(40, "applied")
    history.now(60)
    row = outcome()
    assert (row.verdict, row.measurement_period_days, row.is_final) == ("measuring", 20.0, False)
    assert row.verdict_reason.startswith("Day 20 of 30.")


def test_too_few_runs_are_measuring_even_when_the_window_is_over(history, outcome):
    history.runs(0, 40, 20, 10)
    history.runs(40, 70, 9, 9)
    history.decide(40, "applied")
    history.now(70)
    row = outcome()
    assert (row.baseline_runs, row.after_runs, row.needed_runs, row.verdict) == (15, 9, 12, "measuring")
    history.runs(40, 70, 3, 3)
    row = outcome()
    assert (row.after_runs, row.verdict) == (12, "worked")


def test_a_shift_of_volume_is_measuring_in_both_directions(history, outcome):
    history.runs(0, 40, 80, 40)
    history.runs(40, 70, 130, 130)
    history.decide(40, "applied")
    history.now(70)
    row = outcome()
    assert (row.verdict, row.is_volume_shifted) == ("measuring", True)
    history.execute("delete from staging.stg_judged_runs where started_at > '2026-02-10' and hash(run_id) % 5 > 0")
    row = outcome()
    assert row.volume_ratio < 0.5
    assert (row.verdict, row.is_volume_shifted) == ("measuring", True)


def test_an_undo_ends_the_window_and_what_is_applied_again_is_a_new_row(raised, outcome):
    raised.decide(55, "undone")
    raised.decide(60, "applied")
    rows = outcome()
    first, second = rows["applied-sg-1-40"], rows["applied-sg-1-60"]
    assert (first.implementation_status, first.measurement_period_days) == ("rolled_back", 15.0)
    assert (first.after_runs, first.verdict) == (30, "worked")
    assert (second.implementation_status, second.measurement_period_days) == ("implemented", 10.0)
    # What ran under the first application is no baseline of the second.
    assert (second.baseline_from, second.baseline_runs) == (pd.Timestamp("2026-02-25"), 10)


def test_applied_twice_is_one_application(raised, outcome):
    raised.decide(45, "applied")
    assert outcome().id == "applied-sg-1-40"


def test_late_runs_of_the_time_before_do_not_move_the_baseline(raised, outcome):
    before = outcome()
    raised.runs(20, 40, 40, 40, llm_cost_usd=9.0)
    raised.runs(41, 69, 10, 0)
    after = outcome()
    assert {name: getattr(after, name) for name in FROZEN} == {name: getattr(before, name) for name in FROZEN}
    assert (after.baseline_success_rate, after.baseline_median_cost_usd) == (0.5, 1.0)
    assert (after.after_runs, after.after_successes) == (70, 59)


def test_a_row_stands_once_its_window_has_been_over_for_a_week(raised, outcome):
    raised.runs(70, 77, 10, 0)
    raised.now(77)
    final = outcome()
    assert final.is_final
    raised.execute("delete from staging.stg_judged_runs")
    raised.decide(76, "undone")
    raised.now(130)
    later = outcome()
    assert later.implementation_status == "rolled_back"
    moved = {"implementation_status", "as_of"}
    assert {k: v for k, v in vars(later).items() if k not in moved} == {
        k: v for k, v in vars(final).items() if k not in moved
    }


def test_a_final_row_stands_when_its_suggestion_is_gone_and_is_no_unknown_one(raised, outcome):
    raised.now(77)
    final = outcome()
    raised.suggest({"id": "sg-2"})
    raised.now(130)
    later = vars(outcome())
    assert {name: value for name, value in vars(final).items() if later[name] != value}.keys() == {"as_of"}
    assert unknown_decisions(raised).passed


def test_what_was_not_final_has_no_row_without_its_suggestion(raised, outcome):
    assert not outcome().is_final
    raised.suggest({"id": "sg-2"})
    assert outcome() == {}
    assert not unknown_decisions(raised).passed


def test_a_rejection_ends_the_window_as_an_undo_does(raised, outcome):
    raised.decide(55, "rejected")
    row = outcome()
    assert (row.implementation_status, row.measurement_period_days, row.after_runs) == ("rolled_back", 15.0, 30)


def test_confidence_is_the_one_that_was_stated_when_it_was_applied(history, outcome):
    history.runs(0, 40, 80, 40)
    history.now(41)
    history.decide(40, "applied", baseline={"confidence": 0.81, "level": "MED"})
    row = outcome()
    assert (row.confidence, row.level) == (0.81, "MED")


@pytest.mark.parametrize("baseline", [None, "none", {"confidence": "much", "level": 3}, {"confidence": 7}])
def test_where_a_decision_says_nothing_usable_of_that_the_suggestion_does(history, outcome, baseline):
    history.runs(0, 40, 80, 40)
    history.now(41)
    history.decide(40, "applied", baseline=baseline)
    row = outcome()
    assert (row.confidence, row.level) == (0.97, "HIGH")


def test_other_specs_do_not_count_and_other_changes_are_told(history, outcome):
    history.runs(0, 70, 140, 70)
    history.runs(0, 70, 500, 0, spec_id="other")
    history.suggest({}, {"id": "sg-2"}, {"id": "sg-3", "spec_id": "other"})
    history.decide(40, "applied")
    history.decide(50, "applied", "sg-2")
    history.decide(50, "applied", "sg-3")
    history.now(70)
    rows = outcome()
    assert rows["applied-sg-1-40"].baseline_runs == 60
    assert [rows[f"applied-{key}"].other_changes for key in ("sg-1-40", "sg-2-50", "sg-3-50")] == [1, 1, 0]
    assert rows["applied-sg-1-40"].verdict_reason.endswith("Other changes to it in the same days: 1.")


def test_a_suggestion_about_a_sort_of_specs_is_measured_on_all_of_them(history, outcome):
    history.suggest({"spec_id": None, "rule": "failing_pattern", "expected_fewer_failures": None, "difference": None})
    history.runs(0, 40, 80, 40)
    history.runs(0, 40, 80, 80, spec_id="other")
    history.decide(40, "applied")
    history.now(45)
    row = outcome()
    assert (row.baseline_runs, row.baseline_success_rate) == (120, 0.75)
    assert (row.expected_improvement, row.effectiveness_score) == (None, None)


@pytest.mark.parametrize(
    ("rule", "metric"), [("cheaper_model", "cost_usd"), ("memory_lower", "infrastructure_cost_eur")]
)
def test_what_was_made_for_money_is_judged_by_money(history, outcome, rule, metric):
    column = "llm_cost_usd" if metric == "cost_usd" else metric
    history.suggest({"rule": rule, "expected_fewer_failures": 0.0, "expected_saving_usd": 120.0})
    history.runs(0, 40, 800, 720, **{column: 1.0})
    history.runs(40, 70, 600, 545, **{column: 0.5})
    history.decide(40, "applied")
    history.now(70)
    row = outcome()
    assert (row.metric, row.verdict, row.measured_improvement) == (metric, "worked", 0.5)
    assert row.expected_improvement == (pytest.approx(120 / 600) if metric == "cost_usd" else None)


def test_without_a_decision_there_is_no_row_and_without_a_run_neither(history, outcome):
    assert outcome() == {}
    history.decide(40, "applied")
    assert outcome() == {}


def test_a_decision_on_an_unknown_suggestion_has_no_row_and_is_named_with_a_remedy(raised, outcome):
    raised.decide(41, "applied", "sg-9")
    assert outcome().recommendation_id == "sg-1"
    result = unknown_decisions(raised)
    assert (result.passed, result.severity) == (False, AssetCheckSeverity.WARN)
    assert "| applied-sg-9-41 | sg-9 | applied |" in result.metadata["unknown"].value
    assert "analytics suggest" in result.metadata["remedy"].value


def test_decisions_on_known_suggestions_pass_whatever_was_decided_on_other_things(raised):
    raised.execute(
        "insert into staging.stg_decisions (decision_id, subject_type, subject_id, decision) "
        "values ('a', 'alert', 'disk', 'acknowledged')"
    )
    assert unknown_decisions(raised).passed


BACKED = {
    "id": "d",
    "verdict": "worked",
    "baseline_runs": 20,
    "after_runs": 20,
    "needed_runs": 20,
    "p_adjusted": 0.01,
    "is_volume_shifted": False,
}


class TestBacked:
    def judged(self, **fields):
        frame = pd.DataFrame([BACKED | fields]).astype({"needed_runs": "Int64", "is_volume_shifted": "boolean"})
        return verdicts_are_backed(recommendation_effectiveness=frame)

    def test_what_worked_on_enough_runs_passes(self):
        assert self.judged().passed

    @pytest.mark.parametrize(
        "fields",
        [
            {"after_runs": 19},
            {"baseline_runs": 19},
            {"needed_runs": None},
            {"p_adjusted": 0.05},
            {"is_volume_shifted": True},
        ],
    )
    def test_what_worked_on_less_is_named(self, fields):
        result = self.judged(**fields)
        assert not result.passed
        assert "| d |" in result.metadata["not_backed"].value

    def test_other_verdicts_claim_nothing(self):
        assert self.judged(after_runs=0, verdict="measuring").passed

    def test_what_the_asset_says_is_backed(self, raised, outcome):
        assert outcome().verdict == "worked"
        frame = raised.written(recommendation_effectiveness, warehouse=raised.warehouse)
        result = verdicts_are_backed(recommendation_effectiveness=frame)
        assert (result.passed, result.metadata["worked"].value) == (True, 1)


class TestFrozen:
    def check(self, history):
        frame = history.written(recommendation_effectiveness, warehouse=history.warehouse)
        return baselines_stay_frozen(recommendation_effectiveness=frame, warehouse=history.warehouse)

    def publish(self, history):
        with connect(history.warehouse.settings) as con:
            publish(con, history.warehouse.settings)
        with open_snapshot(history.warehouse.settings) as snapshot:
            assert snapshot.version

    def test_before_the_first_publication_there_is_nothing_to_compare(self, raised):
        result = self.check(raised)
        assert (result.passed, result.metadata["compared"].value) == (True, 0)

    def test_a_publication_without_the_table_is_nothing_to_compare_with(self, raised):
        self.publish(raised)
        assert self.check(raised).passed

    def test_a_baseline_that_stays_passes_though_late_runs_came(self, raised):
        self.check(raised)
        self.publish(raised)
        raised.runs(20, 40, 40, 40)
        result = self.check(raised)
        assert (result.passed, result.metadata["compared"].value) == (True, 1)

    def test_a_baseline_that_moved_is_named(self, raised):
        self.check(raised)
        self.publish(raised)
        raised.execute("update outcomes.recommendation_effectiveness set baseline_successes = 3")
        result = self.check(raised)
        assert not result.passed
        assert "| applied-sg-1-40 | baseline_successes | 30 | 3 |" in result.metadata["moved"].value
