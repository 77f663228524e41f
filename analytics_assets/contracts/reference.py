"""The reference page of the contracts, as Markdown; ``docs/contracts.md`` is its output."""

from __future__ import annotations

from analytics_assets.contracts import CONTRACTS
from analytics_assets.contracts.model import Contract, Field, Identity

_HEAD = """# Record contracts

<!-- Generated from analytics_assets/contracts; after a change run `python -m analytics_assets.contracts.reference`. -->

Files land in `inbox/<kind>/` as `.jsonl`, `.csv` (each also `.gz` or `.zst`) or `.parquet`; spec documents in `specs/`.
**Bold** fields are required. Times are ISO 8601 with `Z` or an offset, or Unix seconds (above 1e11: milliseconds).
A missing field is NULL: not measured, never 0. Fields that are not listed are kept as JSON in `extra`.
An *event* never changes, so a second record with its key is a duplicate; of an *entity* the version with the latest
`updated_at` counts, else the latest ingested.
"""


def markdown() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *(_section(contract) for contract in CONTRACTS.values())])


def _section(contract: Contract) -> str:
    identity = "event" if contract.identity is Identity.EVENT else "entity"
    key = ", ".join(f"`{part}`" for part in contract.key)
    lines = [
        f"## {contract.kind}",
        "",
        f"{contract.grain} An *{identity}*; key {key}.",
        "",
        *_table(contract.fields),
    ]
    for child in contract.children:
        lines += [
            "",
            f"`{child.list_field}`: list, in `raw.{child.table}`. {child.meaning}",
            "",
            *_table(child.fields),
        ]
    return "\n".join(lines) + "\n"


def _table(fields: tuple[Field, ...]) -> list[str]:
    rows = ["| field | type | meaning |", "|---|---|---|"]
    for field in fields:
        name = f"**{field.name}**" if field.required else field.name
        rows.append(f"| {name} | {_type(field)} | {field.meaning} |")
    return rows


def _type(field: Field) -> str:
    kind = field.type.value
    if field.choice is not None:
        kind += " " + " ".join(f"`{word}`" for word in field.choice.values) + (" or other" if field.choice.open else "")
    if field.minimum is not None and field.maximum is not None:
        kind += f" ({field.minimum:g} to {field.maximum:g})"
    elif field.minimum is not None:
        kind += f" (from {field.minimum:g})"
    return kind + (", date allowed" if field.date_allowed else "")


if __name__ == "__main__":
    from pathlib import Path

    Path("docs/contracts.md").write_text(markdown(), encoding="utf-8")
