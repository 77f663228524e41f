"""scikit-learn pipelines as files of skops, read only where they are made of what ours are made of.

A pickle runs what it likes when it is read. A file of skops describes what is to be built; skops builds what it knows
to be harmless, some hundreds of types. Ours are made of those below, and what holds another was not written by us.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TRUSTED = frozenset(
    {
        "builtins.dict",
        "builtins.list",
        "builtins.str",
        "builtins.tuple",
        "numpy.dtype",
        "numpy.float64",
        "numpy.ndarray",
        "numpy.random.mtrand.RandomState",
        "sklearn.compose._target.TransformedTargetRegressor",
        "sklearn.impute._base.SimpleImputer",
        "sklearn.linear_model._coordinate_descent.ElasticNet",
        "sklearn.neural_network._multilayer_perceptron.MLPRegressor",
        "sklearn.pipeline.Pipeline",
        "sklearn.preprocessing._data.MinMaxScaler",
        "sklearn.preprocessing._data.StandardScaler",
        "sklearn.svm._classes.SVR",
    }
)
"""All that a contestant's file may name."""
SCHEMA = "schema.json"


def write_pipeline(pipeline: Any, file: Path) -> None:
    """Write a fitted pipeline."""
    import skops.io

    skops.io.dump(pipeline, file)


def read_pipeline(file: Path) -> Any:
    """What ``write_pipeline`` wrote; its description is read first, so nothing is built that is not trusted.

    Raises:
        ValueError: it names a type that is not trusted, or is no such file.
        OSError: it cannot be read.
    """
    import skops.io

    try:
        with zipfile.ZipFile(file) as parts:
            named = set(_types(json.loads(parts.read(SCHEMA))))
    except (zipfile.BadZipFile, KeyError) as error:
        raise ValueError(f"{file} is no file of skops") from error
    strangers = sorted(named - TRUSTED)
    if strangers:
        raise ValueError(f"{file} holds {', '.join(strangers)}, which no model of ours is made of")
    return skops.io.load(file, trusted=sorted(TRUSTED))


def _types(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if "__class__" in node:
            yield f"{node.get('__module__')}.{node['__class__']}"
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from _types(part)
