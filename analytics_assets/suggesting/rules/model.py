"""Models: another one succeeds more often on specs of the same type, or as often for much less."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from analytics_assets.lib.sizes import Sizes
from analytics_assets.lib.words import money, percent
from analytics_assets.suggesting.claim import Claim, Counts, Kind, Side, confidence, literal, matched, probability
from analytics_assets.suggesting.suggestion import Finding, Level, Rule
from analytics_assets.suggesting.window import Spec, Window
from analytics_assets.thresholds import (
    CHEAPER,
    LEVEL_HIGH_RUNS,
    LEVEL_MED_CONFIDENCE,
    NOT_WORSE_BY,
    SUGGEST_MIN_CONFIDENCE,
    SUGGEST_MIN_RUNS,
    SUGGEST_TRIED_RUNS,
)

BETTER = Rule(
    name="better_model",
    type="model",
    example="On migrations one model succeeds in 93 % of 157 runs, the present one in 60 % of 160.",
    reason="Models are good at different things: a ranking over all runs hides it, one per type of spec shows it.",
    remedy="The model of the type's runs that is most likely to succeed more often; each had ten runs or more.",
    min_current_runs=int(LEVEL_HIGH_RUNS.value),
    min_suggested_runs=int(LEVEL_HIGH_RUNS.value),
)
CHEAPER_MODEL = Rule(
    name="cheaper_model",
    type="model",
    example="Two models succeed in 84 % of fixes; one success costs $0.40 with the one and $0.12 with the other.",
    reason="Paid per token the cheaper model can be the dearer one: what counts is the cost of a success.",
    remedy="The model with the least cost per success of those that fail hardly more often.",
    highest=Level.MED,
    why_not_higher="That two models succeed equally often is never proven, only that they do not differ much.",
)
_CELLS = """
    select
        cluster, model, spec_id, count(*), count(*) filter (where not is_success),
        count(llm_cost_usd), count(llm_cost_usd) filter (where is_success), coalesce(sum(llm_cost_usd), 0)
    from window_runs
    where model is not null
    group by all
"""


@dataclass(frozen=True)
class _Cell:
    """Runs of one model on one spec."""

    runs: int = 0
    failures: int = 0
    priced: int = 0
    priced_successes: int = 0
    cost: float = 0.0


@dataclass(frozen=True)
class _Match:
    """Two models on the specs that both ran, with the same mix of them: a model that got the easy ones is no better."""

    counts: Counts
    costs: tuple[float, float] | None
    """Cost per success of the present and of the other model, US dollars; None where too few are priced."""

    @property
    def rates(self) -> tuple[float, float]:
        """Share of failures of the present and of the other model."""
        assert self.counts.compared is not None, "two models are compared"
        now, then = self.counts.compared
        return now.failures / now.runs, then.failures / then.runs


class _Cluster:
    """The models of one type of spec, by spec."""

    def __init__(self) -> None:
        self.strata: dict[str, dict[str, _Cell]] = defaultdict(dict)

    def runs(self, model: str) -> int:
        """All runs of a model."""
        return sum(cells[model].runs for cells in self.strata.values() if model in cells)

    def matches(self, current: str) -> dict[str, _Match]:
        """Every other model that can be compared with the current one: each with runs enough."""
        names = sorted({name for cells in self.strata.values() for name in cells} - {current})
        enough = [name for name in names if self.runs(name) >= SUGGEST_MIN_RUNS.value]
        found = {name: self._match(current, name) for name in enough}
        return {name: match for name, match in found.items() if match is not None}

    def _match(self, current: str, model: str) -> _Match | None:
        pairs = [(cells[current], cells[model]) for cells in self.strata.values() if {current, model} <= cells.keys()]
        sides = matched((Side(a.runs, a.failures), Side(b.runs, b.failures)) for a, b in pairs)
        if sides is None or not all(side.runs for side in sides):
            return None
        return _Match(Counts(*sides, compared=sides), _costs(pairs))


def _costs(pairs: list[tuple[_Cell, _Cell]]) -> tuple[float, float] | None:
    """Cost of a run over success per run, both with the mix of specs that both ran at a known price."""
    priced = [(a, b) for a, b in pairs if a.priced and b.priced]
    weights = [a.priced * b.priced / (a.priced + b.priced) for a, b in priced]
    costs = []
    for cells in zip(*priced, strict=True):
        successes = sum(w * cell.priced_successes / cell.priced for w, cell in zip(weights, cells, strict=True))
        if sum(cell.priced_successes for cell in cells) < SUGGEST_MIN_RUNS.value or not successes:
            return None
        costs.append(sum(w * cell.cost / cell.priced for w, cell in zip(weights, cells, strict=True)) / successes)
    return (costs[0], costs[1]) if costs else None


def find(window: Window, specs: list[Spec], sizes: Sizes) -> Iterator[Finding]:  # noqa: ARG001 -- every rule's signature
    """A finding for each spec that another model would serve better, or as well for much less."""
    clusters: dict[str, _Cluster] = defaultdict(_Cluster)
    for name, model, spec_id, *counted in window.rows(_CELLS):
        clusters[name].strata[spec_id][model] = _Cell(*counted)
    for spec in specs:
        cluster = clusters.get(spec.spec_type or spec.spec_id)
        if cluster is None or spec.model is None or cluster.runs(spec.model) < SUGGEST_MIN_RUNS.value:
            continue
        matches = cluster.matches(spec.model)
        own = cluster.strata[spec.spec_id]
        found = _better(spec, spec.model, matches, own) or _cheaper(spec, spec.model, matches, own)
        if found is not None:
            yield found


def _claim(kind: Kind, spec: Spec, current: str, model: str, bound: float | None = None) -> Claim:
    return Claim(
        kind,
        spec.cluster,
        "not is_success",
        f"model = {literal(current)}",
        f"model = {literal(model)}",
        bound,
        # Not within versions: where the model is part of what is hashed, no version has run with two.
        strata=("spec_id",),
    )


def _contradicted(own: Mapping[str, _Cell], current: str, model: str) -> bool:
    """Whether the spec's own runs say otherwise: what holds of its type is no reason against them."""
    here, there = own.get(current, _Cell()), own.get(model, _Cell())
    if not here.runs or there.runs < SUGGEST_TRIED_RUNS.value:
        return False
    return there.failures * here.runs >= here.failures * there.runs


