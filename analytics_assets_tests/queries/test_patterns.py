"""Which patterns are listed, and what is told of one."""

from __future__ import annotations

import pytest

from analytics_assets.pattern_store.observed import pattern_id
from analytics_assets.queries.errors import NotAnsweredYetError
from analytics_assets.queries.patterns import UnknownPatternError, get_decidable, get_pattern, get_patterns
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets_tests.queries.pattern_tables import FAILING, SLOW, UNSURE, publish_patterns, store
from analytics_assets_tests.queries.published import publish

ID = pattern_id("degradation", SLOW)


@pytest.fixture
def snapshot(settings):
    publish_patterns(settings, store())
    with open_snapshot(settings) as current:
        yield current


def subjects(snapshot, settings, *words, **asked):
    return {row["subject"] for row in get_patterns(*words, snapshot=snapshot, settings=settings, **asked)}


def test_what_is_less_sure_than_the_threshold_is_shown_on_request(snapshot, settings):
    assert subjects(snapshot, settings) == {SLOW, FAILING}
    assert subjects(snapshot, settings, everything=True) == {SLOW, FAILING, UNSURE}
    bold = settings.model_copy(update={"pattern_confidence_threshold": 0.4})
    assert subjects(snapshot, bold) == {SLOW, FAILING, UNSURE}


def test_patterns_are_asked_for_by_type_category_and_component(snapshot, settings):
    assert subjects(snapshot, settings, "degradation") == {SLOW}
    assert subjects(snapshot, settings, None, "error") == {FAILING}
    assert subjects(snapshot, settings, None, None, "web_fetch") == {SLOW, FAILING}
    assert subjects(snapshot, settings, None, None, "web") == set()


def test_one_is_told_with_its_classes_relations_and_history(snapshot):
    found = get_pattern(ID, snapshot)
    assert found["pattern"]["subject"] == SLOW
    assert {one["classification_type"] for one in found["classifications"]} >= {"category", "topic", "severity"}
    (relation,) = found["relationships"]
    assert (relation["relationship"], relation["temporal_offset"]) == ("follows", 7200)
    assert [one["evolution_type"] for one in found["evolution"]] == ["appeared"]
    assert f"hours.signal = '{SLOW}'" in found["evidence_sql"]
    assert found["evidence"] == []


def test_the_same_relation_is_precedes_from_its_other_end(snapshot):
    other = get_pattern(pattern_id("performance_anomaly", FAILING), snapshot)
    assert [one["relationship"] for one in other["relationships"]] == ["precedes"]


def test_the_beginning_of_an_id_is_enough_and_an_unknown_one_is_told(snapshot):
    assert get_pattern(ID[:6], snapshot)["pattern"]["id"] == ID
    with pytest.raises(UnknownPatternError, match=f"did you mean {ID}"):
        get_pattern(ID[:-1] + "zz", snapshot)
    with pytest.raises(UnknownPatternError, match="There is no pattern ''"):
        get_pattern("", snapshot)


def test_a_pattern_and_a_relation_can_be_decided_on(snapshot):
    (relation,) = get_pattern(ID, snapshot)["relationships"]
    assert get_decidable(ID, snapshot) == {"id": ID, "said": f"degradation of {SLOW}", "is_decided": False}
    assert " precedes " in get_decidable(relation["id"], snapshot)["said"]


def test_before_the_first_patterns_it_says_what_to_run(settings):
    publish(settings)
    with open_snapshot(settings) as current, pytest.raises(NotAnsweredYetError, match="analytics refresh"):
        get_patterns(snapshot=current, settings=settings)


def test_a_pattern_is_told_before_its_relations_and_history_are_there(settings):
    publish_patterns(settings, store(), without=("pattern_relationships", "pattern_evolution"))
    with open_snapshot(settings) as current:
        found = get_pattern(ID, current)
    assert (found["relationships"], found["evolution"]) == ([], [])
