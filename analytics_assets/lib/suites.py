"""The suite of every raw table: which claims are made about it, and which columns judging them takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analytics_assets.contracts import CONTRACTS, Child, Contract, Field, Type
from analytics_assets.lib.claims import Claim, structure_claims
from analytics_assets.lib.plausibility import COMPARISONS, plausibility_claims


@dataclass(frozen=True)
class Suite:
    """What is claimed about a raw table: the records of ``kind``, or a list inside them.

    ``key`` identifies a row; its first column is shown with a failing one.
    """

    table: str
    kind: str
    key: tuple[str, ...]
    types: Mapping[str, Type]
    claims: tuple[Claim, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that judging reads; texts of people and transcripts are not among them unless required."""
        read = dict.fromkeys(self.key)
        for claim in self.claims:
            for expectation in claim.expectations:
                read |= dict.fromkeys((*expectation.columns, *expectation.shows))
        return tuple(column for column in read if column not in COMPARISONS)


def _suite(
    table: str, kind: str, fields: tuple[Field, ...], key: tuple[str, ...], unique: tuple[str, ...] = ()
) -> Suite:
    """Claims without an expectation do not apply to the table."""
    claims = (*structure_claims(fields, unique), *plausibility_claims(fields, key))
    types = {field.column: field.type for field in fields}
    return Suite(table, kind, key, types, tuple(claim for claim in claims if claim.expectations))


def _of_contract(contract: Contract) -> Suite:
    # Two versions of an entity may arrive together; two equal ones may not.
    key = (contract.key_column, "version_hash") if contract.is_entity else (contract.key_column,)
    return _suite(contract.kind, contract.kind, contract.fields, key, unique=key)


def _of_child(contract: Contract, child: Child) -> Suite:
    # No key is unique here: a run may list a task once more for each retry.
    column = {field.name: field.column for field in child.fields}
    key = (child.parent_column, "version_number", *(column[name] for name in child.key))
    return _suite(child.table, contract.kind, child.fields, key)


SUITES: Mapping[str, Suite] = {
    suite.table: suite
    for contract in CONTRACTS.values()
    for suite in (_of_contract(contract), *(_of_child(contract, child) for child in contract.children))
}
"""By table: every raw table that holds records of a contract."""
