"""What the report is made of: the rows of one published version, asked once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics_assets.queries.errors import NotAnsweredYetError
from analytics_assets.queries.model_health import get_model_health
from analytics_assets.queries.models import get_cost_efficiency, get_model_effectiveness
from analytics_assets.queries.predictions import get_outlook
from analytics_assets.queries.resources import get_resource_usage
from analytics_assets.queries.specs import get_failure_patterns, get_spec_quality
from analytics_assets.queries.suggestions import get_calibration, get_improvements, get_rule_scores, get_suggestions
from analytics_assets.reports.figures import Row

if TYPE_CHECKING:
    from collections.abc import Callable

    from analytics_assets.queries.snapshot import Snapshot


@dataclass(frozen=True)
class Facts:
    """Rows by what they tell of. A list is None where its job has not run yet."""

    version: int
    published_at: str
    specs: list[Row]
    models: list[Row]
    resources: list[Row]
    failures: list[Row]
    costs: list[Row]
    suggestions: list[Row] | None
    calibration: list[Row] | None
    rule_scores: list[Row] | None
    improvements: list[Row] | None
    predictors: list[Row] | None
    outlook: list[Row] | None

    @property
    def as_of(self) -> str | None:
        """The newest run; None without one."""
        return max((row["as_of"] for row in [*self.specs, *self.models] if row["as_of"]), default=None)


def gather(snapshot: Snapshot) -> Facts:
    """Ask for everything the report tells.

    Raises:
        NotAnsweredYetError: runs were never counted in what is published.
    """
    return Facts(
        version=snapshot.version,
        published_at=snapshot.published_at,
        specs=get_spec_quality(snapshot),
        models=get_model_effectiveness(snapshot=snapshot),
        resources=get_resource_usage(snapshot=snapshot),
        failures=get_failure_patterns(snapshot),
        costs=get_cost_efficiency("project", snapshot),
        suggestions=_if_there(get_suggestions, snapshot),
        calibration=_if_there(get_calibration, snapshot),
        rule_scores=_if_there(get_rule_scores, snapshot),
        improvements=_if_there(get_improvements, snapshot),
        predictors=_if_there(get_model_health, snapshot),
        outlook=_if_there(get_outlook, snapshot),
    )


def _if_there(ask: Callable[[Snapshot], list[Row]], snapshot: Snapshot) -> list[Row] | None:
    """What is learned once a day may be missing while the rest is there."""
    try:
        return ask(snapshot)
    except NotAnsweredYetError:
        return None
