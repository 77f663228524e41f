"""What repeats, since when, and does it still hold? The memory of the pattern engine.

Detectors say what they observe now (``observed``) and at how much they could look (``coverage``); the store gives each
observation an identity, a history and relations.
"""
