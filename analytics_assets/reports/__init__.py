"""Reports: ``Section`` is what is told, ``markdown`` and ``page`` write it down, ``figures`` has the forms of numbers.

The command line and the assets that write files both use it; what a report tells stands in a module of its own.
"""
