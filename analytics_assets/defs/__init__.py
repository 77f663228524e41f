"""What Dagster loads: a folder per stage in reading order, then automation and platform.

A stage whose tables are all dbt models has no folder here: its models stand in ``dbt_project/models``, and
``dbt_models.py`` brings them in.
"""
