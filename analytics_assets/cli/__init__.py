"""The command line: ``analytics up | refresh | sample | ingest | schema | query | doctor | export``.

``app`` declares the commands, a few lines each; the other modules are one topic each and are tested without it.
What goes wrong is said in a sentence with its remedy; a traceback is a fault of ours.
"""


def main() -> None:
    """Entry point of the ``analytics`` script."""
    from analytics_assets.cli.app import app

    app()
