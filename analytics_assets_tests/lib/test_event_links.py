"""Flows, bad links and outages."""

from datetime import timedelta

import numpy as np
import pytest

from analytics_assets.lib.event_flows import flows
from analytics_assets.lib.event_links import chance_of_run, difference_by_days, outages, worse_links
from analytics_assets_tests.lib.event_worlds import AS_OF, LINKS, START, events, linked, ordered


@pytest.mark.parametrize("bursts", [False, True], ids=["at any time", "in bad hours"])
def test_links_that_are_alike_are_hardly_ever_told(bursts):
    worlds = sum(bool(worse_links(linked(seed, bursts=bursts), AS_OF)) for seed in range(5))
    assert worlds <= 1


def test_the_link_that_fails_and_the_one_that_slowed_are_told():
    for seed in range(4):
        told = worse_links(linked(seed, failing="b>c/x", slow="c>d/x"), AS_OF)
        kinds = {(finding.kind, finding.subject) for finding in told}
        assert {("failing_link", "b>c"), ("slow_link", "c>d/x")} <= kinds
        slow = next(finding for finding in told if finding.kind == "slow_link")
        assert slow.value / slow.usual == pytest.approx(2.0, rel=0.25)


def test_a_difference_by_days_allows_for_bad_days():
    rng = np.random.default_rng(0)
    good = [(START + timedelta(days=d, minutes=m), float(rng.random() < 0.1)) for d in range(20) for m in range(50)]
    one_bad_day = [(at, 1.0 if at.date() == START.date() else value) for at, value in good]
    mean, usual, p = difference_by_days(one_bad_day, good)
    assert mean > usual
    assert p > 0.2
    assert difference_by_days(good[:5], good) is None


def failing_from(found, link, first, count):
    """Let so many events of a link fail in a row."""
    own = [event for event in found if event["link_type"] == link]
    for event in own[first : first + count]:
        event["status"] = "failure"
    return own


def test_an_outage_begins_with_its_first_failure_and_ends_with_the_next_success():
    found = linked(1)
    own = failing_from(found, "a>b/x", 100, 9)
    own[109]["status"] = own[99]["status"] = "success"
    (outage,) = outages(found)
    assert (outage.link, outage.first_event_id, outage.failures) == ("a>b", own[100]["id"], 9)
    assert (outage.starts_at, outage.ends_at) == (own[100]["occurred_at"], own[109]["occurred_at"])


def test_an_outage_that_goes_on_has_no_end():
    found = linked(1)
    count = sum(event["link_type"] == "a>b/x" for event in found)
    failing_from(found, "a>b/x", count - 8, 8)
    assert [outage.ends_at for outage in outages(found)] == [None]


def test_failures_here_and_there_are_no_outage():
    assert not [outage for seed in range(5) for outage in outages(linked(seed))]


@pytest.mark.parametrize("share", [0.05, 0.3, 0.7, 0.8, 0.9])
def test_links_that_fail_often_have_hardly_ever_an_outage(share):
    worlds = sum(bool(outages(ordered(seed, share, links=2, count=500))) for seed in range(12))
    assert worlds <= 2  # benchmarks/RESULTS.md


@pytest.mark.parametrize(("share", "down"), [(0.05, 10), (0.3, 12), (0.7, 40)])
def test_an_outage_is_longer_than_the_link_s_own_failures_make(share, down):
    for seed in range(4):
        found = ordered(seed, share, links=2, down=down)
        assert "a>0" in {outage.link for outage in outages(found)}


def test_links_without_a_run_count_in_the_adjustment():
    down = ordered(3, 0.02, count=100, down=8)
    quiet = events({f"b>{link}/x": np.arange(50.0) for link in range(19)})
    (alone,), (among,) = outages(down), outages([*down, *quiet])
    assert alone.failures >= 8
    assert among.p_adjusted == pytest.approx(20 * alone.p_adjusted)


@pytest.mark.parametrize(("failures", "successes", "length"), [(7, 9, 5), (12, 4, 6), (5, 3, 5)])
def test_the_chance_of_a_run_is_that_of_orders_drawn_at_random_or_a_little_more(failures, successes, length):
    rng = np.random.default_rng(0)
    row, seen = np.repeat([1, 0], [failures, successes]), 0
    for _ in range(4_000):
        gaps = np.diff(np.flatnonzero(np.concatenate([[0], rng.permutation(row), [0]]) == 0))
        seen += gaps.max() - 1 >= length
    assert seen / 4_000 - 0.03 <= chance_of_run(length, failures, successes) <= 1.25 * seen / 4_000 + 0.03


def test_a_link_that_always_fails_has_no_order_that_could_tell_an_outage():
    assert outages(events({LINKS[0]: np.arange(30.0)}, status="failure")) == []


def flow(number, types, *, status="success", gap=60, at=None):
    start = at or START + timedelta(hours=3 * number)
    return [
        {
            "id": f"f{number}-{place}",
            "link": name.split("/")[0],
            "link_type": name,
            "occurred_at": start + timedelta(seconds=gap * place),
            "processing_duration_ms": None,
            "status": status if place == len(types) - 1 else "success",
            "correlation_id": f"flow {number}",
        }
        for place, name in enumerate(types)
    ]


def test_flows_are_told_by_their_order_with_failures_time_and_weeks():
    long, short = LINKS[:3], LINKS[:2]
    listed = [flow(n, long, status="failure" if n % 4 == 0 else "success") for n in range(200)]
    listed += [flow(500 + n, short, at=START + timedelta(minutes=n)) for n in range(1, 7)]
    first, second = flows([event for one in listed for event in one], AS_OF)
    assert (first.steps, first.count, first.failing, first.median_seconds) == (long, 200, 50, 120)
    assert first.share == pytest.approx(200 / 206)
    assert (first.stability, second.stability) == (1.0, 0.25)
    assert first.comes_again > second.comes_again


def test_events_within_seconds_are_one_step_in_any_order():
    listed = [flow(n, LINKS[:2] if n % 2 else LINKS[1::-1], gap=4) for n in range(10)]
    (found,) = flows([event for one in listed for event in one], AS_OF)
    assert found.steps == ("a>b/x + b>c/x",)


@pytest.mark.parametrize(
    "found",
    [[], events({LINKS[0]: [1.0]}), events({LINKS[0]: [1.0, 2.0]}, correlation_id="one")],
    ids=["none", "one", "a flow"],
)
def test_without_repetition_there_is_nothing_to_tell(found):
    assert flows(found, AS_OF) == []
    assert worse_links(found, AS_OF) == []
    assert outages(found) == []


def test_a_flow_that_repeats_itself_is_cut():
    listed = [flow(n, [f"x>{step}/t" for step in range(20)]) for n in range(5)]
    (found,) = flows([event for one in listed for event in one], AS_OF)
    assert (len(found.steps), found.steps[-1]) == (13, "8 more")
