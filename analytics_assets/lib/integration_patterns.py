"""What repeats between systems: flows, events that follow one another, bad links, harmful deployments, outages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

from analytics_assets.lib.event_flows import Flow
from analytics_assets.lib.event_links import FAILING, LinkFinding, Outage
from analytics_assets.lib.event_words import lasting, minute, step_in_words, systems_of, titled
from analytics_assets.lib.impact_scores import DEGRADATION, DEPLOYMENT
from analytics_assets.lib.rates import wilson_interval
from analytics_assets.lib.words import percent, plural
from analytics_assets.mining_thresholds import FLOWS_KEPT
from analytics_assets.pattern_store.observed import Observed, relative_size

FUNCTIONAL = "functional"
Rows = Sequence[Mapping[str, Any]]


def flow_patterns(flows: Sequence[Flow], as_of: datetime) -> list[Observed]:
    """The most frequent flows."""
    return [_flow(flow, as_of) for flow in flows[: int(FLOWS_KEPT.value)]]


def pair_patterns(pairs: Rows, as_of: datetime) -> list[Observed]:
    """Significant pairs of events that follow one another; those of one flow are told by the flow."""
    return [_pair(pair, as_of) for pair in pairs if pair["is_significant"] and pair["correlation_type"] != FUNCTIONAL]


def pairs_left_out(frequent: Iterable[str], rare: Iterable[str]) -> Iterator[str]:
    """Subjects of the pairs that were not looked at: those with a type that is rarer than the ones that were.

    >>> list(pairs_left_out(["a>b/x"], ["b>c/y"]))
    ['b>c/y > a>b/x', 'a>b/x > b>c/y']
    """
    left = set(rare)
    return (
        _pair_subject(*pair)
        for pair in permutations([*sorted(left), *sorted(set(frequent) - left)], 2)
        if not left.isdisjoint(pair)
    )


def link_patterns(findings: Sequence[LinkFinding], as_of: datetime) -> list[Observed]:
    """Bad links; of one that is worse than others and than before, the surer statement."""
    surest: dict[tuple[str, str], LinkFinding] = {}
    for finding in findings:
        surest.setdefault((finding.kind, finding.subject), finding)
    return [_link(finding, as_of) for finding in surest.values()]


def deployment_patterns(impacts: Rows, titles: Mapping[str, str], as_of: datetime) -> list[Observed]:
    """Whose deployments made something worse: one pattern for each pipeline that did.

    Deployments that name no pipeline are one of their type: they are counted among all deployments of that type,
    those of pipelines too.

    Args:
        impacts: rows of ``patterns.event_impact_analysis`` with ``deployed_by`` (the pipeline, else the type of event)
            and ``link_type``.
        titles: signals in words, by name.
        as_of: end of the window.
    """
    # What could not be tested, as nothing was measured round it, was not examined.
    examined = [row for row in impacts if row["event_type"] == DEPLOYMENT and row["p_value"] is not None]
    bad = {row["deployed_by"] for row in examined if row["impact_type"] == DEGRADATION}
    return [
        _deployments(name, [row for row in examined if name in (row["deployed_by"], row["link_type"])], titles, as_of)
        for name in sorted(bad)
    ]


def outage_patterns(outages: Sequence[Outage], as_of: datetime) -> list[Observed]:
    """Links that were down."""
    by_link: dict[str, list[Outage]] = {}
    for outage in outages:
        by_link.setdefault(outage.link, []).append(outage)
    return [_outages(link, own, as_of) for link, own in sorted(by_link.items())]


def _more(
    systems: Sequence[str],
    definition: Mapping[str, Any],
    frequency: Mapping[str, Any],
    performance: Mapping[str, Any],
    stability: float,
) -> dict[str, Any]:
    return {
        "systems_involved": json.dumps(list(systems)),
        "pattern_definition": json.dumps(definition, sort_keys=True),
        "frequency_analysis": json.dumps(frequency, sort_keys=True),
        "performance_impact": json.dumps(performance, sort_keys=True),
        "pattern_stability_score": min(1.0, max(0.0, stability)),
    }


def _flow(flow: Flow, as_of: datetime) -> Observed:
    failing = wilson_interval(flow.failing, flow.count)
    systems = systems_of(*(name for step in flow.steps for name in step.split(" + ") if ">" in name))
    return Observed(
        pattern_type="event_flow",
        subject=flow.subject,
        pattern_name=(
            f"{plural(flow.count, 'flow')}, {percent(flow.share)} of all, went "
            f"{', then '.join(map(step_in_words, flow.steps))}, in {lasting(flow.median_seconds)} at the median."
        ),
        pattern_category="workflow",
        topic="process_opportunity",
        detection_algorithm="event_sequences",
        confidence_score=flow.comes_again,
        significance_score=flow.share,
        strength=flow.share,
        strength_unit="share of flows",
        components=systems,
        last_observed_at=flow.last_at,
        detected_at=as_of,
        more=_more(
            systems,
            {"steps": flow.steps},
            {"flows": flow.count, "share": flow.share, "weeks": flow.weeks},
            {
                "failing_flows": flow.failing,
                "failing_share_low": failing.low if failing else None,
                "failing_share_high": failing.high if failing else None,
                "median_seconds": flow.median_seconds,
            },
            flow.stability,
        ),
    )


def _pair_subject(first: str, then: str) -> str:
    return f"{first} > {then}"


def _pair(pair: Mapping[str, Any], as_of: datetime) -> Observed:
    first, then = pair["primary_event_type"], pair["related_event_type"]
    systems = systems_of(first, then)
    seconds = pair["time_offset"] / 1_000
    return Observed(
        pattern_type="event_pair",
        subject=_pair_subject(first, then),
        pattern_name=(
            f"{titled(then)} follows {titled(first)} after {lasting(seconds)}: {pair['pairs']} times, "
            f"{pair['expected_pairs']:.0f} by chance."
        ),
        pattern_category="workflow",
        topic="collaboration",
        detection_algorithm="shifted_streams",
        confidence_score=pair["confidence_score"],
        significance_score=pair["correlation_strength"],
        strength=pair["correlation_strength"],
        strength_unit="share of events beyond chance",
        location=f"{seconds:.0f} s",
        components=systems,
        last_observed_at=pair["primary_occurred_at"] or as_of,
        detected_at=as_of,
        more=_more(
            systems,
            {"primary": first, "related": then, "correlation_type": pair["correlation_type"]},
            {"pairs": pair["pairs"], "expected_pairs": pair["expected_pairs"]},
            {"offset_seconds": seconds},
            pair["correlation_strength"],
        ),
    )


def _link(finding: LinkFinding, as_of: datetime) -> Observed:
    fails = finding.kind == FAILING
    systems = systems_of(finding.subject)
    told = (
        f"fails in {100 * finding.value:.1f} % of its events, "
        f"{100 * finding.usual:.1f} % is usual of {finding.compared_with}"
        if fails
        else f"takes {finding.value:.0f} ms (median), {finding.usual:.0f} ms in {finding.compared_with}"
    )
    return Observed(
        pattern_type=finding.kind,
        subject=finding.subject,
        pattern_name=f"{titled(finding.subject)} {told}, n = {finding.events}.",
        pattern_category="error" if fails else "performance",
        topic="failure_mode" if fails else "response_time_degradation",
        detection_algorithm="ratio_estimator_by_days",
        confidence_score=1 - finding.p_adjusted,
        significance_score=relative_size(finding.usual, finding.value),
        strength=finding.value,
        strength_unit="share of events that fail" if fails else "ms",
        components=systems,
        last_observed_at=as_of,
        detected_at=as_of,
        more=_more(
            systems,
            {"compared_with": finding.compared_with},
            {"events": finding.events},
            {"value": finding.value, "usual": finding.usual},
            1 - finding.p_adjusted,
        ),
    )


def _deployments(name: str, own: Rows, titles: Mapping[str, str], as_of: datetime) -> Observed:
    bad = [row for row in own if row["impact_type"] == DEGRADATION]
    told = [row for row in bad if row["deployed_by"] == name]
    worst = max(told, key=lambda row: (row["business_impact_score"] or 0.0, abs(row["impact_magnitude"])))
    examined, harmful = len({row["event_id"] for row in own}), len({row["event_id"] for row in bad})
    # A type of events says itself whence its deployments come.
    whose = f"of {name}" if name != worst["link_type"] else titled(name).partition(" ")[2]
    systems = sorted({system for row in told for system in json.loads(row["affected_systems"])})
    return Observed(
        pattern_type="deployment_impact",
        subject=name,
        pattern_name=(
            f"{harmful} of {plural(examined, 'examined deployment')} {whose} made something worse: "
            f"{_harm(worst, titles)}."
        ),
        pattern_category="error",
        topic="error_propagation",
        detection_algorithm="step_against_other_moments",
        confidence_score=1 - min(row["p_adjusted"] for row in told),
        significance_score=harmful / examined,
        strength=harmful / examined,
        strength_unit="share of deployments",
        location=worst["signal"],
        components=systems,
        starts_at=min(row["occurred_at"] for row in told),
        last_observed_at=max(row["occurred_at"] for row in told),
        detected_at=as_of,
        more=_more(
            systems,
            {"events": sorted({row["event_id"] for row in told}), "signals": sorted({row["signal"] for row in told})},
            {"deployments": examined, "harmful": harmful},
            {
                "business_impact_score": worst["business_impact_score"],
                "percent": worst["impact_percent"],
                "recovery_seconds": worst["recovery_time"],
            },
            harmful / examined,
        ),
    )


def _harm(worst: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    """Which deployment, when, what it did, and since when that is over."""
    changed = "" if worst["impact_percent"] is None else f" by {worst['impact_percent']:+.0f} %"
    recovery = worst["recovery_time"]
    until = (
        "not over yet"
        if recovery is None
        else f"over since {minute(worst['occurred_at'] + timedelta(seconds=recovery))}"
    )
    signal = titles.get(worst["signal"], worst["signal"])
    return f"{worst['event_id']} at {minute(worst['occurred_at'])} changed {signal}{changed}, {until}"


def _outages(link: str, own: Sequence[Outage], as_of: datetime) -> Observed:
    seconds = [((outage.ends_at or as_of) - outage.starts_at).total_seconds() for outage in own]
    newest = max(own, key=lambda outage: outage.starts_at)
    systems = systems_of(link)
    return Observed(
        pattern_type="outage",
        subject=link,
        pattern_name=(
            f"{titled(link)} was down {plural(len(own), 'time')}, {lasting(max(seconds))} at most"
            f"{'' if newest.ends_at else ', and still is'}."
        ),
        pattern_category="error",
        topic="recovery_time",
        detection_algorithm="runs_of_failures",
        confidence_score=1 - max(outage.p_adjusted for outage in own),
        significance_score=min(1.0, max(seconds) / 3_600),
        strength=sum(seconds),
        strength_unit="seconds down",
        components=systems,
        starts_at=min(outage.starts_at for outage in own),
        last_observed_at=newest.ends_at or as_of,
        detected_at=as_of,
        more=_more(
            systems,
            {"first_events": [outage.first_event_id for outage in own]},
            {"outages": len(own), "failures": sum(outage.failures for outage in own)},
            {"longest_seconds": max(seconds), "has_ended": newest.ends_at is not None},
            1 - max(outage.p_adjusted for outage in own),
        ),
    )
