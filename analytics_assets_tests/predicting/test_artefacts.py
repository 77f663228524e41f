"""Files of models: whole, unchanged and plain, or not read at all."""

from __future__ import annotations

import hashlib
import json
import pickle
from pathlib import Path

import pytest

from analytics_assets.predicting import artefacts
from analytics_assets.predicting.artefacts import ArtefactError
from analytics_assets.predicting.purposes import PURPOSES
from analytics_assets.settings import Settings
from analytics_assets_tests.predicting.stand_in import STAND_IN, Rates

NAME, MODEL = "failure_risk", Rates(0.25, 0.75)


class Evil:
    """Leaves a mark where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return (Path.touch, (self.mark,))


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setitem(PURPOSES, NAME, STAND_IN)
    return Settings(data_dir=tmp_path)


@pytest.fixture
def saved(settings):
    return artefacts.save(settings, MODEL, NAME, "v1")


def read(settings, saved):
    return artefacts.load(settings, NAME, saved.path, saved.sha256)


def test_what_was_saved_is_loaded(settings, saved):
    assert saved.path == "failure_risk/v1"
    assert read(settings, saved) == MODEL
    assert artefacts.problem(settings, *saved) is None


def test_the_hash_is_that_of_the_manifest_which_has_that_of_each_file(settings, saved):
    folder = settings.models / saved.path
    manifest = (folder / "manifest.json").read_bytes()
    assert hashlib.sha256(manifest).hexdigest() == saved.sha256
    assert json.loads(manifest) == {"rates.json": hashlib.sha256((folder / "rates.json").read_bytes()).hexdigest()}


def test_a_version_is_never_overwritten(settings, saved):
    with pytest.raises(ArtefactError, match="never changes"):
        artefacts.save(settings, Rates(0, 1), NAME, "v1")
    assert read(settings, saved) == MODEL


@pytest.mark.parametrize("file", ["rates.json", "manifest.json"])
def test_a_changed_byte_is_noticed_in_words_with_a_remedy(settings, saved, file):
    path = settings.models / saved.path / file
    path.write_bytes(path.read_bytes()[:-1] + b" ")
    with pytest.raises(ArtefactError, match=f"{file} is not what was written") as caught:
        read(settings, saved)
    assert "--rollback --yes" in caught.value.remedy


@pytest.mark.parametrize("file", ["rates.json", "manifest.json"])
def test_a_lost_file_is_named(settings, saved, file):
    (settings.models / saved.path / file).unlink()
    with pytest.raises(ArtefactError, match=f"{file} cannot be read: No such file"):
        read(settings, saved)


def test_a_pickle_in_place_of_a_file_is_refused_and_never_run(settings, saved, tmp_path):
    mark = tmp_path / "mark"
    (settings.models / saved.path / "rates.json").write_bytes(pickle.dumps(Evil(mark)))
    with pytest.raises(ArtefactError, match=r"rates\.json is not what was written"):
        read(settings, saved)
    assert not mark.exists()


def test_a_pickle_is_not_run_even_where_all_hashes_say_that_it_belongs_there(settings, tmp_path):
    mark, folder = tmp_path / "mark", settings.models / NAME / "v1"
    for file, why in (("rates.json", "cannot be read as a model"), ("rates.pkl", "of a kind that is not read")):
        folder.mkdir(parents=True)
        content = pickle.dumps(Evil(mark))
        (folder / file).write_bytes(content)
        manifest = json.dumps({file: hashlib.sha256(content).hexdigest()}).encode()
        (folder / "manifest.json").write_bytes(manifest)
        with pytest.raises(ArtefactError, match=why):
            artefacts.load(settings, NAME, "failure_risk/v1", hashlib.sha256(manifest).hexdigest())
        artefacts.remove(settings, "failure_risk/v1")
    assert not mark.exists()


@pytest.mark.parametrize("purpose", list(PURPOSES))
def test_a_real_model_refuses_a_pickle_as_well(settings, tmp_path, monkeypatch, purpose):
    monkeypatch.undo()
    mark, folder = tmp_path / "mark", settings.models / purpose / "v1"
    folder.mkdir(parents=True)
    files = {file: pickle.dumps(Evil(mark)) for file in ("model.json", "forest.json", "boosted.json", "pipeline.skops")}
    for file, content in files.items():
        (folder / file).write_bytes(content)
    manifest = json.dumps({file: hashlib.sha256(content).hexdigest() for file, content in files.items()}).encode()
    (folder / "manifest.json").write_bytes(manifest)
    with pytest.raises(ArtefactError, match="cannot be read as a model"):
        artefacts.load(Settings(data_dir=tmp_path), purpose, f"{purpose}/v1", hashlib.sha256(manifest).hexdigest())
    assert not mark.exists()


def test_a_model_that_writes_another_kind_of_file_is_not_kept(settings):
    class Pickled(Rates):
        def save(self, folder):
            (folder / "model.pkl").write_bytes(b"")

    with pytest.raises(ArtefactError, match=r"model\.pkl: such a file is not read"):
        artefacts.save(settings, Pickled(0, 1), NAME, "v1")
    assert not (settings.models / NAME / "v1").exists()


def test_a_file_that_no_training_wrote_is_told(settings, saved):
    (settings.models / saved.path / "more.json").write_text("{}")
    with pytest.raises(ArtefactError, match=r"more\.json, which no training wrote"):
        read(settings, saved)


def test_a_link_to_elsewhere_is_not_followed(settings, saved, tmp_path):
    path = settings.models / saved.path / "rates.json"
    path.rename(tmp_path / "rates.json")
    path.symlink_to(tmp_path / "rates.json")
    with pytest.raises(ArtefactError, match="of a kind that is not read"):
        read(settings, saved)


@pytest.mark.parametrize("path", ["../v1", "failure_risk/../v1", "/etc", "failure_risk", "failure_risk/v1/.."])
def test_a_path_leads_nowhere_else(settings, saved, path):
    with pytest.raises(ArtefactError, match="is no version"):
        artefacts.load(settings, NAME, path, saved.sha256)


@pytest.mark.parametrize(
    "path", ["../keep", "keep", "failure_risk", "failure_risk/../../keep", "", "../keep/v1", "x/v1"]
)
def test_nothing_but_a_version_is_removed(settings, saved, path):
    keep = settings.models.parent / "keep"
    (keep / "v1").mkdir(parents=True)
    (settings.models / "x").symlink_to(keep)
    with pytest.raises(ArtefactError, match="is no version"):
        artefacts.remove(settings, path)
    assert (keep / "v1").is_dir()
    assert read(settings, saved) == MODEL


def test_a_version_of_another_model_is_not_read_as_one_of_this(settings, saved):
    with pytest.raises(ArtefactError, match="failure_risk/v1 is no version of run_cost"):
        artefacts.load(settings, "run_cost", saved.path, saved.sha256)


def test_the_next_version_is_beyond_what_a_killed_training_left_and_that_is_swept(settings, saved):
    folder = settings.models / NAME
    for left in ("v2", "v3.unfinished", "notes"):
        (folder / left).mkdir()
    assert artefacts.next_version(settings, NAME, ["v1"]) == "v4"
    assert artefacts.sweep(settings, NAME, ["v1"]) == ["v2", "v3.unfinished"]
    assert sorted(one.name for one in folder.iterdir()) == ["notes", "v1"]
    assert read(settings, saved) == MODEL


def test_a_save_that_was_killed_on_the_way_is_no_version(settings):
    class Killed(Rates):
        def save(self, folder):
            super().save(folder)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        artefacts.save(settings, Killed(0, 1), NAME, "v1")
    assert not (settings.models / NAME / "v1").exists()
    assert artefacts.load(settings, NAME, *artefacts.save(settings, MODEL, NAME, "v1")) == MODEL


def test_removing_twice_is_no_error(settings, saved):
    artefacts.remove(settings, saved.path)
    artefacts.remove(settings, saved.path)
    assert artefacts.next_version(settings, NAME, ["v1"]) == "v2"
