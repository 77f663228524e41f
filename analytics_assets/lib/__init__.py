"""Pure functions by topic: frames and numbers in, frames and numbers out.

Nothing here opens a file or a database, and only ``verdicts`` knows Dagster. Prophet, vl-convert and Dagster
are imported inside the functions that need them, because importing any of them costs more than most calls.
"""
