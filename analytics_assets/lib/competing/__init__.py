"""Forecasts of one series by competition: several methods look back, and who was closer looks ahead.

Contestants (``methods``): the seasonal naive forecast, which is the bar, and that of the week before; Prophet;
AutoARIMA, AutoETS, MSTL and dynamic theta of statsforecast; and ``weighted``, the combination of the closest three. A
look back (``backtest``) ends at one of a few origins, and every method knows only what was before it. Gaps are filled
for fitting and never scored (``series``). How wrong is measured relative to the bar, by MASE and sMAPE alike, by MASE
alone where outcomes are often 0 (``scoring``); the combination forecasts unless one method was closer by far, or the
bar was (``weighing``). The band is what the winner was off by in the looks (``bands``). What is forecast was seen by no
choice.
"""

from analytics_assets.lib.competing.backtest import Bounds
from analytics_assets.lib.competing.bands import Band
from analytics_assets.lib.competing.contest import (
    INSUFFICIENT,
    Contest,
    Entry,
    Score,
    answer_by,
    compete,
    forecast_by,
    judge,
)
from analytics_assets.lib.competing.many import judge_all
from analytics_assets.lib.competing.methods import METHODS, NAIVE
from analytics_assets.lib.competing.series import Frequency
from analytics_assets.lib.competing.weighing import WEIGHTED

__all__ = [
    "INSUFFICIENT",
    "METHODS",
    "NAIVE",
    "WEIGHTED",
    "Band",
    "Bounds",
    "Contest",
    "Entry",
    "Frequency",
    "Score",
    "answer_by",
    "compete",
    "forecast_by",
    "judge",
    "judge_all",
]
