"""`make bench`: measure what DESIGN promises and write benchmarks/RESULTS.md.

python -m benchmarks [PART ...] [--records N] [--history N ...] [--kills N] [--worlds N]
python -m benchmarks nab --results FOLDER --windows FILE      the NAB score of anybody's results
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from benchmarks import measure, results
from benchmarks.alerts import alerts
from benchmarks.calibration import calibration
from benchmarks.capacity_planning import capacity_planning
from benchmarks.detectors import detectors
from benchmarks.failure_models import failure_models
from benchmarks.forecasting import forecasting
from benchmarks.issue_models import issue_models
from benchmarks.issue_patterns import issue_patterns
from benchmarks.leads import leads_and_events
from benchmarks.mining import mining
from benchmarks.nab import nab
from benchmarks.performance_models import performance_models
from benchmarks.pipeline_patterns import pipeline_patterns
from benchmarks.signals import signals

PARTS: dict[str, Callable[[argparse.Namespace, Path], list[results.Row]]] = {
    "load": measure.definitions_load,
    "ingest": measure.ingest_ratio,
    "flatness": measure.refresh_flatness,
    "latency": measure.landed_to_published,
    "crash": measure.crash_safety,
    "calibration": calibration,
    "issue_models": issue_models,
    "issue_patterns": issue_patterns,
    "nab": nab,
    "detectors": detectors,
    "signals": signals,
    "leads_and_events": leads_and_events,
    "mining": mining,
    "pipeline_patterns": pipeline_patterns,
    "capacity_planning": capacity_planning,
    "failure_models": failure_models,
    "performance_models": performance_models,
    "forecasting": forecasting,
    "alerts": alerts,
}


def main() -> None:
    """Run the named parts, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="which to run; all by default")
    parser.add_argument("--records", type=int, default=5_000_000, help="executions of the ingest part")
    parser.add_argument("--history", type=int, nargs="+", default=[1_000_000, 10_000_000], help="records of history")
    parser.add_argument("--kills", type=int, default=200, help="kills of the crash part")
    parser.add_argument("--landings", type=int, default=20, help="files of the latency part")
    parser.add_argument("--worlds", type=int, default=2_000, help="worlds of the calibration part")
    parser.add_argument("--seeds", type=int, default=200, help="seeds of the issue_models part")
    parser.add_argument("--data", help="nab: folder of the benchmark's data, to score our detectors on")
    parser.add_argument("--results", help="nab: folder of results, one csv a file, to score or to write")
    parser.add_argument("--windows", help="nab: the labelled windows that go with --data or --results")
    options = parser.parse_args()
    console = Console()
    for name in options.parts or PARTS:
        console.rule(name)
        with tempfile.TemporaryDirectory(prefix="analytics-bench-") as folder:
            rows = PARTS[name](options, Path(folder))
        for row in rows:
            console.print(f"{row.what}: [bold]{row.measured}[/bold] (wanted: {row.wanted})")
        results.record(name, rows)
    console.print(f"written to {results.FILE}")


if __name__ == "__main__":
    main()
