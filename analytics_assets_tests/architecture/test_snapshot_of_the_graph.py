"""The graph as text, committed: a change of it is seen in review.

After a wanted change: ``python -m analytics_assets_tests.architecture.test_snapshot_of_the_graph``.
"""

from pathlib import Path

from analytics_assets.definitions import defs

SNAPSHOT = Path(__file__).with_name("graph.txt")


def drawn() -> str:
    repository = defs().get_repository_def()
    graph = repository.asset_graph
    lines = []
    for key in sorted(graph.materializable_asset_keys):
        node = graph.get(key)
        reads = ", ".join(parent.to_user_string() for parent in sorted(node.parent_keys))
        lines.append(f"{key.to_user_string()} <- {reads or 'the inbox'}")
        lines += [f"    {'!' if graph.get(check).blocking else '?'} {check.name}" for check in sorted(node.check_keys)]
    lines += [f"job {job.name}" for job in sorted(repository.get_all_jobs(), key=lambda job: job.name)]
    lines += [f"schedule {s.name} {s.cron_schedule}" for s in sorted(repository.schedule_defs, key=lambda s: s.name)]
    lines += [f"sensor {s.name}" for s in sorted(repository.sensor_defs, key=lambda s: s.name)]
    return "\n".join(lines) + "\n"


def test_the_graph_is_the_one_that_was_reviewed():
    assert drawn() == SNAPSHOT.read_text(encoding="utf-8")


if __name__ == "__main__":
    SNAPSHOT.write_text(drawn(), encoding="utf-8")
