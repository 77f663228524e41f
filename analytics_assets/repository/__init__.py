"""What the git repository of the issues' files knows of them, as of any moment.

Read-only, through the user's own git; nothing of the repository is run. ``history`` is the way in, ``RepositoryError``
the only way it fails.
"""
