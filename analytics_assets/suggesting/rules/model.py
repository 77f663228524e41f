"""Models: another one succeeds more often on specs of the same type, or as often for much less."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from analytics_assets.lib.stratified import mantel_haenszel_difference
from analytics_assets.suggesting.claim import Claim, Counts, Kind, Side, confidence, literal, probability
from analytics_assets.suggesting.sizes import Sizes
from analytics_assets.suggesting.suggestion import Finding, Level, Rule
from analytics_assets.suggesting.window import Spec, Window
from analytics_assets.suggesting.words import money, percent
from analytics_assets.thresholds import (
    CHEAPER,
    LEVEL_HIGH_RUNS,
    LEVEL_MED_CONFIDENCE,
    NOT_WORSE_BY,
    SUGGEST_MIN_CONFIDENCE,
    SUGGEST_MIN_RUNS,
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
        cluster, model, spec_id, spec_fingerprint, count(*), count(*) filter (where not is_success),
        count(llm_cost_usd), count(llm_cost_usd) filter (where is_success), coalesce(sum(llm_cost_usd), 0)
    from window_runs
    where model is not null
    group by all
"""


@dataclass
class _Cell:
    """Runs of one model on the specs of one cluster; ``strata`` by version of a spec."""

    runs: int = 0
    failures: int = 0
    priced: int = 0
    priced_successes: int = 0
    cost: float = 0.0

    def add(self, runs: int, failures: int, priced: int, priced_successes: int, cost: float) -> None:
        self.runs += runs
        self.failures += failures
        self.priced += priced
        self.priced_successes += priced_successes
        self.cost += cost

    @property
    def side(self) -> Side:
        return Side(self.runs, self.failures)

    @property
    def cost_per_success(self) -> float | None:
        """Cost of all priced runs, the failed ones included, per success among them; US dollars."""
        has_enough = self.priced_successes >= SUGGEST_MIN_RUNS.value
        return self.cost / self.priced_successes if has_enough else None


class _Cluster:
    """The models of one type of spec."""

    def __init__(self) -> None:
        self.models: dict[str, _Cell] = defaultdict(_Cell)
        self.strata: dict[tuple[str, str | None], dict[str, Side]] = defaultdict(dict)

    def others(self, current: str) -> dict[str, _Cell]:
        """The models that can be compared with the current one: each with runs enough, on specs that both ran."""
        enough = {m: c for m, c in self.models.items() if c.runs >= SUGGEST_MIN_RUNS.value and m != current}
        return {model: cell for model, cell in sorted(enough.items()) if self.difference(model, current) is not None}

    def difference(self, model: str, current: str) -> float | None:
        """Share of failures less the current model's, within specs: a model that got the easy ones is no better."""
        none = Side(0, 0)
        pairs = [(sides.get(model, none), sides.get(current, none)) for sides in self.strata.values()]
        return mantel_haenszel_difference((a.failures, a.runs, b.failures, b.runs) for a, b in pairs)


def find(window: Window, specs: list[Spec], sizes: Sizes) -> Iterator[Finding]:  # noqa: ARG001 -- every rule's signature
    """A finding for each spec that another model would serve better, or as well for much less."""
    clusters: dict[str, _Cluster] = defaultdict(_Cluster)
    own_runs: dict[tuple[str, str], int] = defaultdict(int)
    for name, model, spec_id, fingerprint, runs, failures, *costs in window.rows(_CELLS):
        clusters[name].models[model].add(runs, failures, *costs)
        clusters[name].strata[spec_id, fingerprint][model] = Side(runs, failures)
        own_runs[spec_id, model] += runs
    for spec in specs:
        cluster = clusters.get(spec.spec_type or spec.spec_id)
        if cluster is None or spec.model is None or cluster.models[spec.model].runs < SUGGEST_MIN_RUNS.value:
            continue
        others = cluster.others(spec.model)
        affected = own_runs[spec.spec_id, spec.model]
        found = _better(spec, spec.model, cluster, others, affected) or _cheaper(
            spec, spec.model, cluster.models[spec.model], others, affected
        )
        if found is not None:
            yield found


