"""`python -m benchmarks nab`: detectors on the Numenta Anomaly Benchmark (numenta/NAB).

Without options on its CloudWatch part, where that is in ../shared/data/nab: the ensemble, whose numbers were chosen on
these files, the consensus that the anomalies of signals are made of, and each detector. Of the
whole benchmark, or of other detectors:

    python -m benchmarks nab --data NAB/data --windows NAB/labels/combined_windows.json --results OURS
    python -m benchmarks nab --results NAB/results/numenta --windows NAB/labels/combined_windows.json

The first writes our scores in the benchmark's format (timestamp, value, anomaly_score, label: one file per file of
data, so its own scorer takes them too) and scores them; the second scores what stands in a folder.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time

import numpy as np

from analytics_assets.lib.detectors import EVERY, FAST, consensus, ensemble_scores
from analytics_assets.lib.detectors.ensemble import records
from analytics_assets.lib.detectors.series import Series
from benchmarks.nab_scoring import NabScore, Standing, Window, nab_score, standing
from benchmarks.results import Row

SHARED = Path(__file__).parents[2] / "shared" / "data" / "nab"
OURS = "analytics"
"""How our result files begin, as the benchmark's begin with the detector's name."""
WINDOWED_GAUSSIAN = 39.6
WEEK = 7 * 86_400
HEADLINES = ("ensemble", "consensus of all, HIGH", "consensus of all, anomalous")
"""What of the product runs: a second opinion of hours, and what the anomalies of signals are made of."""
WANTED = dict.fromkeys(HEADLINES, "shown: what signals' anomalies are made of") | {
    "ensemble": "above 60; its hour, memory and alarm were chosen on these files"
}
Scores = dict[str, dict[str, np.ndarray]]


@dataclass(frozen=True)
class File:
    """A file of data: as a series, and with the stamps and times that stand in it, which may repeat."""

    series: Series
    stamps: Sequence[str]
    times: np.ndarray


def nab(options: argparse.Namespace, _folder: Path) -> list[Row]:
    """The score of a folder of results, of a folder of data, or of the shared part."""
    results, data, windows = (str(getattr(options, name, None) or "") for name in ("results", "data", "windows"))
    if not windows and (results or data):
        raise SystemExit("--windows names the labelled windows: labels/combined_windows.json of the benchmark")
    if data:
        files = read_data(Path(data))
        scores = {name: ensemble_scores(file.series) for name, file in files.items()}
        if results:
            write_results(Path(results), files, scores)
        return list(_scored("files of data", scores, standings(files, read_windows(Path(windows)))))
    if results:
        files, scores = read_results(Path(results))
        return list(_scored("files of results", scores, standings(files, read_windows(Path(windows)))))
    if not SHARED.exists():
        remedy = "name a folder of the benchmark's data with --data, and its labels with --windows"
        return [Row("NAB standard score", f"not measured: {SHARED} is not there", remedy)]
    return list(_shared_part())


def _scored(what: str, scores: Mapping[str, np.ndarray], held: Mapping[str, Standing]) -> Iterable[Row]:
    best = nab_score(scores, held)
    wanted = f"above 60; the published Windowed Gaussian has {WINDOWED_GAUSSIAN} on all 58 files"
    yield Row(f"NAB standard score, {len(held)} {what}", f"{best.score:.1f}", wanted)
    yield Row("of these at the threshold", _in_words(best), "shown")


def _in_words(score: NabScore) -> str:
    found = f"{score.found} of {score.windows} windows found, {score.false_alarms} alarms outside"
    return f"{score.threshold:.4g}: {found}"


def _shared_part() -> Iterable[Row]:
    files = read_samples(SHARED / "metrics.jsonl")
    held = standings(files, read_windows(SHARED / "windows.json"))
    points, started = sum(len(file.stamps) for file in files.values()), process_time()
    for file in files.values():
        ensemble_scores(file.series)
    spent = (process_time() - started) / points
    scores = _of_detectors(files)
    names = list(held)
    halves = [{name: held[name] for name in names[start::2]} for start in (0, 1)]
    weeks = sum(len(one.window) * files[name].series.step_seconds for name, one in held.items()) / WEEK
    for detector, own in sorted(scores.items(), key=lambda item: _place(item[0])):
        best, at_own = nab_score(own, held), nab_score(own, held, 1.0)
        by_halves = " and ".join(f"{nab_score(own, half).score:.1f}" for half in halves)
        yield Row(
            f"NAB standard score, CloudWatch part ({len(held)} files): {detector}",
            f"{best.score:.1f} (halves of the files {by_halves}; at its own threshold {at_own.score:.1f})",
            WANTED.get(detector, "shown"),
        )
        yield Row(
            f"windows found and false alarms at its own threshold: {detector}",
            f"{at_own.found} of {at_own.windows}, {at_own.false_alarms / weeks:.2f} a week",
            "shown",
        )
    yield Row("time of the ensemble per point", f"{1e6 * spent:.0f} us", "a point each 5 min")


def _place(detector: str) -> int:
    """Headlines come first; the others in the order they are judged in."""
    return HEADLINES.index(detector) if detector in HEADLINES else len(HEADLINES)


def _of_detectors(files: Mapping[str, File]) -> Scores:
    """Each detector and the consensus; what does not exceed the day before has been told, as of the ensemble."""
    scores: Scores = {}
    for name, series in ((name, file.series) for name, file in files.items()):
        day = round(86_400 / series.step_seconds)
        judgements = [detector.judge(series) for detector in EVERY]
        for detector, judgement in zip(EVERY, judgements, strict=True):
            scores.setdefault(detector.name, {})[name] = records(np.nan_to_num(judgement.score), day)
        for what, count in (("fast detectors", len(FAST)), ("all", len(EVERY))):
            agreed = consensus(EVERY[:count], judgements[:count])
            for level, least in (("anomalous", 1), ("HIGH", 3)):
                told = records(np.where(agreed.level >= least, agreed.score, 0.0), day)
                scores.setdefault(f"consensus of {what}, {level}", {})[name] = told
    return scores


def read_samples(file: Path) -> dict[str, File]:
    """The series of the shared part by the name of their file."""
    rows: dict[str, list[tuple[str, float]]] = {}
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            sample = json.loads(line)
            stamp = sample["collected_at"].removesuffix("Z")
            rows.setdefault(sample["metric_tags"]["file"], []).append((stamp, sample["metric_value"]))
    return {name: _file(name, [row[0] for row in own], [row[1] for row in own]) for name, own in rows.items()}


def read_data(folder: Path) -> dict[str, File]:
    """The series of a folder of the benchmark's data, by their paths in it."""
    found = {file.relative_to(folder).as_posix(): _columns(file) for file in sorted(folder.glob("**/*.csv"))}
    return {name: _file(name, own["timestamp"], list(map(float, own["value"]))) for name, own in found.items()}


