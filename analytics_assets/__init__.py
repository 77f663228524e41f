"""Lineage, summaries, profiles, forecasts and suggestions from the logs of automated runs."""
