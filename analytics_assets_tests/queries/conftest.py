"""Published snapshots made by hand, with plain SQL."""

import json

import duckdb
import pytest

from analytics_assets.settings import Settings


class Publisher:
    """Publishes versions as a refresh does: a new file, then the pointer, in one rename."""

    def __init__(self, settings):
        self.settings = settings
        self.version = 0

    def publish(self, *statements):
        self.version += 1
        file = self.settings.published / f"snapshot-{self.version}.duckdb"
        with duckdb.connect(str(file)) as connection:
            for statement in statements:
                connection.execute(statement)
        self.point_to(self.version, file.name)
        return file

    def point_to(self, version, file):
        new = self.settings.published / "current.json.new"
        new.write_text(json.dumps({"version": version, "file": file, "published_at": f"2026-11-2{version}T00:00:00Z"}))
        new.replace(self.settings.pointer)


@pytest.fixture
def settings(tmp_path):
    made = Settings(data_dir=tmp_path)
    made.published.mkdir()
    return made


@pytest.fixture
def publisher(settings):
    return Publisher(settings)
