"""Measurements that tests must not make: run with `make bench`, written to RESULTS.md."""
