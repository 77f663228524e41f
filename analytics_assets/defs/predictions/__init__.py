"""What will it take, why is it so, and where is it next? Answers of models that beat the naive one, else the naive one.

Reads the issues with their features, and the git repository of their files; feeds the reports and the read functions.
"""
