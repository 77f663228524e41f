"""Did it help? What became of applied suggestions, what history says of all of them, and how far both can be believed.

Reads suggestions, decisions and judged runs; feeds every list of suggestions, which is published with its calibration.
"""
