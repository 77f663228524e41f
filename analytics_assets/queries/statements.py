"""Which statements may be run on the snapshot: exactly one, and only one that reads.

This is the outer door; the connection itself is read-only, sees no other file and cannot be configured.
"""

from __future__ import annotations

import duckdb

from analytics_assets.operating_thresholds import QUERY_LENGTH
from analytics_assets.queries.errors import StatementFailedError, StatementRefusedError

# DESCRIBE, SHOW, SUMMARIZE, VALUES and FROM are SELECTs to the parser.
READING = frozenset({duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN})


def one_reading_statement(sql: str) -> duckdb.Statement:
    """The statement of ``sql``, parsed.

    Raises:
        StatementRefusedError: it is none, several, too long, or not one that reads.
        StatementFailedError: it is not SQL.
    """
    if len(sql) > QUERY_LENGTH.value:
        raise StatementRefusedError(f"the statement is longer than {QUERY_LENGTH.value:,.0f} characters")
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as problem:
        raise StatementFailedError(str(problem)) from problem
    if len(statements) != 1:
        raise StatementRefusedError(f"one statement at a time: this is {len(statements)}")
    (statement,) = statements
    if statement.type not in READING:
        raise StatementRefusedError(
            f"{statement.type.name} is refused: "
            "the snapshot is read with SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE and EXPLAIN"
        )
    return statement
