"""Whom can we rely on? Tools and agents by what they did lately.

Reads summaries; feeds suggestions and the read functions. The profiles are dbt models; what stands here judges them.
"""
