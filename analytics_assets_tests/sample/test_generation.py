"""What a sample is as a whole: its layout, its repeatability, and that the warehouse takes all of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics_assets.contracts import CONTRACTS
from analytics_assets.sample import EFFECTS, generate
from analytics_assets.sample.generation import views
from analytics_assets.sample.window import window
from analytics_assets.sample.world import World
from analytics_assets.settings import Settings
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.ingest import ingest
from analytics_assets_tests.sample.conftest import END, Sample

START_OF_14_DAYS = END - timedelta(days=14)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class TestLayout:
    def test_every_kind_has_its_folder_and_the_truth_lies_beside_them(self, planted: Sample) -> None:
        assert {path.name for path in planted.folder.iterdir()} == {*CONTRACTS, "truth.json"}

    def test_the_report_names_every_file_and_counts_every_line(self, planted: Sample) -> None:
        assert set(planted.report.files) == {path for path in planted.folder.rglob("*") if path.is_file()}
        lines = {kind: len(lines) for kind, lines in planted.lines.items()}
        assert planted.report.records_by_kind == lines | {"specs": len(list((planted.folder / "specs").iterdir()))}

    def test_the_number_of_files_is_bounded(self, planted: Sample) -> None:
        assert len(planted.report.files) < 120
        for folder in planted.folder.iterdir():
            if folder.is_dir() and folder.name != "specs":
                assert 1 <= len(list(folder.iterdir())) <= 8

    def test_truth_is_a_list_of_five_fields_for_each_effect(self, planted: Sample) -> None:
        rows = json.loads((planted.folder / "truth.json").read_text())
        assert [row["effect"] for row in rows] == list(EFFECTS)
        for row in rows:
            assert set(row) == {"effect", "kind", "subject", "expected", "starts_at"}
            assert row["kind"] in CONTRACTS
            starts_at = datetime.fromisoformat(row["starts_at"])
            assert START_OF_14_DAYS <= starts_at.astimezone(UTC).replace(tzinfo=None) < END

    def test_nothing_planted_is_an_empty_truth(self, plain: Sample) -> None:
        assert json.loads((plain.folder / "truth.json").read_text()) == []


class TestTimes:
    @pytest.mark.parametrize("kind", [kind for kind in CONTRACTS if kind != "specs"])
    def test_no_moment_of_any_record_is_outside_the_window(self, planted: Sample, kind: str) -> None:
        moments = [at for line in planted.lines[kind] for at in _moments(line)]
        assert min(moments) >= START_OF_14_DAYS
        assert max(moments) <= END

    def test_the_default_end_is_the_last_full_hour(self, tmp_path: Path) -> None:
        before = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        generate(tmp_path, days=1)
        newest = max(
            json.loads(line)["collected_at"] for file in (tmp_path / "metrics").iterdir() for line in file.open()
        )
        assert datetime.fromisoformat(newest) >= before - timedelta(minutes=10)
        assert datetime.fromisoformat(newest) <= datetime.now(UTC)


class TestRepeatability:
    def test_the_same_options_give_the_same_bytes(self, make_sample: Callable[..., Sample]) -> None:
        first, second = make_sample(days=5), make_sample(days=5)
        assert contents(first.folder) == contents(second.folder)

    def test_another_seed_gives_other_records_under_other_ids(self, make_sample: Callable[..., Sample]) -> None:
        first, second = make_sample(days=2), make_sample(days=2, seed=8)
        for kind in ("runs", "executions", "tasks", "pipelines"):
            key = CONTRACTS[kind].key[0]
            assert not {line[key] for line in first.lines[kind]} & {line[key] for line in second.lines[kind]}

    @pytest.mark.parametrize("name", EFFECTS)
    def test_an_effect_changes_no_kind_but_those_it_is_about(self, name: str) -> None:
        effect = EFFECTS[name]
        span = window(effect.MIN_DAYS, END)
        without, one = views(World(span, 7, {})), views(World(span, 7, {effect: effect.plant(span)}))
        changed = {kind for kind in without if list(without[kind]) != list(one[kind])}
        # What derives from a record changes with it: calls of a shorter run, events of a longer pipeline, health.
        derived = {
            "runs": {"executions"},
            "procedure_calls": {"procedure_feedback"},
            "issues": {"reviews"},
            "pipelines": {"events"},
        }.get(effect.KIND, set())
        assert {effect.KIND} <= changed <= {effect.KIND} | derived


class TestOptions:
    def test_a_single_day_works_and_says_what_it_cannot_show(self, make_sample: Callable[..., Sample]) -> None:
        sample = make_sample(days=1)
        assert set(sample.report.left_out) == set(EFFECTS)
        assert sample.truth == {}

    @pytest.mark.parametrize("days", sorted({effect.MIN_DAYS for effect in EFFECTS.values()}))
    def test_an_effect_is_planted_from_its_least_number_of_days(self, tmp_path: Path, days: int) -> None:
        report = generate(tmp_path, days=days, end=END)
        assert {row.effect for row in report.truth} == {n for n, effect in EFFECTS.items() if days >= effect.MIN_DAYS}

    def test_progress_is_told_before_each_kind(self, tmp_path: Path) -> None:
        told: list[tuple[str, int, int]] = []
        generate(tmp_path, days=1, end=END, progress=lambda *step: told.append(step))
        assert [kind for kind, *_ in told] == [kind for kind in CONTRACTS if kind != "specs"]
        assert [done for _, done, _ in told] == list(range(len(told)))
        assert {total for *_, total in told} == {len(told)}

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"days": 0}, "1 to 365 days"),
            ({"days": 366}, "1 to 365 days"),
            ({"seed": -1}, "from 0"),
            ({"effects": ["tool_degrade"]}, "no such effect: tool_degrade"),
        ],
    )
    def test_an_impossible_option_is_refused_before_anything_is_written(
        self, tmp_path: Path, options: dict[str, Any], message: str
    ) -> None:
        with pytest.raises(ValueError, match=message):
            generate(tmp_path, **options)
        assert list(tmp_path.iterdir()) == []


class TestAFolderThatHoldsASample:
    def test_takes_the_same_one_with_other_effects(self, tmp_path: Path) -> None:
        first = generate(tmp_path, days=3, end=END)
        second = generate(tmp_path, days=3, end=END, effects="none")
        assert set(first.files) == set(second.files) == {path for path in tmp_path.rglob("*") if path.is_file()}
        assert json.loads((tmp_path / "truth.json").read_text()) == []

    def test_refuses_one_of_another_seed_whose_truth_would_be_for_both(self, tmp_path: Path) -> None:
        generate(tmp_path, days=1, end=END)
        before = contents(tmp_path)
        with pytest.raises(ValueError, match="holds another sample"):
            generate(tmp_path, days=1, end=END, seed=8)
        assert contents(tmp_path) == before


class TestTheWarehouse:
    def test_takes_a_sample_that_was_written_into_its_inbox(self, tmp_path: Path) -> None:
        settings = Settings(data_dir=tmp_path, settle_seconds=0)
        sample = generate(settings.inbox, days=7, end=END)
        with connect(settings) as con:
            report = ingest(con, settings)
            quarantined = con.execute("select path, reason from raw.quarantined_lines").fetchall()
            rows = {kind: con.execute(f"select count(*) from raw.{kind}").fetchone() for kind in CONTRACTS}
        assert quarantined == []
        assert {file.status for file in report.files} == {"taken"}
        assert rows == {kind: (count,) for kind, count in sample.records_by_kind.items()}

    def test_derives_the_fingerprint_that_runs_noted(self, tmp_path: Path) -> None:
        settings = Settings(data_dir=tmp_path, settle_seconds=0)
        generate(settings.inbox, days=2, end=END)
        with connect(settings) as con:
            ingest(con, settings, kinds=["runs", "specs"])
            differing = con.execute(
                "select count(*) from raw.runs join raw.specs on specs.id = runs.spec_id"
                " and specs.version = runs.spec_version where fingerprint is distinct from spec_fingerprint"
            ).fetchone()
            joined = con.execute(
                "select count(distinct spec_id) from raw.runs join raw.specs"
                " on specs.fingerprint = runs.spec_fingerprint"
            ).fetchone()
        assert differing == (0,)
        assert joined == (12,)


def _moments(value: Any, name: str = "") -> list[datetime]:
    """Every time in a record, wherever it stands: what ends in ``_at``, and the two dates of older trackers."""
    if isinstance(value, dict):
        return [at for key, item in value.items() for at in _moments(item, key)]
    if isinstance(value, list):
        return [at for item in value for at in _moments(item)]
    if name.endswith("_at") or name in ("first_seen", "fixed_date", "run_date"):
        return [datetime.fromisoformat(value).astimezone(UTC).replace(tzinfo=None)]
    return []
