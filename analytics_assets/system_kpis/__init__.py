"""How well does the whole do? Sixteen KPIs in four groups, each with its number and its score, and one health score.

``definitions`` states each KPI and how it is scored; ``performance``, ``detection``, ``optimization`` and ``learning``
measure the four groups from plain rows; ``reading`` gets these from the warehouse; ``scoring`` makes a day's rows.
"""
