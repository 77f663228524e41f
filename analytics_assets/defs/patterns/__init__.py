"""What deviates, and what goes with what? Each answer has its p-value among all that were asked at once, or a reason.

Reads issues, their features and weekly health; feeds the reviews and insights that people read. What costs too much
and what is at risk are the dbt models ``cost_anomalies`` and ``risk_patterns``.
"""
