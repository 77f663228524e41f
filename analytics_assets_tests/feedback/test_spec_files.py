"""The document of a spec is found or it is said why not, and it is replaced whole or not at all."""

from __future__ import annotations

import re

import pytest

from analytics_assets.feedback import spec_files
from analytics_assets.feedback.spec_files import SpecFileError, find, read_folder, replace
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.inbox import scan
from analytics_assets.warehouse.ingest import ingest
from analytics_assets_tests.feedback.conftest import DOCUMENT


def write(settings, name, content):
    path = settings.specs / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refused(settings, spec_id, *words):
    with pytest.raises(SpecFileError) as caught:
        find(settings, spec_id)
    said = f"{caught.value} {caught.value.remedy or ''}"
    assert [word for word in words if word not in said] == []


def test_a_document_is_found_by_its_id_wherever_it_lies(spec, settings):
    found = find(settings, "api-impl")
    assert (found.name, found.path, found.content) == ("team/api.json", spec.path, DOCUMENT)


def test_its_fingerprint_is_the_one_that_the_warehouse_computes(spec, settings):
    with connect(settings) as con:
        ingest(con, settings)
        rows = con.execute("select id, fingerprint, path from raw.specs").fetchall()
    assert rows == [("api-impl", spec.fingerprint, "specs/team/api.json")]


@pytest.mark.usefixtures("spec")
def test_two_documents_with_one_id_are_both_named(settings):
    write(settings, "copy.json", '{"id": "api-impl"}')
    refused(settings, "api-impl", "copy.json", "team/api.json", "same id")


@pytest.mark.parametrize(
    ("content", "reason"),
    [("{", "is not JSON"), ("[]", "is not a JSON object"), (b"\xff\xfe{\x00", "is not UTF-8"), ("", "is not JSON")],
)
def test_a_document_that_cannot_be_read_is_named_with_the_reason(settings, content, reason):
    write(settings, "broken.json", content)
    refused(settings, "broken", "broken.json", reason, "Mend")
    refused(settings, "other", "No document", "'other'", "broken.json")
    assert list(read_folder(settings).problems) == ["broken.json"]


def test_without_a_document_it_is_said_where_to_put_it(settings):
    refused(settings, "x", "No document", str(settings.specs))


def test_unfinished_names_are_left_alone_as_the_inbox_does(spec, settings):
    for name in (".hidden.json", "new.json.tmp", "a~", ".git/x.json"):
        write(settings, name, '{"id": "api-impl"}')
    assert find(settings, "api-impl").path == spec.path
    assert [file.name for file in scan(settings)] == ["specs/team/api.json"]


def test_a_link_out_of_the_folder_is_not_followed(settings, tmp_path):
    outside = tmp_path / "outside.json"
    outside.write_text('{"id": "x"}')
    settings.specs.mkdir()
    (settings.specs / "x.json").symlink_to(outside)
    refused(settings, "x", "leads out of the folder", str(outside))


def test_a_link_within_the_folder_is_the_document_it_leads_to(spec, settings):
    (settings.specs / "z.json").symlink_to(spec.path)
    (settings.specs / "again").symlink_to(spec.path.parent)
    (settings.specs / "team" / "round").symlink_to(settings.specs)
    found = find(settings, "api-impl")
    replace(settings, found, b'{"id": "api-impl"}')
    assert spec.path.read_bytes() == b'{"id": "api-impl"}'
    assert (settings.specs / "z.json").is_symlink()


def test_a_specs_folder_that_is_itself_a_link_is_a_folder(settings, tmp_path):
    (tmp_path / "repository").mkdir()
    settings.specs.symlink_to(tmp_path / "repository")
    write(settings, "x.json", '{"id": "x"}')
    assert find(settings, "x").path == tmp_path / "repository" / "x.json"


def test_a_replaced_document_keeps_its_mode_and_nothing_is_left_beside_it(spec, settings):
    spec.path.chmod(0o640)
    replace(settings, find(settings, "api-impl"), b"{}")
    assert spec.path.read_bytes() == b"{}"
    assert spec.path.stat().st_mode & 0o777 == 0o640
    assert list(spec.path.parent.iterdir()) == [spec.path]


def test_a_document_that_was_changed_since_it_was_read_is_left_alone(spec, settings):
    found = find(settings, "api-impl")
    spec.path.write_bytes(DOCUMENT + b" ")
    with pytest.raises(SpecFileError, match="was changed a moment ago"):
        replace(settings, found, b"{}")
    assert spec.path.read_bytes() == DOCUMENT + b" "
    assert list(spec.path.parent.iterdir()) == [spec.path]


@pytest.mark.parametrize("place", ["file", "folder"])
def test_a_read_only_place_is_named_with_its_mode_and_the_remedy(spec, settings, place):
    found = find(settings, "api-impl")
    where = spec.path if place == "file" else spec.path.parent
    where.chmod(0o555)
    try:
        with pytest.raises(SpecFileError, match=re.escape("r-xr-xr-x")) as caught:
            replace(settings, found, b"{}")
    finally:
        where.chmod(0o755)
    assert f"{place} {where} is read-only" in str(caught.value)
    assert caught.value.remedy == f"chmod u+w {where}"
    assert spec.path.read_bytes() == DOCUMENT


def test_a_refusal_of_the_system_leaves_the_document_and_says_why(spec, settings, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(spec_files.os, "replace", refuse)
    with pytest.raises(SpecFileError, match=r"cannot be written: Permission denied\. It is as it was"):
        replace(settings, find(settings, "api-impl"), b"{}")
    assert spec.path.read_bytes() == DOCUMENT
    assert list(spec.path.parent.iterdir()) == [spec.path]


def test_a_file_system_that_cannot_promise_to_keep_the_rename_has_renamed_all_the_same(spec, settings, monkeypatch):
    def refuse(_):
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(spec_files, "sync_folder", refuse)
    replace(settings, find(settings, "api-impl"), b"{}")
    assert spec.path.read_bytes() == b"{}"


def test_a_journal_that_cannot_be_written_leaves_the_document(spec, settings):
    settings.journal.write_text("a file where the folder should be")
    with pytest.raises(SpecFileError, match="It is as it was") as caught:
        replace(settings, find(settings, "api-impl"), b"{}")
    assert str(settings.journal) in caught.value.remedy
    assert spec.path.read_bytes() == DOCUMENT