def _claim(kind: Kind, spec: Spec, current: str, model: str, bound: float | None = None) -> Claim:
    return Claim(
        kind, spec.cluster, "not is_success", f"model = {literal(current)}", f"model = {literal(model)}", bound
    )


def _better(spec: Spec, current: str, cluster: _Cluster, others: Mapping[str, _Cell], affected: int) -> Finding | None:
    """The other model that is most likely to be better, if one is better within specs too."""
    here = cluster.models[current]
    stated = {
        model: confidence(
            _claim(Kind.BETTER, spec, current, model), Counts(here.side, cell.side), alternatives=len(others)
        )
        for model, cell in others.items()
        if (cluster.difference(model, current) or 0.0) < 0
    }
    if not stated or max(stated.values()) < SUGGEST_MIN_CONFIDENCE.value:
        return None
    model = max(stated, key=lambda name: stated[name])
    there = others[model]
    now, then = here.failures / here.runs, there.failures / there.runs
    costs = here.cost_per_success, there.cost_per_success
    saving = None if None in costs else affected * (1 - then) * (costs[0] - costs[1])  # type: ignore[operator]
    kind = spec.spec_type or spec.spec_id
    return Finding(
        rule=BETTER,
        claim=_claim(Kind.BETTER, spec, current, model),
        subject=spec.subject,
        target="model",
        current_value=f"model: {current}",
        suggested_value=f"model: {model}",
        reasoning=f"On {kind}, {model} succeeds in {percent(1 - then)} of {there.runs} runs and {current} in "
        f"{percent(1 - now)} of {here.runs}{_cost_words(*costs)}.",
        falsified_by=f"{model} failing as often as {current} on {kind}.",
        alternatives=len(others),
        expected_fewer_failures=affected * (now - then),
        expected_saving_usd=saving,
    )


def _cheaper(spec: Spec, current: str, here: _Cell, others: Mapping[str, _Cell], affected: int) -> Finding | None:
    """The other model with the least cost per success of those that hardly fail more often."""
    cost_now = here.cost_per_success
    if cost_now is None:
        return None
    costs = {
        model: cell.cost_per_success
        for model, cell in others.items()
        if cell.cost_per_success is not None
        and cell.cost_per_success <= CHEAPER.value * cost_now
        and probability(_claim(Kind.NOT_WORSE, spec, current, model, NOT_WORSE_BY.value), Counts(here.side, cell.side))
        >= LEVEL_MED_CONFIDENCE.value
    }
    if not costs:
        return None
    model = min(costs, key=lambda name: costs[name])
    there = others[model]
    now, then = here.failures / here.runs, there.failures / there.runs
    return Finding(
        rule=CHEAPER_MODEL,
        claim=_claim(Kind.NOT_WORSE, spec, current, model, NOT_WORSE_BY.value),
        subject=spec.subject,
        target="model",
        current_value=f"model: {current}",
        suggested_value=f"model: {model}",
        reasoning=f"On {spec.spec_type or spec.spec_id} a success costs {money(costs[model])} with {model} and "
        f"{money(cost_now)} with {current}; they succeed in {percent(1 - then)} of {there.runs} runs and "
        f"{percent(1 - now)} of {here.runs}.",
        falsified_by=f"{model} failing more than {percent(NOT_WORSE_BY.value)} of runs more often, or a success "
        f"with it costing more than {percent(CHEAPER.value)} of one with {current}.",
        expected_fewer_failures=affected * (now - then),
        expected_saving_usd=affected * (1 - then) * (cost_now - costs[model]),
    )


def _cost_words(now: float | None, then: float | None) -> str:
    return "" if now is None or then is None else f"; a success costs {money(then)} instead of {money(now)}"
