"""The page of the rules, as Markdown; ``docs/rules.md`` is its output."""

from __future__ import annotations

from analytics_assets.suggesting.engine import RULES
from analytics_assets.suggesting.suggestion import Level, Rule

_HEAD = """# Rules

<!-- From analytics_assets/suggesting/rules; after a change run `python -m analytics_assets.suggesting.reference`. -->

What suggestions about runs come from, over the judged runs of 30 days. HIGH needs a confidence of 0.9 and 30 runs, MED
0.75 and 10 runs; [ADR 0009](adr/0009-what-confidence-says.md) says what a confidence is. Numbers stand in
`analytics_assets/thresholds.py`, each with its reason.
"""


def markdown() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *map(_section, RULES)])


def _section(rule: Rule) -> str:
    ends = f" At most {rule.highest.value}: {rule.why_not_higher}" if rule.highest is not Level.HIGH else ""
    return "\n".join(
        [
            f"## {rule.name}",
            "",
            f"Type `{rule.type}`.{ends}",
            "",
            f"- **Example.** {rule.example}",
            f"- **Reason.** {rule.reason}",
            f"- **Remedy.** {rule.remedy}",
            "",
        ]
    )


if __name__ == "__main__":
    from pathlib import Path

    Path("docs/rules.md").write_text(markdown(), encoding="utf-8")
