"""The command line, ``analytics COMMAND``.

``app`` and ``analysis`` declare the commands, a few lines each; the other modules are one topic each.
What goes wrong is said in a sentence with its remedy; a traceback is a fault of ours.
"""


def main() -> None:
    """Entry point of the ``analytics`` script."""
    from analytics_assets.cli.app import app

    app()
