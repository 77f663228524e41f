"""Charts of runs: how well models and specs do, and how near they come to their limits. See ``lib.charts``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analytics_assets.lib.charts import (
    BAD,
    GOOD,
    LONGEST_LABEL,
    MOST_BARS,
    MUTED,
    NEUTRAL,
    Spec,
    left_out,
    specification,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

UNNAMED = "not named"
"""What stands for a family or a model that the runs do not name."""
DARK = "#22303c"
SHARE: dict[str, Any] = {"type": "quantitative", "scale": {"domain": [0, 1]}, "axis": {"format": "%"}}


def models(model_effectiveness: pd.DataFrame) -> Spec:
    """Success rate with its Wilson interval per family of specs and model: the pairs with the most runs."""
    columns = ["spec_type", "model", "runs", "success_rate", "success_rate_low", "success_rate_high"]
    measured = model_effectiveness.dropna(subset=["success_rate"])
    shown = measured.nlargest(MOST_BARS, "runs")[columns].fillna({"spec_type": UNNAMED, "model": UNNAMED})
    rows = {
        "y": {"field": "spec_type", "type": "nominal", "title": None},
        "yOffset": {"field": "model", "type": "nominal"},
        "color": {"field": "model", "type": "nominal", "title": "model"},
    }
    return specification(
        shown,
        "How often models succeed",
        _told("point: rate, line: 95 % interval", left_out(len(measured), len(shown), "pairs of spec type and model")),
        layer=[
            {
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {
                    **rows,
                    "x": {**SHARE, "field": "success_rate_low", "title": "success rate"},
                    "x2": {"field": "success_rate_high"},
                },
            },
            {
                "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1},
                "encoding": {
                    **rows,
                    "x": {**SHARE, "field": "success_rate", "title": "success rate"},
                    "tooltip": [{"field": name} for name in columns],
                },
            },
        ],
        height={"step": 14, "for": "offset"},
    )


def spec_scores(spec_quality: pd.DataFrame) -> Spec:
    """Quality score of each spec with its successes, the worst first; those to be reviewed stand out."""
    rated = spec_quality.dropna(subset=["quality_score"])
    shown = rated.nsmallest(MOST_BARS, "quality_score")
    shown = shown[["quality_score", "success_rate"]].assign(
        spec=told_apart(shown["spec_id"]),
        verdict=["to review" if is_due else "fine" for is_due in shown["needs_review"]],
        counts=[f"{good} of {n}" for good, n in zip(shown["success_count"], shown["runs_count"], strict=True)],
    )
    score = {
        "field": "quality_score",
        "type": "quantitative",
        "scale": {"domain": [0, 100]},
        "title": "quality score",
    }
    spec = {"field": "spec", "type": "nominal", "sort": None, "title": None}
    return specification(
        shown,
        "How well specs do",
        _told("worst first, with the runs that succeeded", left_out(len(rated), len(shown), "specs")),
        layer=[
            {
                "mark": {"type": "bar", "height": {"band": 0.7}},
                "encoding": {
                    "y": spec,
                    "x": score,
                    "color": {
                        "field": "verdict",
                        "type": "nominal",
                        "title": None,
                        "scale": {"domain": ["to review", "fine"], "range": [BAD, GOOD]},
                    },
                    "tooltip": [{"field": name} for name in ("spec", "quality_score", "success_rate", "counts")],
                },
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 4, "color": DARK},
                "encoding": {"y": spec, "x": score, "text": {"field": "counts"}},
            },
        ],
        height={"step": 18},
    )


def memory_use(resource_usage_profiles: pd.DataFrame) -> Spec:
    """Percentiles of memory peaks against the limit, per spec and size: those killed most often, then the fullest."""
    known = resource_usage_profiles.dropna(subset=["memory_p50_mb", "memory_limit_mb"], how="all")
    ranked = known.assign(fullness=known["memory_p95_mb"] / known["memory_limit_mb"])
    shown = ranked.sort_values(["oom_share", "fullness"], ascending=False, na_position="last").head(MOST_BARS)
    sizes = zip(shown["spec_id"], shown["memory_limit"], shown["cpu_limit"], strict=True)
    shown = shown[["memory_p50_mb", "memory_p95_mb", "memory_p99_mb", "memory_limit_mb"]].assign(
        spec=told_apart(", ".join(part for part in size if isinstance(part, str)) for size in sizes),
        killed=[
            f"{killed} of {runs} killed" if killed else ""
            for killed, runs in zip(shown["oom_runs"], shown["runs"], strict=True)
        ],
    )
    # By name: a spec whose every run was killed has no bars, and the layers that have them would put it last.
    spec = {"field": "spec", "type": "nominal", "sort": shown["spec"].tolist(), "title": None}
    median = {"field": "memory_p50_mb", "type": "quantitative", "title": "memory peak, MB", "scale": {"zero": True}}
    limit = {**median, "field": "memory_limit_mb"}
    return specification(
        shown,
        "Memory against its limit",
        _told(
            "blue: median to 95th percentile, grey: to the 99th, red: limit",
            left_out(len(known), len(shown), "sizes of specs"),
        ),
        layer=[
            {
                "mark": {"type": "bar", "height": {"band": 0.4}, "color": MUTED},
                "encoding": {"y": spec, "x": median, "x2": {"field": "memory_p99_mb"}},
            },
            {
                "mark": {"type": "bar", "height": {"band": 0.7}, "color": NEUTRAL},
                "encoding": {"y": spec, "x": median, "x2": {"field": "memory_p95_mb"}},
            },
            {"mark": {"type": "tick", "thickness": 3, "color": BAD}, "encoding": {"y": spec, "x": limit}},
            {
                "mark": {"type": "text", "align": "left", "dx": 6, "color": DARK},
                "encoding": {"y": spec, "x": limit, "text": {"field": "killed"}},
            },
        ],
        height={"step": 20},
    )


def _told(legend: str, cut: str | None) -> str:
    """How a chart is read, and what it leaves out."""
    return f"{legend}; {cut}" if cut else legend


def told_apart(names: Iterable[str]) -> list[str]:
    """Names short enough for an axis, by their ends, where paths differ; those that still look alike are numbered.

    Two rows of one name would be drawn over each other.

    >>> told_apart(["api", "specs/of/a/rather/deep/folder/of/the/api.json", "api"])
    ['api', '…rather/deep/folder/of/the/api.json', 'api (2)']
    """
    room = LONGEST_LABEL - len(" (20)")
    seen: dict[str, int] = {}
    labels = []
    for name in names:
        short = name if len(name) <= room else f"…{name[1 - room :]}"
        seen[short] = seen.get(short, 0) + 1
        labels.append(short if seen[short] == 1 else f"{short} ({seen[short]})")
    return labels
