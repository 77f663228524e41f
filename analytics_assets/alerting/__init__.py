"""Early warning: which conditions warn of trouble, how bad each is, what belongs together, and when it is over.

Pure but for ``reading`` (the tables of the warehouse) and ``deciding`` (the inbox).
"""
