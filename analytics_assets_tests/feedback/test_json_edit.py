"""One value of a document changes and every other byte stays."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_assets.feedback.json_edit import JsonEditError, get_value, parse, set_value

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)
DOCUMENTS = st.dictionaries(st.sampled_from(["id", "model", "_learned", "ü", '"', "tasks"]), VALUES, max_size=6)
RESOURCES = st.none() | st.dictionaries(st.sampled_from(["memory", "cpu", "gpu"]), SCALARS, max_size=3)
PATHS = st.sampled_from([("model",), ("_learned",), ("resources", "memory"), ("resources", "cpu")])
LAYOUTS = st.fixed_dictionaries(
    {
        "indent": st.sampled_from([None, 0, 1, 2, 4, "\t"]),
        "separators": st.sampled_from([(",", ":"), (", ", ": "), (" ,", " : "), (",", ":  ")]),
        "ensure_ascii": st.booleans(),
    }
)


@st.composite
def documents(draw):
    """A document in some layout, as its author has it: bytes."""
    document = draw(DOCUMENTS)
    resources = draw(RESOURCES)
    if resources is not None:
        document["resources"] = resources
    # A lone surrogate has no bytes but as an escape.
    try:
        text = json.dumps(document, **draw(LAYOUTS))
        text.encode()
    except UnicodeEncodeError:
        text = json.dumps(document)
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
    return (draw(st.sampled_from(["", "\ufeff"])) + text + draw(st.sampled_from(["", "\n", "\r\n", "  \n"]))).encode()


def with_value(document, path, value):
    """The independent computation: on the parsed document."""
    *outer, last = path
    here = document
    for key in outer:
        here = here.setdefault(key, {})
    here[last] = value
    return document


def shared_start(one, other):
    length = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[:length]


def same(one, other):
    return json.dumps(one) == json.dumps(other)


@given(documents(), PATHS, VALUES.filter(lambda value: "\ud800" not in json.dumps(value)))
def test_the_document_differs_in_that_one_value_and_the_bytes_around_it_stay(before, path, value):
    after = set_value(before, path, value)
    expected = with_value(parse(before)[1], path, value)
    assert same(parse(after)[1], expected)
    assert set_value(after, path, value) == after


@given(documents(), PATHS)
def test_outside_of_the_replaced_or_inserted_span_nothing_moves(before, path):
    document = parse(before)[1]
    head, tail = set_value(before, path, "MARK").split(b'"MARK"')
    outer = get_value(document, path[:-1])
    if outer is not None and path[-1] in outer:
        replaced = before[len(head) : len(before) - len(tail)]
        assert before == head + replaced + tail
        assert same(json.loads(replaced), outer[path[-1]])
    else:
        common = shared_start(before, head)
        rest = before[len(common) :]
        # An object that was empty loses the white space within; nothing else was taken out.
        kept = shared_start(rest[::-1], tail[::-1])[::-1]
        assert not rest.removesuffix(kept).strip()


@given(documents(), PATHS, SCALARS)
def test_a_value_that_is_set_back_restores_every_byte_of_a_scalar_the_author_wrote_plainly(before, path, value):
    old = get_value(parse(before)[1], path)
    if not isinstance(old, int) or isinstance(old, bool):
        return
    assert set_value(set_value(before, path, value), path, old) == before


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        ('{\n  "model": "a",\n  "n": 1.50\n}\n', ("model",), "b", '{\n  "model": "b",\n  "n": 1.50\n}\n'),
        ('{\r\n\t"id": "x"\r\n}', ("model",), "b", '{\r\n\t"id": "x",\r\n\t"model": "b"\r\n}'),
        ('{"id":"x","n":1}', ("model",), "b", '{"id":"x","n":1,"model":"b"}'),
        ('{"id": "x"}', ("model",), "b", '{"id": "x", "model": "b"}'),
        ("{}", ("model",), "b", '{"model": "b"}'),
        (
            '{\n  "id": "x",\n  "resources": {}\n}\n',
            ("resources", "memory"),
            "4Gi",
            '{\n  "id": "x",\n  "resources": {\n    "memory": "4Gi"\n  }\n}\n',
        ),
        (
            '{\n  "id": "x",\n  "resources": {"cpu": 2}\n}\n',
            ("resources", "memory"),
            "4Gi",
            '{\n  "id": "x",\n  "resources": {"cpu": 2, "memory": "4Gi"}\n}\n',
        ),
        (
            '{\n    "id": "x"\n}\n',
            ("resources", "memory"),
            "4Gi",
            '{\n    "id": "x",\n    "resources": {\n        "memory": "4Gi"\n    }\n}\n',
        ),
        (
            '{\r\n  "_learned": {"a": [1]},\r\n  "z": "\\u00fc"\r\n}',
            ("_learned",),
            {"a": [1, 2]},
            '{\r\n  "_learned": {\r\n    "a": [\r\n      1,\r\n      2\r\n    ]\r\n  },\r\n  "z": "\\u00fc"\r\n}',
        ),
        ('{"a": "ü"}', ("model",), "ö", '{"a": "ü", "model": "ö"}'),
        ('{"a": "{\\"model\\": 1}"}', ("model",), 2, '{"a": "{\\"model\\": 1}", "model": 2}'),
    ],
)
def test_what_is_new_is_laid_out_as_the_document_is(before, path, value, after):
    assert set_value(before.encode(), path, value).decode() == after


def test_one_true_and_one_point_zero_are_different_values():
    assert set_value(b'{"cpu": 1}', ("cpu",), 1.0) == b'{"cpu": 1.0}'
    assert set_value(b'{"cpu": 1}', ("cpu",), True) == b'{"cpu": true}'


@pytest.mark.parametrize(
    ("content", "path", "reason"),
    [
        (b"{", ("model",), "is not JSON"),
        (b"[1]", ("model",), "is not a JSON object"),
        (b"\xff{}", ("model",), "is not UTF-8"),
        ('{"a": 1}'.encode("utf-16"), ("model",), "is not UTF-8"),
        (b'{"model": 1, "model": 2}', ("model",), 'has the key "model" 2 times'),
        (b'{"resources": {"cpu": 1, "cpu": 1}}', ("resources", "cpu"), 'has the key "cpu" 2 times'),
        (b'{"resources": "4Gi"}', ("resources", "memory"), 'something else than an object at "resources"'),
        (b'{"a": ' + b"[" * 100_000, ("model",), "is not JSON"),
    ],
)
def test_what_cannot_be_changed_safely_is_refused_with_the_reason(content, path, reason):
    with pytest.raises(JsonEditError, match=reason):
        set_value(content, path, "x")


def test_the_rest_of_a_document_may_hold_what_other_readers_refuse():
    before = b'{"n": NaN, "big": 1E400, "tasks": [{"a": 1, "a": 2}], "model": "a"}'
    assert set_value(before, ("model",), "b") == before.replace(b'"model": "a"', b'"model": "b"')
