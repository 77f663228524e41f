"""What may people see? The published snapshot, which everybody but the writer reads.

Reads every stage; feeds the command line, notebooks, and later the API and the dashboard.
"""
