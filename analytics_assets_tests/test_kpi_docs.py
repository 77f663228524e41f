"""The page on the health of the system says of every KPI what the code does."""

import re
from pathlib import Path

from analytics_assets.lib.improvements import WEIGHTS
from analytics_assets.system_kpis.definitions import GROUPS, KPIS

PAGE = (Path(__file__).parent.parent / "docs" / "kpis.md").read_text()


def test_every_kpi_has_its_row_with_formula_and_normalisation():
    told = re.findall(r"^\| (\w+) \| `(\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", PAGE, flags=re.MULTILINE)
    assert told == [(kpi.group, kpi.name, kpi.unit, kpi.formula, kpi.normalisation) for kpi in KPIS]


def test_the_weights_are_those_of_the_code():
    stated = {name: float(weight) for weight, name in re.findall(r"(0\.\d+) \((\w+)[:)]", PAGE)}
    assert stated == GROUPS | WEIGHTS


def test_the_numbers_in_the_sentences_are_those_of_the_code():
    from analytics_assets import kpi_thresholds as numbers

    sentences = " ".join(kpi.formula + " " + kpi.normalisation for kpi in KPIS)
    assert f"{numbers.KPI_WINDOW.value:.0f} hours" in sentences
    assert f"0 at {numbers.ERRORS_AT.value:.0%}".replace("%", " %") in sentences
    assert f"0 at {numbers.DOWN_AT.value:.0%}".replace("%", " %") in sentences
    assert f"0 at {numbers.FALSE_AT.value:.0%}".replace("%", " %") in sentences
    assert f"0 at {numbers.FOUND_LATE_AT.value:.0f} hours" in sentences
    assert f"0 at {numbers.LATENCY_AT.value:,.0f} ms" in sentences
    assert f"from {numbers.MIN_DECIDED.value:.0f} decisions on" in sentences
    assert f"up to {numbers.THROUGHPUT_WEEKS.value:.0f} weeks" in sentences
    assert f"last {numbers.OUTCOME_DAYS.value:.0f} days" in sentences
    assert f"last {numbers.PATTERN_DAYS.value:.0f} days" in sentences
    assert numbers.SLOW_AT.value == 2
    assert numbers.ROI_FULL_AT.value == 0.5
