"""A record counts once, in whatever file, order, format or number of copies it arrives."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
import zstandard

from analytics_assets.contracts import CONTRACTS

DATA = Path(__file__).parents[3] / "shared" / "data"


def test_a_record_counts_once_over_files_copies_and_orders(inbox, execution):
    records = [execution(f"e{n}", duration_seconds=n) for n in range(200)]
    shuffled = records * 2
    random.Random(3).shuffle(shuffled)
    inbox.land("executions/a.jsonl", records[:120])
    inbox.ingest()
    inbox.land("executions/b.jsonl", shuffled[:250])
    inbox.land("executions/c.jsonl", shuffled[250:])
    inbox.ingest()
    assert inbox.value("select count(*) from raw.executions") == 200
    assert inbox.value("select sum(duration_seconds) from raw.executions") == sum(range(200))
    assert inbox.value("select sum(new_records) from raw.ingested_files") == 200
    assert inbox.value("select sum(duplicate_records) from raw.ingested_files") == 320


def test_the_first_of_two_events_with_one_key_stays(inbox, execution):
    inbox.land("executions/a.jsonl", [execution("e", tool_name="first"), execution("e", tool_name="second")])
    inbox.ingest()
    inbox.land("executions/b.jsonl", [execution("e", tool_name="third")])
    inbox.ingest()
    assert inbox.rows("select tool_name from raw.executions") == [("first",)]


def test_the_same_content_under_another_name_is_not_read_again(inbox, execution):
    inbox.land("executions/a.jsonl", [execution("e")])
    inbox.ingest()
    inbox.land("executions/deep/b.jsonl", [execution("e")])
    [report] = inbox.ingest().files
    assert (report.status, report.new_records) == ("duplicate", 0)


def test_a_growing_file_is_followed_line_by_complete_line(inbox, execution):
    lines = [json.dumps(execution(f"e{n}")) + "\n" for n in range(4)]
    path = inbox.land("executions/log.jsonl", lines[0] + lines[1] + lines[2][:25], settled=False)
    inbox.ingest()
    assert inbox.value("select count(*) from raw.executions") == 2
    assert inbox.reasons() == []
    with path.open("a") as log:
        log.write(lines[2][25:] + "oops\n" + lines[3])
    inbox.ingest()
    assert inbox.value("select count(*) from raw.executions") == 4
    assert inbox.rows("select from_byte, lines from raw.ingested_files order by file_id")[1] == (
        len(lines[0] + lines[1]),
        3,
    )
    assert [line for line, _, _ in inbox.reasons()] == [4]


def test_a_line_put_aside_as_truncated_is_taken_once_it_is_complete(inbox, execution):
    line = json.dumps(execution("e1")) + "\n"
    path = inbox.land("executions/log.jsonl", json.dumps(execution("e0")) + "\n" + line[:30])
    inbox.ingest()
    assert [number for number, _, _ in inbox.reasons()] == [2]
    with path.open("a") as log:
        log.write(line[30:])
    inbox.settle(path)
    inbox.ingest()
    assert inbox.value("select count(*) from raw.executions") == 2
    assert inbox.reasons() == []


def test_a_rewritten_file_is_taken_from_its_beginning(inbox, execution):
    inbox.land("executions/log.jsonl", [execution("a"), execution("b")])
    inbox.ingest()
    inbox.land("executions/log.jsonl", [execution("c"), execution("d"), execution("e")])
    inbox.ingest()
    assert inbox.value("select count(*) from raw.executions") == 5


def test_a_touched_file_is_noted_and_not_looked_at_for_ever(inbox, execution):
    path = inbox.land("executions/log.jsonl", [execution("a")])
    inbox.ingest()
    path.chmod(0o600)
    inbox.ingest()
    assert inbox.ingest().files == []
    assert inbox.value("select count(*) from raw.executions") == 1


def test_a_file_that_is_being_written_waits_when_it_cannot_be_followed(inbox, execution):
    inbox.land("executions/a.jsonl.gz", gzip.compress(json.dumps(execution("a")).encode()), settled=False)
    assert inbox.ingest().files == []


def _as_csv(records):
    names = sorted({name for record in records for name in record})
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, names)
    writer.writeheader()
    writer.writerows(
        {k: json.dumps(v) if isinstance(v, (dict, list)) else v for k, v in record.items()} for record in records
    )
    return buffer.getvalue().encode()


def _as_parquet(records, tmp_path):
    source = tmp_path / "source.jsonl"
    source.write_text("\n".join(json.dumps(record) for record in records))
    target = tmp_path / "table.parquet"
    duckdb.sql(f"copy (select * from read_json('{source}')) to '{target}' (format parquet)")
    return target.read_bytes()


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz", "jsonl.zst", "csv", "csv.gz", "csv.zst", "parquet"])
def test_every_format_yields_the_same_records(inbox, tmp_path, execution, ending):
    records = [
        execution(
            f"e{n}",
            duration_seconds=n / 8,
            tokens_used=n,
            error_message='a "quoted", long\nline',
            note=f"n{n}",
        )
        for n in range(50)
    ]
    plain = "".join(json.dumps(record) + "\n" for record in records).encode()
    content = {
        "jsonl": lambda: plain,
        "csv": lambda: _as_csv(records),
        "parquet": lambda: _as_parquet(records, tmp_path),
    }[ending.split(".")[0]]()
    packers = {"gz": gzip.compress, "zst": zstandard.ZstdCompressor().compress}
    packed = packers.get(ending.split(".")[-1], lambda data: data)(content)
    inbox.land(f"executions/log.{ending}", packed)
    inbox.ingest()
    assert inbox.reasons() == []
    assert inbox.rows(
        "select execution_id, duration_seconds, tokens_used, success, started_at, error_message, extra "
        "from raw.executions order by duration_seconds"
    ) == [
        (
            r["execution_id"],
            r["duration_seconds"],
            r["tokens_used"],
            True,
            datetime(2026, 1, 5, 10, 20, 30),
            r["error_message"],
            json.dumps({"note": r["note"]}, separators=(",", ":")),
        )
        for r in records
    ]


def test_a_bad_csv_row_names_its_line_in_the_file(inbox):
    inbox.land(
        "executions/log.csv",
        b"execution_id,tool_name,started_at,success\n"
        b'a,"two\nlines",2026-01-05T10:20:30Z,true\nb,grep,yesterday,true\nc,grep\nd,grep,1767608430,0\n',
    )
    inbox.ingest()
    assert inbox.rows("select execution_id, success from raw.executions order by 1") == [
        ("a", True),
        ("d", False),
    ]
    assert sorted(line for line, _, _ in inbox.reasons()) == [4, 5]


def test_unknown_fields_are_kept_and_missing_ones_are_null(inbox, execution):
    inbox.land("executions/a.jsonl", [execution("a", score=0.5, nested={"x": [1, None]}), execution("b")])
    inbox.ingest()
    rows = dict(inbox.rows("select execution_id, extra from raw.executions"))
    assert json.loads(rows["a"]) == {"score": 0.5, "nested": {"x": [1, None]}}
    assert rows["b"] is None
    assert inbox.value("select count(duration_seconds) from raw.executions") == 0


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("2026-01-05T10:20:30.123456Z", datetime(2026, 1, 5, 10, 20, 30, 123456)),
        ("2026-01-05T10:20:30+05:30", datetime(2026, 1, 5, 4, 50, 30)),
        ("2026-01-05T10:20:30-0800", datetime(2026, 1, 5, 18, 20, 30)),
        ("2026-01-05 10:20:30+00", datetime(2026, 1, 5, 10, 20, 30)),
        (1767608430, datetime(2026, 1, 5, 10, 20, 30)),
        (1767608430.5, datetime(2026, 1, 5, 10, 20, 30, 500000)),
        (1767608430500, datetime(2026, 1, 5, 10, 20, 30, 500000)),
        ("1767608430", datetime(2026, 1, 5, 10, 20, 30)),
    ],
)
def test_times_are_stored_in_utc(inbox, execution, given, stored):
    inbox.land("executions/a.jsonl", [execution("a", started_at=given)])
    inbox.ingest()
    assert inbox.rows("select started_at from raw.executions") == [(stored,)]


def test_synonyms_become_the_contracts_words(inbox):
    base = {"spec_id": "s", "started_at": 1767608430}
    words = {
        "ok": "success",
        "Timed-Out": "timeout",
        "canceled": "cancelled",
        "FAILURE": "failed",
        "error": "error",
    }
    inbox.land("runs/a.jsonl", [base | {"run_id": word, "status": word} for word in words])
    inbox.ingest()
    assert dict(inbox.rows("select run_id, status from raw.runs")) == words


def test_a_sample_of_a_metric_is_known_by_name_tags_source_and_time(inbox):
    sample = {"metric_name": "cpu", "metric_value": 1, "collected_at": 1767608430, "source_system": "node"}
    inbox.land(
        "metrics/a.jsonl",
        [
            sample | {"metric_tags": {"component": "api", "zone": "a"}},
            sample | {"metric_tags": {"zone": "a", "component": "api"}, "collected_at": "2026-01-05T10:20:30Z"},
            sample | {"metric_tags": {"component": "db"}},
            sample,
        ],
    )
    inbox.ingest()
    assert inbox.value("select count(*) from raw.metrics") == 3


def test_every_kind_takes_a_minimal_record(inbox):
    now = 1767608430
    for kind, contract in CONTRACTS.items():
        values = {"time": now, "text": "x", "int": 1, "real": 1.0, "bool": True}
        record = {
            f.name: f.choice.values[0] if f.choice else values[f.type.value] for f in contract.fields if f.required
        }
        inbox.land(f"{kind}/a.jsonl", [record])
    report = inbox.ingest()
    assert inbox.reasons() == []
    assert {kind: r.new_records for kind, r in report.by_kind.items()} == dict.fromkeys(CONTRACTS, 1)


def test_spec_documents_are_read_with_what_follows_from_them(inbox):
    inbox.settings.specs.mkdir()
    spec = {
        "id": "api",
        "tasks": [{"id": 1}, {"id": 2}],
        "resources": {"memory": "4Gi", "cpu": 2},
        "_learned": {"a": 1},
    }
    path = inbox.settings.specs / "api.json"
    path.write_text(json.dumps(spec))
    inbox.settle(path)
    inbox.ingest()
    path.write_text(json.dumps(spec | {"_learned": {"a": 2}}))
    inbox.settle(path)
    inbox.ingest()
    [(count, memory, cpu, fingerprints)] = inbox.rows(
        "select any_value(task_count), any_value(memory_limit), any_value(cpu_limit), count(distinct fingerprint) "
        "from raw.specs where id = 'api'"
    )
    assert (count, memory, cpu, fingerprints) == (2, "4Gi", "2", 1), "what we learned is no part of the fingerprint"


def test_nothing_of_a_kind_is_written_when_its_transaction_fails(inbox, execution, monkeypatch):
    inbox.land("executions/a.jsonl", [execution("a")])

    def fails(*_):
        raise RuntimeError("power cut")

    monkeypatch.setattr("analytics_assets.warehouse.ledger.write", fails)
    with pytest.raises(RuntimeError, match="power cut"):
        inbox.ingest()
    assert inbox.value("select count(*) from raw.executions") == 0
    assert inbox.value("select count(*) from raw.touched_hours") == 0
    assert inbox.settings.intent.exists(), "the next refresh knows that an answer is missing"


@pytest.mark.skipif(not DATA.exists(), reason="the real data sets lie beside the project, not in it")
def test_the_real_sets_count_as_published_twice_and_in_shuffled_pieces(inbox):
    sources = {
        "runs": "metr-runs/runs.jsonl",
        "executions": "tau-bench/executions.jsonl",
        "metrics": "nab/metrics.jsonl",
    }
    for kind, name in sources.items():
        inbox.land(f"{kind}/whole.jsonl", (DATA / name).read_bytes())
    inbox.ingest()
    generator = random.Random(11)
    for kind, name in sources.items():
        lines = (DATA / name).read_text().splitlines(keepends=True)
        generator.shuffle(lines)
        for piece in range(4):
            inbox.land(f"{kind}/piece-{piece}.jsonl", "".join(lines[piece::4]))
    inbox.ingest()
    assert dict(
        inbox.rows(
            "select model, count(*) filter (status = 'success') || ' of ' || count(*) from raw.runs "
            "where is_current group by model having count(*) > 100"
        )
    ) == {
        "Claude 3.5 Sonnet (New)": "242 of 589",
        "o1-preview": "191 of 358",
        "o1": "189 of 671",
        "Claude 3.5 Sonnet (Old)": "180 of 634",
        "GPT-4o": "135 of 662",
        "GPT-4 0314": "83 of 429",
        "Claude 3 Opus": "118 of 657",
        "GPT-4 Turbo": "105 of 682",
    }
    assert inbox.value("select count(*) from raw.runs") == 4796
    assert inbox.rows(
        "select tool_name, count(*) filter (success), count(*) from raw.executions "
        "group by tool_name having not bool_and(success) order by 1"
    ) == [
        ("book_reservation", 23, 53),
        ("update_reservation_baggages", 13, 14),
        ("update_reservation_flights", 62, 104),
    ]
    assert inbox.value("select count(*) from raw.executions") == 1164
    # 22 samples repeat the key of another: the source's clock was set back by an hour.
    first = "select new_records, duplicate_records from raw.ingested_files where path like '%metrics/whole%'"
    assert inbox.rows(first) == [(67_718, 22)]
    assert inbox.value("select count(distinct metric_name) from raw.metrics") == 17


def test_the_first_of_two_events_stays_however_far_apart_they_stand(inbox, execution):
    between = [execution(f"e{n}") for n in range(150_000)]
    inbox.land(
        "executions/a.jsonl",
        [execution("e", tool_name="first"), *between, execution("e", tool_name="second")],
    )
    inbox.ingest()
    assert inbox.rows("select tool_name from raw.executions where execution_id = 'e'") == [("first",)]
