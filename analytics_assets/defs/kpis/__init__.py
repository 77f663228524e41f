"""How are we doing? Figures that people watch, with their costs.

Reads summaries and profiles; feeds patterns, forecasts and the read functions. ``usage_and_costs`` is a dbt model.
"""
