"""Each rule in a pair: nothing wrong, nothing said; something wrong, the right thing said."""

from __future__ import annotations

from datetime import timedelta

import pytest

from analytics_assets.suggesting.engine import propose
from analytics_assets.suggesting.suggestion import Basis, Level
from analytics_assets_tests.suggesting.conftest import AS_OF, SIZES


def said(history, rule=None):
    """What is suggested, by rule; specs with too few runs are left out."""
    found = [s for s in propose(history.con, AS_OF, SIZES) if s.is_enough]
    return found if rule is None else [s for s in found if s.finding.rule.name == rule]


def missing(history):
    return [s for s in propose(history.con, AS_OF, SIZES) if not s.is_enough]


class TestMemory:
    def test_kills_at_a_size_that_others_survive_are_a_high_suggestion(self, history):
        history.add(47, 35, memory_limit="2Gi", failure="oom", memory_peak_mb=1_500.0)
        history.add(3, 0, memory_limit="4Gi", memory_peak_mb=2_400.0)
        history.document("s", memory_limit="2Gi")
        (found,) = said(history, "memory_raise")
        assert (found.finding.current_value, found.finding.suggested_value) == ("memory: 2Gi", "memory: 4Gi")
        # The worked example: 0.99 of Beta(36, 13) lies above Beta(1, 4).
        assert found.confidence == pytest.approx(0.993, abs=0.001)
        assert (found.level, found.basis, found.counts.data_points) == (Level.HIGH, Basis.MEASURED, 50)
        assert found.finding.expected_fewer_failures == 35

    def test_two_kills_of_eight_are_less_certain(self, history):
        history.add(8, 2, memory_limit="2Gi", failure="oom", memory_peak_mb=1_500.0)
        history.add(5, 0, memory_limit="4Gi", memory_peak_mb=1_500.0)
        history.document("s", memory_limit="2Gi")
        (found,) = said(history, "memory_raise")
        assert found.confidence == pytest.approx(0.816, abs=0.001)
        assert found.level is Level.MED

    def test_a_size_that_was_never_tried_is_an_estimate_and_not_high(self, history):
        history.add(47, 47, memory_limit="2Gi", failure="oom")
        (found,) = said(history, "memory_raise")
        assert found.confidence == pytest.approx(48 / 49, abs=0.001)
        assert (found.level, found.basis) == (Level.MED, Basis.ESTIMATED)
        assert found.difference is None

    def test_a_size_that_was_killed_too_is_passed_over(self, history):
        history.add(20, 15, memory_limit="2Gi", failure="oom")
        history.add(10, 3, memory_limit="4Gi", failure="oom", memory_peak_mb=1_000.0)
        history.document("s", memory_limit="2Gi")
        (found,) = said(history, "memory_raise")
        assert found.finding.suggested_value == "memory: 8Gi"

    def test_peaks_of_killed_runs_are_no_part_of_the_percentile(self, history):
        history.add(10, 4, memory_limit="1Gi", failure="oom", memory_peak_mb=600.0)
        (found,) = said(history, "memory_raise")
        # 600 * 1.15 fits 1Gi; what counts is that runs were killed there: 1024 * 1.2 = 1229.
        assert found.finding.suggested_value == "memory: 2Gi"

    def test_a_single_kill_is_not_enough_and_says_what_is_missing(self, history):
        history.add(12, 1, memory_limit="2Gi", failure="oom", memory_peak_mb=1_000.0)
        assert said(history, "memory_raise") == []
        (found,) = [s for s in missing(history) if s.finding.rule.name == "memory_raise"]
        assert (found.confidence, found.level) == (None, Level.LOW)
        assert "2 kills among 5 runs" in (found.finding.missing or "")

    def test_runs_without_kills_that_fill_their_memory_are_left_alone(self, history):
        history.add(60, 10, memory_limit="2Gi", memory_peak_mb=1_500.0)
        assert said(history) == []

    def test_memory_that_nobody_uses_may_be_lowered_and_is_never_high(self, history):
        history.add(200, 0, memory_limit="4Gi", memory_peak_mb=1_000.0)
        history.document("s", memory_limit="4Gi")
        (found,) = said(history)
        assert (found.finding.rule.name, found.finding.suggested_value) == ("memory_lower", "memory: 2Gi")
        assert found.confidence == pytest.approx(1 - 0.95**201, abs=1e-6)
        assert found.level is Level.MED

    def test_memory_is_not_lowered_to_a_size_that_killed_another_version(self, history):
        history.add(40, 40, memory_limit="2Gi", failure="oom", spec_fingerprint="v0")
        history.add(60, 0, memory_limit="4Gi", memory_peak_mb=1_000.0)
        history.document("s", memory_limit="4Gi")
        assert said(history, "memory_lower") == []

    def test_the_old_version_of_a_spec_does_not_speak_for_the_new_one(self, history):
        history.add(40, 40, memory_limit="2Gi", failure="oom", spec_fingerprint="v0")
        history.add(20, 0, memory_limit="2Gi", memory_peak_mb=1_500.0)
        assert said(history, "memory_raise") == []

    def test_another_version_shows_that_a_larger_size_is_enough(self, history):
        history.add(30, 0, memory_limit="4Gi", memory_peak_mb=2_400.0, spec_fingerprint="v0")
        history.add(30, 20, memory_limit="2Gi", failure="oom", memory_peak_mb=1_500.0)
        (found,) = said(history, "memory_raise")
        assert (found.level, found.basis, found.counts.suggested.runs) == (Level.HIGH, Basis.MEASURED, 30)

    def test_runs_before_the_window_are_not_looked_at(self, history):
        history.add(40, 40, memory_limit="2Gi", failure="oom", started_at=AS_OF - timedelta(days=30))
        assert said(history) == []


