"""The warehouse: opening it, filling it from the inbox, keeping it small, publishing it.

Only Dagster runs write here, one at a time; readers use the published snapshot (``analytics_assets.queries``).
"""
