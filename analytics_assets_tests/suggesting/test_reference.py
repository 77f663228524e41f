"""The page of the rules says what the rules say."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics_assets.suggesting.engine import RULES
from analytics_assets.suggesting.reference import markdown
from analytics_assets.suggesting.suggestion import Level


def test_the_page_is_current():
    page = Path(__file__).parents[2] / "docs" / "rules.md"
    assert page.read_text() == markdown(), "run `python -m analytics_assets.suggesting.reference`"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_that_ends_below_high_says_why(rule):
    assert bool(rule.why_not_higher) == (rule.highest is not Level.HIGH)
    assert all((rule.example, rule.reason, rule.remedy))


def test_names_of_rules_are_unique():
    assert len({rule.name for rule in RULES}) == len(RULES)
