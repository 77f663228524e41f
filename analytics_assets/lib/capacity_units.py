"""What a capacity is measured in, which sizes are asked for, and what more of it costs.

As sizes of runs, an MB is 2^20 bytes (``lib.sizes``). Prices are per core, GiB and Mbit/s; a unit that is none of a
resource's has no price, because a guess of a factor of 1,024 is no figure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

_CORES = {
    **dict.fromkeys(("core", "cores", "cpu", "cpus", "vcpu", "vcpus"), 1.0),
    **dict.fromkeys(("m", "mcore", "mcores", "millicore", "millicores"), 0.001),
}
_GIB = {
    **dict.fromkeys(("b", "byte", "bytes"), 2.0**-30),
    **dict.fromkeys(("k", "kb", "ki", "kib", "kilobytes"), 2.0**-20),
    **dict.fromkeys(("m", "mb", "mi", "mib", "megabytes"), 2.0**-10),
    **dict.fromkeys(("g", "gb", "gi", "gib", "gigabytes"), 1.0),
    **dict.fromkeys(("t", "tb", "ti", "tib", "terabytes"), 2.0**10),
}
_MBIT = {
    **dict.fromkeys(("kbit", "kbit/s", "kbps"), 0.001),
    **dict.fromkeys(("mbit", "mbit/s", "mbps", "megabit"), 1.0),
    **dict.fromkeys(("gbit", "gbit/s", "gbps", "gigabit"), 1_000.0),
}
PRICED: Mapping[str, Mapping[str, float]] = {"cpu": _CORES, "memory": _GIB, "disk": _GIB, "network": _MBIT}
"""Per resource, how much of what is priced a unit is."""
SIZES = 1e-30, 1e30
"""A capacity beyond is no size in any unit, and cannot be reckoned with."""
MOST_WHOLE_CORES = 2.0
"""Below so many cores a quarter of one is a size."""
_FIGURES = 2
"""Figures of a size that people ask for: 980 becomes 980, 981 becomes 990."""


def priced_amount(resource_type: str, capacity: float, unit: str | None) -> float | None:
    """The capacity in what is priced: cores, GiB or Mbit/s; None where the unit is none of the resource's.

    >>> priced_amount("memory", 16384, "MB"), priced_amount("network", 1, "GB"), priced_amount("cpu", 500, "mcores")
    (16.0, None, 0.5)
    """
    factor = PRICED.get(resource_type, {}).get((unit or "").strip().lower())
    return None if factor is None or not math.isfinite(capacity) else capacity * factor


def rounded_up(resource_type: str, capacity: float, unit: str | None) -> float:
    """The next capacity that one would ask for: whole cores, whole GiB of memory, two figures of anything else.

    >>> rounded_up("cpu", 9.2, "cores"), rounded_up("memory", 17_000, "mb"), rounded_up("disk", 1_101, "gb")
    (10.0, 17408.0, 1200.0)
    """
    amount = priced_amount(resource_type, capacity, unit)
    if amount and resource_type in ("cpu", "memory"):
        is_small = amount <= (MOST_WHOLE_CORES if resource_type == "cpu" else 1.0)
        step = (0.25 if is_small else 1.0) * capacity / amount
    elif capacity > 0:
        step = 10.0 ** (math.floor(math.log10(capacity)) - _FIGURES + 1)
    else:
        return capacity
    # A hair above a step is that step: 0.1 + 0.2 cores are no reason for more.
    return math.ceil(round(capacity / step, 9)) * step


def monthly_cost(resource_type: str, more: float, unit: str | None, prices: Mapping[str, float]) -> float | None:
    """US dollars a month for so much more capacity; None where the unit or the price is not known.

    >>> monthly_cost("disk", 200, "gb", {"disk": 0.1}), monthly_cost("disk", 200, "inodes", {"disk": 0.1})
    (20.0, None)
    """
    amount, price = priced_amount(resource_type, more, unit), prices.get(resource_type)
    return None if amount is None or price is None else amount * price
