"""Who and what appears in a sample: the same few agents, specs, tools and files in every kind of record.

The models are made up, so that nothing planted here reads as a statement about a product; their prices are of
the order that providers ask.
"""

from __future__ import annotations

from dataclasses import dataclass

from analytics_assets.sample.draws import Odds

PROJECTS = Odds.even(("storefront", "ledger", "platform"))
AGENTS = Odds(
    *(("builder-1", 4.0), ("builder-2", 3.0), ("builder-3", 2.0)),
    *(("reviewer-1", 2.0), ("analyst-1", 1.5), ("operator-1", 1.0)),
)
"""Agents by how busy they are."""
TASK_TYPES = ("plan", "implement", "validate", "review")


@dataclass(frozen=True)
class Model:
    """A language model and its prices in US dollars per million tokens."""

    name: str
    uncached_input: float
    cache_read: float
    cache_write: float
    output: float


MODELS = (
    Model("sample-large", 5.00, 0.50, 6.25, 25.00),
    Model("sample-medium", 3.00, 0.30, 3.75, 15.00),
    Model("sample-small", 1.00, 0.10, 1.25, 5.00),
    Model("sample-reasoner", 4.00, 0.40, 5.00, 20.00),
)


@dataclass(frozen=True)
class Spec:
    """A spec: ``memory_mb`` is the median need of a run, ``limits`` what runs were given, with their weights."""

    id: str
    spec_type: str
    task_count: int
    complexity: float
    memory_mb: float
    limits: tuple[tuple[str, float], ...]
    cpu: str
    weight: float
    revised: bool = False

    @property
    def memory_limit(self) -> str:
        """The limit the document asks for: the one most runs were given."""
        return max(self.limits, key=lambda limit: limit[1])[0]


SPECS = (
    Spec("feature-search", "feature", 5, 6.0, 700, (("2Gi", 1.0),), "1", 1.2, revised=True),
    Spec("feature-checkout", "feature", 6, 7.5, 850, (("2Gi", 0.9), ("4Gi", 0.1)), "1", 1.1),
    Spec("feature-notifications", "feature", 4, 4.0, 600, (("1Gi", 0.2), ("2Gi", 0.8)), "500m", 0.8),
    Spec("bugfix-flaky-test", "bugfix", 3, 2.0, 400, (("1Gi", 1.0),), "500m", 1.3),
    Spec("bugfix-regression", "bugfix", 4, 3.5, 450, (("1Gi", 0.7), ("2Gi", 0.3)), "500m", 1.2, revised=True),
    Spec("bugfix-security", "bugfix", 4, 5.0, 500, (("1Gi", 1.0),), "1", 0.6),
    Spec("migration-schema", "migration", 5, 8.0, 1_300, (("4Gi", 1.0),), "2", 0.9),
    Spec("migration-framework", "migration", 6, 9.0, 1_500, (("4Gi", 1.0),), "2", 0.7),
    Spec("migration-language", "migration", 5, 8.5, 1_400, (("4Gi", 1.0),), "2", 0.5),
    Spec("analysis-cohorts", "analysis", 3, 4.5, 1_100, (("2Gi", 0.7), ("4Gi", 0.3)), "1", 0.8),
    Spec("analysis-capacity", "analysis", 3, 3.0, 800, (("2Gi", 1.0),), "1", 0.5),
    Spec("analysis-costs", "analysis", 3, 3.0, 750, (("2Gi", 1.0),), "1", 0.4),
)
SUCCESS_RATES = {"feature": 0.80, "bugfix": 0.84, "migration": 0.70, "analysis": 0.88}
"""Share of runs that succeed, by spec type."""


@dataclass(frozen=True)
class Tool:
    """A tool: medians of a call's seconds and tokens, a fee in US dollars a call, and how its calls fail."""

    name: str
    weight: float
    success_rate: float
    seconds: float
    tokens: float
    errors: tuple[str, ...]
    fee_usd: float = 0.0
    browser: bool = False


