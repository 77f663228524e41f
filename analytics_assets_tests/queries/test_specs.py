"""Which spec is meant, and how all of them do."""

from __future__ import annotations

import pytest

from analytics_assets.queries.errors import UnknownSpecError
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets.queries.specs import find_spec, get_spec_quality
from analytics_assets_tests.queries.published import publish

DOCUMENTS = [
    {"id": "api-implementation", "path": "specs/api-impl.json"},
    {"id": "twin-1", "path": "specs/a/twin.json"},
    {"id": "twin-2", "path": "specs/b/twin.json"},
]


@pytest.fixture
def snapshot(settings):
    publish(settings, {"staging.stg_specs": DOCUMENTS, "staging.stg_runs": [{"spec_id": "wild"}, {"spec_id": "wild"}]})
    with open_snapshot(settings) as opened:
        yield opened


@pytest.mark.parametrize(
    "asked",
    ["api-implementation", "specs/api-impl.json", "api-impl.json", "data/specs/api-impl.json", "./specs/api-impl.json"],
)
def test_a_spec_is_known_by_its_id_and_by_the_path_of_its_document(snapshot, asked):
    assert find_spec(asked, snapshot) == "api-implementation"


def test_a_spec_without_a_document_is_known_by_its_runs(snapshot):
    assert find_spec("wild", snapshot) == "wild"


def test_an_end_of_a_path_that_two_documents_have_is_not_guessed_at(snapshot):
    with pytest.raises(UnknownSpecError, match="may be twin-1 or twin-2"):
        find_spec("twin.json", snapshot)
    assert find_spec("b/twin.json", snapshot) == "twin-2"


@pytest.mark.parametrize(
    ("asked", "meant"), [("api-implementatoin", "api-implementation"), ("api-imp.json", "api-impl")]
)
def test_an_unknown_spec_is_said_with_the_close_ones(snapshot, asked, meant):
    with pytest.raises(UnknownSpecError, match=meant):
        find_spec(asked, snapshot)


def test_what_is_like_nothing_is_said_without_a_guess(snapshot):
    with pytest.raises(UnknownSpecError, match="no run and no document has the spec 'zzz'"):
        find_spec("zzz", snapshot)


def test_the_least_successful_spec_comes_first_and_one_without_runs_last(settings):
    rates = {"new": None, "poor": 0.4, "good": 0.9}
    publish(settings, {"profiles.spec_quality": [{"spec_id": s, "success_rate": r} for s, r in rates.items()]})
    with open_snapshot(settings) as opened:
        assert [row["spec_id"] for row in get_spec_quality(opened)] == ["poor", "good", "new"]
