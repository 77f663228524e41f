"""Parts of the sentences that rules say."""

from __future__ import annotations

from collections.abc import Iterable


def count_of(part: int, whole: int) -> str:
    """35 of 47 runs (74 %), as in the sentences.

    >>> count_of(35, 47), count_of(0, 1)
    ('35 of 47 runs (74 %)', '0 of 1 run (0 %)')
    """
    share = f" ({100 * part / whole:.0f} %)" if whole else ""
    return f"{part} of {plural(whole, 'run')}{share}"


def plural(number: int, word: str) -> str:
    """A number with its noun.

    >>> plural(1, "run"), plural(1200, "run")
    ('1 run', '1,200 runs')
    """
    return f"{number:,} {word}" + ("" if number == 1 else "s")


MOST_DIGITS = 1e15
"""Numbers of more digits are told as powers of ten: floats have no more, and tables no room."""


def figures(value: float, form: str = ",.0f") -> str:
    """A number in a format; one of more than 15 digits as a power of ten.

    >>> figures(1200), figures(1e308), figures(-2e20, ".0f")
    ('1,200', '1e+308', '-2e+20')
    """
    return f"{value:{form}}" if abs(value) < MOST_DIGITS else f"{value:.3g}"


def percent(share: float) -> str:
    """A share as a whole number of hundredths.

    >>> percent(0.745)
    '74 %'
    """
    return f"{figures(100 * share, '.0f')} %"


def between(low: float, high: float) -> str:
    """The two ends of an interval of shares.

    >>> between(0.6, 0.854)
    '60 to 85 %'
    """
    return f"{figures(100 * low, '.0f')} to {percent(high)}"


def money(usd: float) -> str:
    """US dollars, small ones to three figures.

    >>> money(12.5), money(0.0123)
    ('$12.50', '$0.0123')
    """
    return f"${figures(usd, ',.2f')}" if abs(usd) >= 1 else f"${usd:.3g}"


def grouped(named: Iterable[tuple[str, str]]) -> str:
    """Names, each with what is said of it; what is the same of several is said once.

    >>> grouped([("A", "2.0"), ("B", "2.0"), ("C", "1.5")])
    'A, B (each 2.0); C (1.5)'
    """
    together: dict[str, list[str]] = {}
    for name, said in named:
        together.setdefault(said, []).append(name)
    return "; ".join(
        f"{', '.join(names)} ({'each ' if len(names) > 1 else ''}{said})" for said, names in together.items()
    )
