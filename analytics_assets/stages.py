"""The stages in reading order. A stage is a folder, an asset group, a DuckDB schema and a key prefix."""

STAGES: tuple[str, ...] = (
    "raw",
    "staging",
    "summaries",
    "profiles",
    "kpis",
    "patterns",
    "forecasts",
    "predictions",
    "suggestions",
    "outcomes",
    "publish",
)


def depth(stage: str) -> int:
    """Position of a stage in the reading order; a stage may read only what is at its own depth or before.

    Raises:
        ValueError: the name is not a stage.
    """
    return STAGES.index(stage)
