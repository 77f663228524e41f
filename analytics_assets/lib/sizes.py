"""Sizes of memory and CPU: reading them, how large one has to be, and the next one that may be asked for.

MB are 2^20 bytes, so 2Gi is 2048; CPU is in thousandths of a core.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from analytics_assets.thresholds import OOM_GROWTH, OOM_STEP, USAGE_HEADROOM

MIB = 2**20
_QUANTITY = re.compile(r"^\s*(\d+(?:\.\d+)?|\.\d+)\s*(m|[kKMGTPE]i?)?\s*$")
_BYTES = {
    "": 1.0,
    **{unit: 1000.0**power for power, unit in enumerate("kMGTPE", start=1)},
    **{f"{unit}i": 1024.0**power for power, unit in enumerate("KMGTPE", start=1)},
}


def memory_mb(quantity: str) -> float:
    """A Kubernetes quantity of memory in MB.

    >>> memory_mb("2Gi"), memory_mb("1500M")
    (2048.0, 1430.511474609375)

    Raises:
        ValueError: it is no quantity of memory.
    """
    found = _QUANTITY.match(quantity)
    if found is None or (found[2] or "") not in _BYTES:
        raise ValueError(f"{quantity!r} is no size of memory: write it as 512Mi or 4Gi")
    return float(found[1]) * _BYTES[found[2] or ""] / MIB


def cpu_mcores(quantity: str) -> float:
    """A Kubernetes quantity of CPU in thousandths of a core.

    >>> cpu_mcores("2"), cpu_mcores("500m")
    (2000.0, 500.0)

    Raises:
        ValueError: it is no quantity of CPU.
    """
    found = _QUANTITY.match(quantity)
    if found is None or found[2] not in (None, "m"):
        raise ValueError(f"{quantity!r} is no size of CPU: write it as 500m or 2")
    return float(found[1]) * (1.0 if found[2] else 1000.0)


def memory_text(mb: float) -> str:
    """As Kubernetes has it: whole Gi where it is one, else Mi.

    >>> memory_text(4096), memory_text(1536)
    ('4Gi', '1536Mi')
    """
    return f"{mb / 1024:.0f}Gi" if mb % 1024 == 0 else f"{mb:.0f}Mi"


def cpu_text(mcores: float) -> str:
    """As Kubernetes has it: whole cores where it is one, else thousandths.

    >>> cpu_text(2000), cpu_text(500)
    ('2', '500m')
    """
    return f"{mcores / 1000:.0f}" if mcores % 1000 == 0 else f"{mcores:.0f}m"


@dataclass(frozen=True)
class Sizes:
    """What may be asked for, smallest first: MB of memory and thousandths of a core."""

    memory_mb: tuple[float, ...]
    cpu_mcores: tuple[float, ...]

    @classmethod
    def of(cls, memory: Sequence[str], cpu: Sequence[str]) -> Self:
        """From quantities, in any order.

        Raises:
            ValueError: one cannot be read, or there is none.
        """
        if not memory or not cpu:
            raise ValueError("name at least one size of memory and one of CPU")
        return cls(tuple(sorted(map(memory_mb, memory))), tuple(sorted(map(cpu_mcores, cpu))))


def recommended_memory_mb(p95_uncensored_mb: float | None, largest_oom_limit_mb: float | None) -> float | None:
    """How much memory runs need: max(P95 * 1.15, OOM limit * 1.2, OOM limit + 100), MB; None when nothing is known.

    The peak of a killed run stands at its limit and says only that more was needed, so it is no part of the
    percentile; the largest limit at which a run was killed is a floor of its own. After the recommenders of KRR
    (15 % above the peak) and the Kubernetes VPA (OOM: 20 % and 100 MiB more).

    >>> recommended_memory_mb(1700.0, 2048.0)
    2457.6
    >>> recommended_memory_mb(None, None) is None
    True
    """
    needs = []
    if p95_uncensored_mb is not None:
        needs.append(p95_uncensored_mb * USAGE_HEADROOM.value)
    if largest_oom_limit_mb is not None:
        needs += [largest_oom_limit_mb * OOM_GROWTH.value, largest_oom_limit_mb + OOM_STEP.value]
    return max(needs, default=None)


def next_size(need: float, sizes: Sequence[float]) -> float:
    """The smallest size that holds the need; beyond the largest one, that is doubled until it does.

    >>> next_size(2457.6, (1024, 2048, 4096)), next_size(5000, (1024, 2048, 4096))
    (4096, 8192)
    """
    largest = max(sizes)
    while largest < need:
        largest *= 2
    return min((size for size in sizes if size >= need), default=largest)
