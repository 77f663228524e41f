"""Models that predict runs: what they learn from, how they are judged, kept and watched. Nothing here knows Dagster."""
