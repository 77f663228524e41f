"""The interval and the levels in SQL are those of ``lib.rates`` and of ADR 0002, for every small count."""

from __future__ import annotations

import pytest

from analytics_assets.lib.rates import wilson_interval
from analytics_assets_tests.dbt_project.conftest import start_over

MOST = 40
RATES = (
    "select s, n, {{ rate('s', 'n') }} as rate, {{ confidence_level('s', 'n') }} as level, "
    "{{ wilson_low('s', 'n') }} as low, {{ wilson_high('s', 'n') }} as high "
    f"from range({MOST + 1}) as a(n), range({MOST + 1}) as b(s) where s <= n"
)


@pytest.fixture(scope="module")
def rates(dbt_session):
    empty = start_over(dbt_session)
    empty.ingest()
    compiled = empty.dbt("compile", "--inline", RATES)
    assert compiled.success, compiled.exception
    rows = empty.rows(compiled.result.results[0].node.compiled_code)
    return {(row["s"], row["n"]): row for row in rows}


def test_every_interval_is_that_of_the_library(rates):
    assert len(rates) == (MOST + 1) * (MOST + 2) // 2
    for (successes, n), row in rates.items():
        interval = wilson_interval(successes, n)
        if interval is None:
            assert (row["rate"], row["low"], row["high"]) == (None, None, None)
        else:
            assert (row["low"], row["high"]) == pytest.approx(tuple(interval), abs=1e-12)
            assert 0 <= row["low"] <= row["rate"] <= row["high"] <= 1


def test_every_level_is_that_of_the_decision(rates):
    for (successes, n), row in rates.items():
        if n == 0:
            level = None
        elif n >= 10 and successes * 100 >= 95 * n:
            level = "HIGH"
        elif n >= 5 and successes * 100 < 80 * n:
            level = "LOW"
        else:
            level = "MEDIUM"
        assert row["level"] == level, (successes, n)