class TestCpu:
    def test_runs_at_their_limit_want_the_next_size(self, history):
        history.add(40, 0, cpu_limit="500m", cpu_peak_mcores=500.0)
        (found,) = said(history)
        assert (found.finding.current_value, found.finding.suggested_value) == ("cpu: 500m", "cpu: 1")
        assert found.level is Level.MED

    def test_cpu_that_nobody_uses_may_be_lowered(self, history):
        history.add(100, 0, cpu_limit="4", cpu_peak_mcores=800.0)
        (found,) = said(history)
        assert (found.finding.rule.name, found.finding.suggested_value) == ("cpu_lower", "cpu: 1")

    def test_cpu_in_use_is_left_alone(self, history):
        history.add(100, 0, cpu_limit="1", cpu_peak_mcores=700.0)
        assert said(history) == []


class TestModel:
    def test_a_model_that_succeeds_more_often_on_the_type_is_suggested_for_each_of_its_specs(self, history):
        for spec in ("a", "b"):
            history.add(80, 32, spec_id=spec, model="old")
            history.add(80, 6, spec_id=spec, model="new")
            history.document(spec, model="old")
        found = said(history, "better_model")
        assert [(s.finding.subject.spec_id, s.finding.suggested_value) for s in found] == [
            ("a", "model: new"),
            ("b", "model: new"),
        ]
        assert {s.level for s in found} == {Level.HIGH}
        assert found[0].counts.data_points == 320
        assert found[0].difference == pytest.approx(12 / 160 - 64 / 160)
        assert found[0].difference_interval.high < 0
        # Of its own 80 runs with the old model, 40 % fail and 7.5 % would.
        assert found[0].finding.expected_fewer_failures == pytest.approx(80 * (0.4 - 0.075))

    def test_another_type_has_no_part_in_it(self, history):
        history.add(100, 30, model="old", spec_type="fix")
        history.add(100, 0, model="new", spec_type="feature", spec_id="other")
        assert said(history, "better_model") == []

    def test_a_model_with_nine_runs_is_not_compared(self, history):
        history.add(100, 60, model="old")
        history.add(9, 0, model="new")
        history.document("s", model="old")
        assert said(history, "better_model") == []

    def test_a_model_that_only_got_the_easy_specs_is_not_better(self, history):
        history.add(80, 60, spec_id="hard", model="old")
        history.add(10, 8, spec_id="hard", model="new")
        history.add(10, 0, spec_id="easy", model="old")
        history.add(80, 4, spec_id="easy", model="new")
        for spec in ("hard", "easy"):
            history.document(spec, model="old")
        assert said(history, "better_model") == []

    def test_a_spec_on_which_the_other_model_fails_as_often_is_left_out(self, history):
        for spec in ("a", "b"):
            history.add(80, 60, spec_id=spec, model="old")
            history.add(80, 6, spec_id=spec, model="new")
            history.document(spec, model="old")
        history.add(10, 10, spec_id="own", model="old")
        history.add(10, 10, spec_id="own", model="new")
        history.document("own", model="old")
        assert {s.finding.subject.spec_id for s in said(history, "better_model")} == {"a", "b"}

    def test_no_more_failures_are_promised_away_than_there_were(self, history):
        history.add(80, 60, spec_id="a", model="old")
        history.add(80, 6, spec_id="a", model="new")
        history.add(20, 2, spec_id="own", model="old")
        history.document("a", model="old")
        history.document("own", model="old")
        promised = {s.finding.subject.spec_id: s.finding.expected_fewer_failures for s in said(history, "better_model")}
        assert promised["own"] == 2

    def test_what_it_costs_is_compared_on_the_same_specs(self, history):
        # On the one spec that both ran, new is the dearer one; it ran mostly small ones.
        history.add(60, 6, spec_id="large", model="old", llm_cost_usd=3.0)
        history.add(12, 1, spec_id="large", model="new", llm_cost_usd=3.5)
        history.add(100, 10, spec_id="small", model="new", llm_cost_usd=0.05)
        history.document("large", model="old")
        assert [s for s in said(history) if s.finding.rule.type == "model"] == []

    def test_small_cells_are_never_high(self, history):
        history.add(25, 20, model="old")
        history.add(25, 1, model="new")
        history.document("s", model="old")
        (found,) = said(history, "better_model")
        assert found.confidence > 0.9
        assert found.level is Level.MED

    def test_models_that_are_alike_are_left_alone(self, history):
        history.add(150, 45, model="old", llm_cost_usd=1.0)
        history.add(150, 42, model="new", llm_cost_usd=0.9)
        history.document("s", model="old")
        assert [s for s in said(history) if s.finding.rule.type == "model"] == []

    def test_an_equal_model_at_a_third_of_the_cost_is_worth_a_look_and_not_high(self, history):
        history.add(200, 40, model="old", llm_cost_usd=0.90)
        history.add(200, 40, model="new", llm_cost_usd=0.30)
        history.document("s", model="old")
        (found,) = said(history)
        assert (found.finding.rule.name, found.level) == ("cheaper_model", Level.MED)
        # 200 runs of which 80 % succeed, each for 0.90 / 0.8 less 0.30 / 0.8.
        assert found.finding.expected_saving_usd == pytest.approx(160 * (1.125 - 0.375))

    def test_a_model_that_is_cheap_per_run_and_dear_per_success_is_not_suggested(self, history):
        history.add(100, 10, model="old", llm_cost_usd=0.50)
        history.add(100, 90, model="new", llm_cost_usd=0.20)
        history.document("s", model="old")
        assert [s for s in said(history) if s.finding.rule.type == "model"] == []


