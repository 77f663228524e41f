"""The two readings of a contract, SQL and line by line, take the same records and give the same rows."""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics_assets.contracts import CONTRACTS, Contract, Field, Type
from analytics_assets.contracts.entry import canonical, rejections
from analytics_assets.contracts.line import parse_line
from analytics_assets.contracts.model import Choice, Identity, choice, fold, text
from analytics_assets.contracts.rejection import RejectedError
from analytics_assets.contracts.values import BLANKS
from analytics_assets.settings import Settings
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.ingest import ingest

_blank = st.text(st.sampled_from(BLANKS), min_size=1, max_size=3)
_text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
_junk = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), _text, st.lists(st.integers(), max_size=2),
    st.dictionaries(_text, st.integers(), max_size=2), st.just(""), st.just("1e3"), st.just("Yes"), st.just("NaN"),
    _blank,
)  # fmt: skip
_moments = st.datetimes(datetime(1970, 1, 2), datetime(2026, 1, 1)).flatmap(
    lambda moment: st.sampled_from(
        [
            moment.isoformat() + "Z",
            moment.isoformat() + "+05:30",
            moment.isoformat(sep=" ") + "-0130",
            moment.replace(tzinfo=UTC).timestamp(),
            str(int(moment.replace(tzinfo=UTC).timestamp())),
            int(moment.replace(tzinfo=UTC).timestamp() * 1000),
            moment.isoformat(),
            moment.date().isoformat(),
        ]
    )
)


def _values(field: Field) -> st.SearchStrategy:
    match field.type:
        case Type.TEXT:
            return _text
        case Type.INT:
            return st.integers(0, 5)
        case Type.REAL:
            return st.floats(0, 100)
        case Type.BOOL:
            return st.booleans()
        case Type.TIME:
            return _moments
        case Type.CHOICE:
            return st.sampled_from([*field.choice.values, *field.choice.synonyms])
        case Type.TEXTS:
            return st.lists(_text, max_size=3)
        case _:
            return st.dictionaries(_text, _text, max_size=3)


def _records(contract: Contract) -> st.SearchStrategy:
    required = {f.name: _values(f) for f in contract.fields if f.required}
    optional = {f.name: st.one_of(_values(f), st.none()) for f in contract.fields if not f.required}
    good = st.fixed_dictionaries(required, optional=optional)
    spoilt = st.tuples(good, st.sampled_from([f.name for f in contract.fields]), _junk).map(
        lambda parts: parts[0] | {parts[1]: parts[2]}
    )
    return st.one_of(good, good, spoilt)


def _lenient_only_in_sql(contract: Contract, record: dict) -> bool:
    """The one stated difference: DuckDB's reader takes true and false for 1 and 0 in a number field."""
    return any(f.type in (Type.INT, Type.REAL) and isinstance(record.get(f.name), bool) for f in contract.fields)


def _rows(kind: str, line: str, folder: Path, *, spoil_fast_path: bool) -> list[tuple]:
    options = Settings(data_dir=folder, settle_seconds=0)
    target = options.inbox / kind / "a.jsonl"
    target.parent.mkdir(parents=True)
    target.write_text(line + "\n" + ("oops\n" if spoil_fast_path else ""), encoding="utf-8")
    columns = ", ".join(f'"{f.column}"' for f in CONTRACTS[kind].fields)
    with connect(options) as con:
        ingest(con, options)
        return con.execute(f"select {columns}, extra from raw.{kind}").fetchall()


@pytest.mark.parametrize("kind", ["runs", "executions", "issues", "metrics", "events", "tasks"])
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
def test_both_readings_agree(kind, data):
    record = data.draw(_records(CONTRACTS[kind]).filter(lambda r: not _lenient_only_in_sql(CONTRACTS[kind], r)))
    line = json.dumps(record, ensure_ascii=False)
    with tempfile.TemporaryDirectory() as fast, tempfile.TemporaryDirectory() as slow:
        assert _rows(kind, line, Path(fast), spoil_fast_path=False) == _rows(
            kind, line, Path(slow), spoil_fast_path=True
        )


@settings(max_examples=200, deadline=None, derandomize=True)
@given(line=st.one_of(st.binary(max_size=60), _junk.map(lambda value: json.dumps(value).encode())))
def test_any_line_is_taken_or_refused_and_nothing_else(line):
    with contextlib.suppress(RejectedError):
        assert isinstance(canonical(CONTRACTS["executions"], parse_line(line), now=datetime(2026, 1, 1)), dict)


