"""What can go wrong with a question, each in words that say what to do."""


class QueryError(Exception):
    """A question that got no answer."""


class NoSnapshotError(QueryError):
    """Nothing is published yet, or what is published is gone."""


class NotAnsweredYetError(QueryError):
    """The snapshot lacks a table that the answer is made of."""


class StatementRefusedError(QueryError):
    """The statement is not one that reads."""


class StatementFailedError(QueryError):
    """DuckDB could not answer the statement."""


class TimeLimitError(QueryError):
    """The answer took longer than it may."""


class UnknownSpecError(QueryError):
    """No run and no document has the spec."""
