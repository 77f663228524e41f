"""The spec quality report: ``facts`` asks for what it tells, ``sections`` says it."""
