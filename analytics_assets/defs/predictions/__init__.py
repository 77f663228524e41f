"""What is to be expected, and how far is it to be believed? Answers of models that beat simple ones, else of those.

Of a run, before it starts: does it fail, how long does it take, what does it cost? Of an issue: what will it take, why
is it so, where is it next? Besides, the life of the models: what they learn from, versions, trials, drift, retraining.

Reads the runs and what surrounds them, the issues with their features, and the git repository of their files; feeds the
reports, the alerts and the read functions.
"""