class TestSpecQuality:
    def test_a_spec_that_fails_where_its_like_succeed_is_to_be_rewritten(self, history):
        history.add(40, 22, spec_id="bad")
        history.add(100, 18, spec_id="good")
        (found,) = said(history)
        assert (found.finding.subject.spec_id, found.finding.rule.type) == ("bad", "spec_rewrite")
        assert found.level is Level.MED
        assert found.finding.expected_fewer_failures == pytest.approx(22 - 40 * 0.18)
        assert "45 %" in found.finding.reasoning
        assert "82 %" in found.finding.reasoning

    def test_kills_for_want_of_memory_are_not_the_text_s_fault(self, history):
        history.add(40, 30, spec_id="hungry", memory_limit="2Gi", failure="oom")
        history.add(20, 2, spec_id="hungry", memory_limit="2Gi", memory_peak_mb=1_500.0)
        assert [s for s in said(history) if s.finding.rule.type == "spec_rewrite"] == []

    def test_few_runs_are_listed_as_too_few(self, history):
        history.add(4, 4)
        assert said(history) == []
        (found,) = missing(history)
        assert "6 more runs" in (found.finding.missing or "")

    def test_a_sort_of_spec_that_mostly_fails_is_a_warning(self, history):
        for spec in ("a", "b"):
            history.add(40, 26, spec_id=spec, spec_type="migration", task_count=6)
        (warning,) = said(history, "failing_pattern")
        assert (warning.finding.subject.spec_id, warning.finding.subject.spec_type) == (None, "migration")
        assert warning.finding.reasoning == "Migration specs of 6 tasks fail in 65 % of 80 runs (2 specs)."
        assert said(history, "underperforming_spec") == []

    def test_two_sorts_of_one_type_are_two_warnings(self, history):
        for task_count in (6, 9):
            for spec in ("a", "b"):
                history.add(40, 26, spec_id=f"{spec}{task_count}", spec_type="migration", task_count=task_count)
        assert len(said(history, "failing_pattern")) == 2


