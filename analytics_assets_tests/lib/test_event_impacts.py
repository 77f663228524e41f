"""What events do to signals, and how much it matters."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from analytics_assets.lib.effects import adjusted_p_values
from analytics_assets.lib.event_impacts import Effect, Happening, effects
from analytics_assets.lib.impact_rows import asked_of, rows_of
from analytics_assets.lib.impact_scores import business_impact, impact_type, mitigations, traffic_shares
from analytics_assets_tests.lib import event_worlds
from analytics_assets_tests.lib.event_worlds import START

WINDOW = 3 * 3_600


def significant(grid, happenings):
    found = effects(grid, event_worlds.asked(grid, happenings), WINDOW)
    adjusted = adjusted_p_values([effect.p_value for effect in found])
    return [effect for effect, p in zip(found, adjusted, strict=True) if p is not None and p < 0.05]


@pytest.mark.parametrize("memory", [3.0, 12.0, 60.0], ids=["half an hour", "two hours", "ten hours"])
def test_events_that_do_nothing_hardly_ever_seem_to_do_something(memory):
    worlds = sum(
        bool(significant(event_worlds.samples(seed, memory=memory), event_worlds.deployments(seed)))
        for seed in range(2)
    )
    assert worlds <= 1  # benchmarks/RESULTS.md


def test_a_bad_deployment_is_found_with_its_size_its_end_and_nothing_else():
    found = 0
    for seed in range(3):
        grid, happenings = event_worlds.samples(seed), event_worlds.deployments(seed)
        bad = happenings[20]
        event_worlds.worsen(grid, bad)
        told = significant(grid, happenings)
        hits = [effect for effect in told if (effect.happening.id, effect.signal) == (bad.id, grid.names[3])]
        found += len(hits)
        assert len(told) - len(hits) <= 1
        for effect in hits:
            assert effect.magnitude > 2
            assert effect.percent > 20
            assert effect.has_ended
            assert effect.seconds == pytest.approx(WINDOW, abs=2_400)
    assert found >= 2


def test_what_does_not_come_back_has_no_end():
    grid, happenings = event_worlds.samples(1), event_worlds.deployments(1)
    bad = happenings[-1]
    event_worlds.worsen(grid, bad, hours=500)
    (effect,) = [one for one in significant(grid, happenings) if one.signal == grid.names[3] and one.happening is bad]
    assert not effect.has_ended
    assert effect.seconds == pytest.approx((grid.at(grid.values.shape[1]) - bad.occurred_at).total_seconds(), abs=1_200)


def test_the_way_back_is_not_held_for_the_merit_of_another_event():
    grid, happenings = event_worlds.samples(2), event_worlds.deployments(2, 10)
    bad = happenings[5]
    event_worlds.worsen(grid, bad, rise=250.0)
    next_one = replace(bad, id="next", occurred_at=bad.occurred_at + timedelta(hours=3))
    found = effects(grid, [(one, grid.names[3]) for one in (bad, next_one)], WINDOW)
    told = {effect.happening.id: effect for effect in found}
    assert told[bad.id].p_value < 1e-4
    assert told["next"].reason == f"within the effect of {bad.id}" or told["next"].p_value > 0.01


@pytest.mark.parametrize("hours_off", [-24 * 40, 24 * 40, -2], ids=["before", "after", "at the beginning"])
def test_an_event_outside_of_what_was_measured_is_not_judged(hours_off):
    grid = event_worlds.samples(1, rows=2)
    end = grid.at(grid.values.shape[1])
    at = end + timedelta(hours=1) if hours_off == -2 else START + timedelta(hours=hours_off)
    (effect,) = effects(grid, [(Happening("e", "deployment", at, (), {}), grid.names[0])], WINDOW)
    assert effect.p_value is None
    assert effect.reason == "too few samples before or after"


@pytest.mark.parametrize("value", [7.0, np.nan], ids=["constant", "nothing"])
def test_a_signal_that_never_varies_has_a_reason(value):
    grid = event_worlds.samples(1, rows=1)
    flat = replace(grid, values=np.full_like(grid.values, value))
    (effect, _) = effects(flat, event_worlds.asked(flat, event_worlds.deployments(1, 2)), WINDOW)
    assert effect.reason == "the signal never varies"


def test_a_gap_after_the_event_leaves_it_unknown():
    grid, (one, *_) = event_worlds.samples(1, rows=1), event_worlds.deployments(1)
    place = grid.step_of(one.occurred_at)
    grid.values[0, place : place + 15] = np.nan
    (effect,) = effects(grid, [(one, grid.names[0])], WINDOW)
    assert effect.reason == "too few samples before or after"


ONE = Happening("e1", "deployment", START, ("ci", "cluster"), {"pipeline_name": "release"})


def test_business_impact_is_severity_times_duration_times_traffic():
    effect = Effect(ONE, "s", magnitude=3.0, seconds=3 * 3_600)
    assert business_impact(effect, 0.8) == pytest.approx(100 * 0.5 * 0.5 * 0.8)
    assert business_impact(replace(effect, magnitude=-60.0, seconds=9e9), 7.0) == 100


def test_traffic_is_a_share_of_the_usual_peak_and_all_of_it_where_nobody_counts():
    hours = {START + timedelta(hours=n): 10.0 for n in range(100)}
    assert traffic_shares(hours)(START, 7_000) == pytest.approx(1.0)
    assert traffic_shares(hours)(START + timedelta(hours=99), 7_000) == pytest.approx(0.5)
    assert traffic_shares({})(START, 7_000) == 1.0


@pytest.mark.parametrize(
    ("worse", "is_significant", "kind"),
    [
        ("up", True, "degradation"),
        ("down", True, "improvement"),
        (None, True, "unknown"),
        ("up", False, "none"),
        ("up", None, "unknown"),
    ],
)
def test_an_impact_is_named_by_direction_and_significance(worse, is_significant, kind):
    assert impact_type(Effect(ONE, "s", magnitude=2.0), worse, is_significant=is_significant) == kind


def test_suggestions_name_what_to_go_back_to():
    said = {"pipeline_name": "release", "head_sha": "b" * 40, "earlier_head_sha": "a" * 40}
    assert mitigations(Effect(replace(ONE, said=said), "s"))[0] == "Roll release back from bbbbbbbbbb to aaaaaaaaaa."
    changed = replace(ONE, event_type="configuration_change", said={"pipeline_name": "ci", "earlier_version": "1.0"})
    assert mitigations(Effect(changed, "s"))[0].startswith("Go back to configuration 1.0 of ci")


SIGNALS = [
    {"signal": "metric/api/cpu", "component_kind": "metric", "component": "api", "worse": "up"},
    {"signal": "metric/cluster/cpu", "component_kind": "metric", "component": "cluster", "worse": "up"},
    {"signal": "pipeline/release/error_rate", "component_kind": "pipeline", "component": "release", "worse": "up"},
]


def test_an_event_is_asked_of_the_systems_it_names_and_of_all_metrics_where_none_is_measured():
    def names(one):
        return [signal for _, signal in asked_of([one], SIGNALS)]

    assert names(ONE) == ["metric/cluster/cpu"]
    assert names(replace(ONE, systems=("ci",))) == ["metric/api/cpu", "metric/cluster/cpu"]
    changed = replace(ONE, event_type="configuration_change", systems=("release",))
    assert names(changed) == ["pipeline/release/error_rate"]


def test_an_event_has_a_row_for_each_signal_it_changed_or_one_that_says_why_not():
    known = {row["signal"]: row for row in SIGNALS}
    found = [
        Effect(ONE, "metric/api/cpu", magnitude=5.0, percent=50.0, p_value=1e-9, seconds=7_200.0, has_ended=True),
        Effect(ONE, "metric/cluster/cpu", magnitude=0.1, p_value=0.7),
    ]
    quiet = replace(ONE, id="e2")
    rows = rows_of([ONE, quiet], found, known, traffic_shares({}))
    assert [(row["event_id"], row["impact_type"]) for row in rows] == [("e1", "degradation"), ("e2", "unknown")]
    assert rows[0]["recovery_time"] == 7_200
    assert rows[0]["affected_systems"] == '["api", "ci", "cluster"]'
    assert rows[1]["reason"] == "no signal of its systems is measured"
