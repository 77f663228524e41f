"""What should be done? Suggestions about runs with their evidence, and what of them is written into the specs.

Reads staging and profiles; feeds the outcomes, the spec documents and proposals. Recommendations about tools are
the dbt model ``tool_recommendations``.
"""