class TestRetrying:
    def test_runs_lost_to_timeouts_ask_for_a_retry(self, history):
        history.add(80, 12, failure="timeout")
        (found,) = said(history)
        assert (found.finding.rule.type, found.finding.suggested_value) == ("retry", "retry after timeout")

    def test_runs_that_fail_otherwise_do_not(self, history):
        history.add(80, 12, failure="compile_error")
        assert said(history) == []


class TestIterations:
    def test_a_spec_that_goes_round_more_often_than_its_peers_is_named(self, history):
        history.add(60, 0, spec_id="peer", iterations=2)
        history.add(30, 0, spec_id="round", iterations=5)
        (found,) = said(history)
        assert (found.finding.subject.spec_id, found.finding.rule.type) == ("round", "iterations")

    def test_usual_iterations_are_left_alone(self, history):
        history.add(60, 0, spec_id="peer", iterations=2)
        history.add(30, 0, spec_id="other", iterations=2)
        assert said(history) == []


def test_the_evidence_of_every_suggestion_can_be_counted_again(history):
    history.add(47, 35, memory_limit="2Gi", failure="oom", spec_id="it's", model="o'ld")
    history.add(40, 0, memory_limit="4Gi", memory_peak_mb=2_400.0, spec_id="it's", model="new")
    history.add(60, 40, spec_fingerprint=None, spec_id="bad", spec_type=None)
    history.document("it's", memory_limit="2Gi", model="o'ld")
    found = said(history)
    assert {s.finding.rule.type for s in found} >= {"resource", "model", "spec_rewrite"}
    for suggestion in found:
        rows = history.con.execute(suggestion.evidence_sql).fetchall()
        for side, counted in (("current", suggestion.counts.current), ("suggested", suggestion.counts.suggested)):
            if counted is not None:
                assert sum(row[1] for row in rows if row[0] == side) == counted.runs
                assert sum(row[2] for row in rows if row[0] == side) == counted.failures
        assert len(suggestion.evidence_runs) == suggestion.counts.data_points


def test_a_suggestion_keeps_its_id_while_its_numbers_move(history):
    history.add(20, 10, memory_limit="2Gi", failure="oom")
    (first,) = said(history, "memory_raise")
    history.add(20, 12, memory_limit="2Gi", failure="oom")
    (second,) = said(history, "memory_raise")
    assert first.id == second.id
    assert first.evidence_hash != second.evidence_hash


def test_nothing_at_all_suggests_nothing(history):
    assert propose(history.con, AS_OF, SIZES) == []


def test_sizes_that_nobody_can_read_stop_nothing(history):
    history.document("s", memory_limit="plenty", cpu_limit="some")
    history.add(30, 20)
    assert [s.finding.rule.type for s in said(history)] == ["spec_rewrite"]
