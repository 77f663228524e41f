"""Tier 1: what happened, as it was told. One table per kind of record, the ledger of files, and the quarantine.

Reads the inbox; feeds staging.
"""