def read_results(folder: Path) -> tuple[dict[str, File], dict[str, np.ndarray]]:
    """Series and scores of a folder of results, by the paths of the data: a file name begins with the detector's."""
    files, scores = {}, {}
    for file in sorted(folder.glob("*/*.csv")):
        name = f"{file.parent.name}/{file.name.split('_', 1)[1]}"
        own = _columns(file)
        files[name] = _file(name, own["timestamp"], list(map(float, own["value"])))
        scores[name] = np.array(list(map(float, own["anomaly_score"])))
    return files, scores


def write_results(folder: Path, files: Mapping[str, File], scores: Mapping[str, np.ndarray]) -> None:
    """Scores in the benchmark's format; the label is left to its scorer."""
    for name, held in files.items():
        file = folder / Path(name).parent / f"{OURS}_{Path(name).name}"
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8", newline="") as target:
            rows = csv.writer(target)
            rows.writerow(("timestamp", "value", "anomaly_score", "label"))
            for stamp, value, score in zip(held.stamps, held.series.values, scores[name], strict=True):
                rows.writerow((stamp, repr(float(value)), f"{score:.6f}", 0))


def read_windows(file: Path) -> dict[str, list[Window]]:
    """Labelled windows by file."""
    labels = json.loads(file.read_text(encoding="utf-8"))
    return {
        name: [(np.datetime64(start[:19], "s"), np.datetime64(end[:19], "s")) for start, end in windows]
        for name, windows in labels.items()
    }


def standings(files: Mapping[str, File], windows: Mapping[str, list[Window]]) -> dict[str, Standing]:
    """What the points of each file count; a file without labels is not scored."""
    return {name: standing(files[name].times, windows[name]) for name in files if name in windows}


def _columns(file: Path) -> dict[str, list[str]]:
    with file.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    return {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}


def _file(name: str, stamps: list[str], values: list[float]) -> File:
    """A file as a series: where a clock was put back, its times go on by a second."""
    times = np.array([stamp[:19] for stamp in stamps], dtype="datetime64[s]")
    seconds = times.astype(np.int64)
    moved = np.maximum.accumulate(seconds - np.arange(len(seconds))) + np.arange(len(seconds))
    return File(Series(name, moved.astype("datetime64[s]"), np.array(values)), stamps, times)
