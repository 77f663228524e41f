"""A point where there were none before."""

from __future__ import annotations

from dataclasses import dataclass

from analytics_assets.detector_thresholds import DENSITY_MOST, DENSITY_NEIGHBOURS, DENSITY_REACH, SECOND_SURPRISE
from analytics_assets.lib.detectors.series import Family, Judgement, Series
from analytics_assets.lib.detectors.tails import tail_limit
from analytics_assets.lib.detectors.windows import compressed_deviations, learned_spans, window_features
from analytics_assets.limits import Setting

PLANE = (0, 4, 5)
"""Of the figures of a window: mean, last value, last step. In eight dimensions everything is far from everything."""
LEAST_REACH = 1e-6


@dataclass(frozen=True)
class DensityDetector:
    """DBSCAN over the last value, the last step and the mean of the last points.

    A point is anomalous that no dense place of the past reaches: farther from every core point than eps (M. Ester et
    al., KDD 1996). Eps is the distance to the fifth neighbour that one in 100 of the learned points has.
    """

    name: str = "density"
    family: Family = "density"
    unit: str = "distances that a dense place reaches"
    threshold: Setting = DENSITY_REACH

    def judge(self, series: Series, first: int = 0) -> Judgement:
        """The judgement of the points from ``first`` on."""
        from sklearn.cluster import DBSCAN
        from sklearn.neighbors import NearestNeighbors

        judgement = Judgement.nothing(len(series))
        rows = window_features(compressed_deviations(series))[:, PLANE]
        neighbours = int(DENSITY_NEIGHBOURS.value)
        for learned, _, places in learned_spans(series, rows, first):
            if not len(places):
                continue
            # The newest ones, evenly thinned: distances grow with the square of the points.
            kept = learned[:: -max(1, len(learned) // int(DENSITY_MOST.value))]
            distances, _ = NearestNeighbors(n_neighbors=neighbours + 1).fit(kept).kneighbors(kept)
            reach = max(LEAST_REACH, tail_limit(distances[:, -1], SECOND_SURPRISE.value))
            core = kept[DBSCAN(eps=reach, min_samples=neighbours).fit(kept).core_sample_indices_]
            nearest, _ = NearestNeighbors(n_neighbors=1).fit(core).kneighbors(rows[places])
            judgement.score[places] = nearest[:, 0] / reach / self.threshold.value
        return judgement