def _better(spec: Spec, current: str, matches: Mapping[str, _Match], own: Mapping[str, _Cell]) -> Finding | None:
    """The other model that is most likely to be better, on its type and not against the spec's own runs."""
    stated = {
        model: confidence(_claim(Kind.BETTER, spec, current, model), match.counts, alternatives=len(matches))
        for model, match in matches.items()
        if not _contradicted(own, current, model)
    }
    if not stated or max(stated.values()) < SUGGEST_MIN_CONFIDENCE.value:
        return None
    model = max(stated, key=lambda name: stated[name])
    (now, then), costs, mine = matches[model].rates, matches[model].costs, own.get(current, _Cell())
    priced = "" if costs is None else f"; a success costs {money(costs[1])} instead of {money(costs[0])}"
    kind = spec.spec_type or spec.spec_id
    return Finding(
        rule=BETTER,
        claim=_claim(Kind.BETTER, spec, current, model),
        subject=spec.subject,
        target="model",
        current_value=f"model: {current}",
        suggested_value=f"model: {model}",
        reasoning=f"On {kind}, {model} succeeds in {percent(1 - then)} of runs and {current} in {percent(1 - now)}, "
        f"on the same mix of specs{priced}.",
        falsified_by=f"{model} failing as often as {current} on {kind}.",
        alternatives=len(matches),
        # Of its own runs no more can be saved than failed.
        expected_fewer_failures=min(mine.runs * (now - then), float(mine.failures)),
        expected_saving_usd=None if costs is None else mine.runs * (1 - then) * (costs[0] - costs[1]),
    )


def _cheaper(spec: Spec, current: str, matches: Mapping[str, _Match], own: Mapping[str, _Cell]) -> Finding | None:
    """The other model with the least cost per success, relative to the present one, of those that hardly fail more."""
    ratios = {
        model: match.costs[1] / match.costs[0]
        for model, match in matches.items()
        if match.costs is not None
        and 0 <= match.costs[1] <= CHEAPER.value * match.costs[0]
        and match.costs[0] > 0
        and probability(_claim(Kind.NOT_WORSE, spec, current, model, NOT_WORSE_BY.value), match.counts)
        >= LEVEL_MED_CONFIDENCE.value
    }
    if not ratios:
        return None
    model = min(ratios, key=lambda name: ratios[name])
    (now, then), costs, affected = matches[model].rates, matches[model].costs, own.get(current, _Cell()).runs
    assert costs is not None, "it has a ratio"
    return Finding(
        rule=CHEAPER_MODEL,
        claim=_claim(Kind.NOT_WORSE, spec, current, model, NOT_WORSE_BY.value),
        subject=spec.subject,
        target="model",
        current_value=f"model: {current}",
        suggested_value=f"model: {model}",
        reasoning=f"On {spec.spec_type or spec.spec_id} a success costs {money(costs[1])} with {model} and "
        f"{money(costs[0])} with {current}; they succeed in {percent(1 - then)} and {percent(1 - now)} of runs, on the "
        "same mix of specs.",
        falsified_by=f"{model} failing more than {percent(NOT_WORSE_BY.value)} of runs more often, or a success "
        f"with it costing more than {percent(CHEAPER.value)} of one with {current}.",
        expected_fewer_failures=affected * (now - then),
        expected_saving_usd=affected * (1 - then) * (costs[0] - costs[1]),
    )
