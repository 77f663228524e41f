"""The spec quality report: ``sections`` says what it tells, ``markdown`` and ``page`` write that down."""
