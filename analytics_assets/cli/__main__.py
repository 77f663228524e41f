"""``python -m analytics_assets.cli`` is ``analytics``."""

from analytics_assets.cli import main

main()
