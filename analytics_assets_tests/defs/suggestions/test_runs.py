"""The table of suggestions from analysis to analysis, and checks that can fail."""

from __future__ import annotations

import dagster as dg
import pytest

from analytics_assets.defs.suggestions import runs as module
from analytics_assets.warehouse import frames
from analytics_assets_tests.suggesting.conftest import AS_OF, History


class Analyses:
    """A warehouse whose runs are analysed again and again."""

    def __init__(self, warehouse):
        self.warehouse = warehouse
        with warehouse.get_connection() as con:
            self.history(con)
            con.execute(
                "create table staging.stg_decisions (decision_id varchar, subject_type varchar, subject_id varchar, "
                "decision varchar, decided_at timestamp, decided_by varchar, notes varchar)"
            )
            con.execute(
                "create table staging.stg_as_of as "
                f"select 'runs' as kind, timestamp '{AS_OF}' as as_of, false as is_stale"
            )

    def history(self, con):
        """The tables of runs and documents, empty."""
        con.execute("drop table if exists staging.stg_judged_runs")
        con.execute("drop table if exists staging.stg_specs")
        return History(con)

    def decide(self, row, decision):
        with self.warehouse.get_connection() as con:
            con.execute(
                "insert into staging.stg_decisions values ('dc-1', 'suggestion', ?, ?, ?, 'a person', 'because')",
                [row["id"], decision, AS_OF],
            )

    def analyse(self):
        frame = module.suggestions(context=dg.build_asset_context(), warehouse=self.warehouse).value
        with self.warehouse.get_connection() as con:
            frames.write(con, *module.KEY, frame=frame)
            found = con.execute("select * from suggestions.suggestions order by id")
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def alter(self, statement):
        with self.warehouse.get_connection() as con:
            con.execute(statement)

    def frame(self):
        with self.warehouse.get_connection() as con:
            return frames.read(con, *module.KEY)


@pytest.fixture
def analyses(warehouse):
    made = Analyses(warehouse)
    with warehouse.get_connection() as con:
        history = made.history(con)
        history.add(40, 24, memory_limit="2Gi", failure="oom", memory_peak_mb=1_500.0)
        history.add(20, 0, memory_limit="4Gi", memory_peak_mb=2_500.0)
        history.document("s", memory_limit="2Gi")
    return made


def test_the_first_analysis_writes_every_column_and_the_next_one_keeps_the_row(analyses):
    (first,) = analyses.analyse()
    assert list(first) == [column.name for column in module.COLUMNS]
    assert (first["status"], first["level"], first["suggested_value"]) == ("pending", "HIGH", "memory: 4Gi")
    assert (first["data_points"], first["as_of"]) == (60, AS_OF)
    (second,) = analyses.analyse()
    assert (second["id"], second["created_at"]) == (first["id"], first["created_at"])


def test_an_analysis_without_any_run_writes_an_empty_table(warehouse):
    made = Analyses(warehouse)
    made.alter("delete from staging.stg_as_of")
    assert made.analyse() == []


def test_a_decision_and_an_end_of_the_trouble_change_the_row(analyses):
    (row,) = analyses.analyse()
    analyses.decide(row, "rejected")
    assert analyses.analyse()[0]["status"] == "rejected"
    analyses.decide(row, "undone")
    analyses.alter("update staging.stg_judged_runs set is_oom = false, is_success = true")
    assert analyses.analyse()[0]["status"] == "resolved"


class TestChecks:
    def test_all_pass_on_what_the_rules_said(self, analyses):
        analyses.analyse()
        frame = analyses.frame()
        assert module.suggestions_are_unique(suggestions=frame).passed
        assert module.high_is_earned(suggestions=frame).passed
        assert module.evidence_can_be_reproduced(warehouse=analyses.warehouse).passed
        assert module.no_killing_size_is_suggested(warehouse=analyses.warehouse).passed
        assert module.specs_could_be_examined(warehouse=analyses.warehouse).passed

    def test_a_row_that_stands_twice_is_found(self, analyses):
        analyses.analyse()
        analyses.alter("insert into suggestions.suggestions select * from suggestions.suggestions")
        assert not module.suggestions_are_unique(suggestions=analyses.frame()).passed

    def test_a_high_one_of_few_runs_is_found(self, analyses):
        analyses.analyse()
        analyses.alter("update suggestions.suggestions set data_points = 29")
        assert not module.high_is_earned(suggestions=analyses.frame()).passed

    def test_counts_that_the_runs_do_not_give_are_found(self, analyses):
        analyses.analyse()
        analyses.alter("update suggestions.suggestions set current_failures = current_failures - 1")
        assert not module.evidence_can_be_reproduced(warehouse=analyses.warehouse).passed

    def test_a_size_that_kills_is_found(self, analyses):
        analyses.analyse()
        analyses.alter("update suggestions.suggestions set suggested_value = 'memory: 2Gi'")
        assert not module.no_killing_size_is_suggested(warehouse=analyses.warehouse).passed

    def test_sizes_that_nobody_can_read_are_found(self, analyses):
        analyses.alter("update staging.stg_specs set memory_limit = 'plenty'")
        analyses.analyse()
        verdict = module.specs_could_be_examined(warehouse=analyses.warehouse)
        assert (verdict.passed, verdict.severity) == (False, dg.AssetCheckSeverity.ERROR)
