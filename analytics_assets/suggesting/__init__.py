"""What to do about runs that fail or cost too much: rules over counted evidence, and the life of what they suggest.

A rule states a ``Claim`` about runs, the claim is counted in SQL, and its posterior probability is the confidence. The
same claim is counted again on later runs by the back-test, so what was said can be held against what happened.
"""