def test_a_rejection_names_field_reason_and_remedy():
    record = {"execution_id": "e", "tool_name": "t", "success": True, "started_at": "2026-01-05T10:20:30"}
    with pytest.raises(RejectedError) as caught:
        canonical(CONTRACTS["executions"], record, now=datetime(2026, 2, 1))
    assert caught.value.field == "started_at"
    assert "no time zone" in caught.value.reason
    assert "Z for UTC" in caught.value.remedy


ISSUE = {
    "id": "A-1", "issue": "Too long", "category": "agents", "priority": 1, "first_seen": "2026-01-05", "status": "OPEN",
}  # fmt: skip
PIPELINE = {
    "id": "p", "pipeline_name": "build", "started_at": "2026-01-05T10:20:30Z", "status": "completed",
    "trigger_type": "manual", "steps": [{"step_name": "test", "step_order": 1, "status": "completed"}],
}  # fmt: skip


@pytest.mark.parametrize("given", ["", " ", " \t\u3000\xa0", "\x85"])
@pytest.mark.parametrize("field", ["id", "issue", "category", "status"])
def test_a_required_text_that_is_blank_is_missing_in_both_readings(tmp_path, field, given):
    line = json.dumps(ISSUE | {field: given})
    assert _rows("issues", line, tmp_path / "fast", spoil_fast_path=False) == []
    assert _rows("issues", line, tmp_path / "slow", spoil_fast_path=True) == []
    with pytest.raises(RejectedError, match="but it is required"):
        canonical(CONTRACTS["issues"], ISSUE | {field: given}, now=datetime(2026, 2, 1))


@pytest.mark.parametrize("given", ["", " \t"])
def test_a_text_of_a_child_that_is_blank_is_missing_in_both_readings(tmp_path, given):
    good, (step,) = json.dumps(PIPELINE), PIPELINE["steps"]
    bad = json.dumps(PIPELINE | {"steps": [step | {"step_name": given}]})
    for name, spoil in (("fast", False), ("slow", True)):
        assert len(_rows("pipelines", good, tmp_path / name / "good", spoil_fast_path=spoil)) == 1
        assert _rows("pipelines", bad, tmp_path / name / "bad", spoil_fast_path=spoil) == []


def test_a_text_that_may_be_missing_may_be_blank_and_one_that_begins_with_a_blank_is_kept(tmp_path):
    line = json.dumps(ISSUE | {"resolution": " \t", "issue": "\u3000 a"})
    fast = _rows("issues", line, tmp_path / "fast", spoil_fast_path=False)
    assert fast == _rows("issues", line, tmp_path / "slow", spoil_fast_path=True)
    assert {" \t", "\u3000 a"} <= {cell for cell in fast[0] if isinstance(cell, str)}


def test_the_blanks_of_both_readings_are_all_that_there_are():
    assert set(BLANKS) == {chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace()}


def test_everything_that_is_wrong_is_told_at_once_and_nothing_of_what_is_right():
    wrong = {"id": " ", "issue": "a", "category": "agents", "priority": 9, "status": "OPEN"}
    found = rejections(CONTRACTS["issues"], wrong, now=datetime(2026, 2, 1))
    assert [error.field for error in found] == ["id", "priority", "first_seen"]
    assert rejections(CONTRACTS["issues"], ISSUE, now=datetime(2026, 2, 1)) == []
    (alone,) = rejections(CONTRACTS["issues"], [1], now=datetime(2026, 2, 1))
    assert alone.reason == "expected an object, found a list"


def test_a_contract_that_contradicts_itself_is_refused():
    with pytest.raises(ValueError, match="undeclared"):
        Contract("x", "One row per x.", Identity.EVENT, ("id",), None, (text("name", "Name."),))
    with pytest.raises(ValueError, match="surrogate"):
        Contract("x", "One row per x.", Identity.EVENT, ("a", "b"), None, (text("a", "A."), text("b", "B.")))
    with pytest.raises(ValueError, match="synonyms"):
        choice("c", "C.", Choice(values=("a",), synonyms={"b": "z"}))


def test_words_are_compared_without_case_and_dashes():
    assert fold(" Timed-Out ") == fold("timed_out") == "timed_out"