TOOLS = (
    Tool("read_file", 18, 0.995, 0.4, 1_200, ("not_found", "permission_denied")),
    Tool("edit_file", 14, 0.975, 0.8, 1_600, ("no_match", "permission_denied")),
    Tool("search_code", 12, 0.990, 1.2, 1_400, ("timeout", "bad_pattern")),
    Tool("run_shell", 13, 0.955, 6.0, 900, ("exit_code", "timeout")),
    Tool("run_tests", 10, 0.930, 40.0, 2_200, ("test_fail", "timeout")),
    Tool("web_fetch", 8, 0.970, 2.5, 2_600, ("http_error", "timeout"), browser=True),
    Tool("web_search", 5, 0.980, 1.8, 1_800, ("rate_limited", "timeout"), fee_usd=0.01),
    Tool("git_commit", 5, 0.985, 1.0, 500, ("conflict", "hook_failed")),
    Tool("open_pull_request", 3, 0.970, 2.0, 1_100, ("conflict", "rate_limited")),
    Tool("query_database", 5, 0.965, 3.0, 1_000, ("timeout", "syntax_error")),
    Tool("browse_page", 3, 0.940, 12.0, 3_200, ("timeout", "element_missing"), browser=True),
    Tool("ask_model", 4, 0.990, 9.0, 2_800, ("rate_limited", "timeout")),
)


@dataclass(frozen=True)
class Procedure:
    """A procedure of a satellite; ``seconds`` is the median of its use."""

    id: str
    weight: float
    seconds: float

    @property
    def satellite(self) -> str:
        """The satellite that holds it."""
        return self.id.split("/")[0]


PROCEDURES = (
    Procedure("github/PROC-1", 3.0, 45),
    Procedure("github/PROC-2", 2.0, 120),
    Procedure("github/PROC-3", 1.5, 90),
    Procedure("operations/PROC-1", 2.0, 60),
    Procedure("operations/PROC-2", 1.0, 240),
)


@dataclass(frozen=True)
class Pipeline:
    """A pipeline: executions on the average day, its trigger, and the median seconds of its steps, in order."""

    name: str
    per_day: float
    trigger: str
    steps: tuple[tuple[str, float], ...]
    deploys: bool = False
    needs: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Steps with those that must be done before, as its configuration declares; nothing where it declares none."""


PIPELINES = (
    Pipeline(
        "ci",
        18,
        "webhook",
        (
            *(("checkout", 8.0), ("install", 40.0), ("lint", 25.0)),
            *(("unit_tests", 120.0), ("integration_tests", 200.0), ("package", 30.0)),
        ),
        needs=(
            ("install", ("checkout",)),
            *((step, ("install",)) for step in ("lint", "unit_tests", "integration_tests")),
            ("package", ("lint", "unit_tests", "integration_tests")),
        ),
    ),
    Pipeline(
        "release",
        5,
        "manual",
        (
            *(("checkout", 8.0), ("build", 180.0), ("scan", 60.0)),
            *(("stage", 45.0), ("smoke_tests", 90.0), ("deploy", 70.0)),
        ),
        deploys=True,
        needs=(
            *(("build", ("checkout",)), ("scan", ("build",)), ("stage", ("build",)), ("smoke_tests", ("stage",))),
            ("deploy", ("smoke_tests", "scan")),
        ),
    ),
    Pipeline(
        "evaluation",
        4,
        "scheduled",
        (
            *(("checkout", 8.0), ("fetch_cases", 30.0), ("run_agents", 900.0)),
            *(("grade", 240.0), ("compare", 20.0), ("report", 15.0)),
        ),
        needs=(
            *(("fetch_cases", ("checkout",)), ("run_agents", ("fetch_cases",)), ("grade", ("run_agents",))),
            *(("compare", ("grade",)), ("report", ("compare",))),
        ),
    ),
    Pipeline(
        "infrastructure",
        3,
        "manual",
        (
            *(("checkout", 8.0), ("validate", 20.0), ("plan", 60.0)),
            *(("approve", 30.0), ("apply", 150.0), ("verify", 40.0)),
        ),
        deploys=True,
    ),
)
