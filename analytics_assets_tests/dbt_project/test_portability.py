"""The models are SQL that other engines take too.

What is covered: no DuckDB sugar in the models, and every compiled model is Spark SQL to sqlglot. What is not: whether
Spark has every function with the same meaning, and the spark__ side of the macros; that needs a Spark.
"""

from __future__ import annotations

import re

import pytest
import sqlglot

from analytics_assets_tests.dbt_project.conftest import PROJECT

MODELS = sorted(PROJECT.glob("models/**/*.sql"))
SUGAR = {
    "a cast with colons": r"::",
    "exclude": r"\bexclude\b",
    "replace in a star": r"\*\s*replace\b",
    "columns()": r"\bcolumns\s*\(",
    "group or order by all": r"\bby\s+all\b",
    "qualify": r"\bqualify\b",
    "from before select": r"(?:^|\(|;)\s*from\b",
    "a struct or list literal": r"[\[{]",
    "a lambda": r"->|\blambda\b",
    "asof or positional join": r"\b(?:asof|positional)\s+join\b",
    "union by name": r"\bby\s+name\b",
    "a number of rows": r"\blimit\b",
}
DUCKDB_ONLY = re.compile(
    r"\b(?:epoch|epoch_us|epoch_ms|make_timestamp|to_json|list|map|arg_max|arg_min|strftime|date_diff|date_sub|"
    r"time_bucket|json_object|json_group_object|string_agg|to_hours|to_days|struct_pack|unnest|try_strptime)\s*\("
)


# How DuckDB writes a lambda; Spark has an arrow for it.
DUCKDB_LAMBDA = re.compile(r"\blambda ([\w, ]+):")


def _sql_alone(text: str) -> str:
    """A model without its Jinja, its comments and its texts."""
    text = re.sub(r"\{#.*?#\}", " ", text, flags=re.DOTALL)
    text = re.sub(r"\{%.*?%\}", " ", text, flags=re.DOTALL)
    text = re.sub(r"\{\{.*?\}\}", " x ", text, flags=re.DOTALL)
    text = re.sub(r"--[^\n]*", " ", text)
    return re.sub(r"'[^']*'", "''", text).lower()


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_uses_no_sugar_of_one_engine(path):
    sql = _sql_alone(path.read_text(encoding="utf-8"))
    assert not [name for name, pattern in SUGAR.items() if re.search(pattern, sql)]
    assert not DUCKDB_ONLY.findall(sql)


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_compares_with_no_number_of_its_own(path):
    sql = _sql_alone(path.read_text(encoding="utf-8"))
    # 0 and 1 are nothing, one, first, true; 100 % is a share in words; 2 decimals are legible.
    sql = re.sub(r"round\(\w+, 2\)", "", sql)
    assert not re.findall(r"(?<![\w.])(?![01]\b)\d+(?:\.\d+)?\b", sql)


@pytest.mark.parametrize(
    "sugar",
    [
        "select a::int from t",
        "select * exclude (a) from t",
        "select a from t group by all",
        "select a from t qualify row_number() over () = 1",
        "from t select a",
        "with x as (from t) select a from x",
        "select {'a': 1} as s from t",
        "select [1, 2] as s from t",
    ],
)
def test_sugar_is_recognised(sugar):
    assert [name for name, pattern in SUGAR.items() if re.search(pattern, _sql_alone(sugar))]


@pytest.fixture(scope="module")
def compiled(built):
    result = built.dbt("compile", "--select", "path:models")
    assert result.success, result.exception
    nodes = [r.node for r in result.result.results if r.node.resource_type == "model"]
    return {node.name: node.compiled_code for node in nodes}


def test_every_compiled_model_is_spark_sql_to_a_parser(compiled):
    assert compiled.keys() == {path.stem for path in MODELS}
    for name, sql in compiled.items():
        (statement,) = sqlglot.parse(
            DUCKDB_LAMBDA.sub(r"(\1) ->", sql), dialect="spark", error_level=sqlglot.ErrorLevel.RAISE
        )
        assert statement.find(sqlglot.exp.From), name
        assert not list(statement.find_all(sqlglot.exp.Command)), name
