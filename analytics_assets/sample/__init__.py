"""A sample of everything this project reads, with known effects planted in it and written down as the truth.

``generation`` puts it together. ``cast`` and ``causes`` say who and what appears, ``season`` when things happen,
``effects`` what is planted; each other module is one topic of records.
"""

from analytics_assets.sample.effects import ALL as EFFECTS
from analytics_assets.sample.effects import Truth
from analytics_assets.sample.generation import SampleReport, generate

__all__ = ["EFFECTS", "SampleReport", "Truth", "generate"]
