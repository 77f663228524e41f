"""In which files will the next issues be? Learnt from looks back at every fourth week, with what was known then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics_assets.issue_thresholds import (
    MODEL_TRAIN_SHARE,
    RISK_CUTOFFS,
    RISK_HORIZON,
    RISK_MIN_CUTOFFS,
    RISK_MIN_POSITIVES,
    RISK_PRIOR_MAX,
    RISK_SHOWN,
    RISK_TOP,
)
from analytics_assets.lib.judged_models import Judged, log_losses
from analytics_assets.lib.named_files import Named, named_table, placed
from analytics_assets.lib.plain_rows import plain_rows
from analytics_assets.lib.words import plural

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analytics_assets.repository.history import FileFacts, FileHistory

HORIZON = timedelta(days=RISK_HORIZON.value)
DAY = timedelta(days=1)
GIT = ("lines", "age_days", "complexity", "changes_90d", "lines_grown_90d")
ISSUES = ("naive_risk", "open_issues", "days_since_issue")
METRIC = "log loss"
NAIVE = "past rate of the file's issues"


@dataclass(frozen=True)
class FileRisks:
    """``rows``: the riskiest files, one row each, without the columns that say when."""

    judged: Judged
    rows: Sequence[Mapping[str, Any]]


def cutoffs(first_issue_at: datetime, as_of: datetime) -> list[datetime]:
    """Moments to look back from, oldest first: every four weeks, so that no days are counted twice.

    Each has four weeks of issues before it, and four weeks of what came after it.

    >>> [f"{at:%m-%d}" for at in cutoffs(datetime(2026, 1, 1), datetime(2026, 4, 1))]
    ['02-04', '03-04']
    """
    looks = (as_of - number * HORIZON for number in range(1, int(RISK_CUTOFFS.value) + 1))
    return sorted(at for at in looks if at >= first_issue_at + HORIZON)


def judge_file_risks(
    named: Sequence[Named], as_of: datetime, history: FileHistory | None, problem: str | None = None
) -> FileRisks:
    """Learn from the older looks back, judge by the newer 30 % of them, and rank the files of today.

    What was known at a look back are the files that issues had named by then; what came of it are the new issues that
    named the file within four weeks.

    With a repository, a file that was not in it at a moment is not looked at then, and issues go with their file when
    it is renamed. A published model is the one that was judged. Else the risk is the naive one, from all issues so far.

    Args:
        named: openings of issues by file, up to as_of.
        as_of: end of what is known.
        history: the files at each of ``cutoffs`` and at as_of; None without a repository.
        problem: why there is none, in a sentence.
    """
    first = min((one.opened_at for one in named), default=as_of)
    table = named_table(named)
    today = _known_at(table, as_of, first, history)
    looks = cutoffs(first, as_of)
    lacking = _lacking_time(first, as_of, len(looks))
    if lacking is not None:
        judged = _judged(history is not None, 0, 0, lacking)
        return FileRisks(_telling(judged, problem), _ranked(today, None, lacking))
    past = [_known_at(table, at, first, history) for at in looks]
    for frame, at in zip(past, looks, strict=True):
        after = table[table["is_first"] & (table["opened_at"] > at) & (table["named_at"] <= at + HORIZON)]
        frame["has_issue"] = frame["file"].isin(placed(after, at, history)["file"])
    learnt = min(len(looks) - 1, round(len(looks) * MODEL_TRAIN_SHARE.value))
    train, test = pd.concat(past[:learnt]), pd.concat(past[learnt:])
    lacking = _lacking_issues(train, test)
    if lacking is not None:
        judged = _judged(history is not None, len(train), len(test), lacking)
        return FileRisks(_telling(judged, problem), _ranked(today, None, lacking))
    model = _Model(train, with_git=history is not None)
    judged = _verdict(model, train, test, looks[learnt], with_git=history is not None)
    rows = _ranked(today, model if judged.is_published else None, judged.reason)
    return FileRisks(_telling(judged, problem), rows)


def _telling(judged: Judged, problem: str | None) -> Judged:
    """With what is wrong with the repository, which a model without it does not know."""
    return judged if problem is None else replace(judged, reason=f"{judged.reason}; {problem}")


def _judged(with_git: bool, train_n: int, test_n: int, reason: str = "") -> Judged:
    return Judged(
        model="file_risk",
        target=f"a new issue within {RISK_HORIZON.value:.0f} days",
        features=(*ISSUES, *GIT) if with_git else ISSUES,
        metric=METRIC,
        train_n=train_n,
        test_n=test_n,
        reason=reason,
    )


def _lacking_time(first: datetime, as_of: datetime, looks: int) -> str | None:
    if looks >= RISK_MIN_CUTOFFS.value:
        return None
    needed = (RISK_MIN_CUTOFFS.value + 1) * HORIZON
    return f"not enough data: {(as_of - first) / DAY:.0f} days of issues that name files, {needed.days} needed"


def _lacking_issues(train: pd.DataFrame, test: pd.DataFrame) -> str | None:
    needed = RISK_MIN_POSITIVES.value
    for side, use in ((train, "learn from"), (test, "be judged by")):
        hits = int(side["has_issue"].sum())
        if min(hits, len(side) - hits) < needed:
            found = f"of {len(side)} files looked at {hits} had a new issue"
            return f"not enough data to {use}: {found}; {needed:.0f} with one and as many without are needed"
    return None


def _known_at(named: pd.DataFrame, at: datetime, first: datetime, history: FileHistory | None) -> pd.DataFrame:
    """What was known of each file at a moment: every file that an issue had named or that was in the repository."""
    facts: Mapping[str, FileFacts] = {} if history is None else history.at[at].facts
    known = placed(named[(named["opened_at"] <= at) & (named["named_at"] <= at)], at, history)
    is_open = known["closed_at"].isna() | (known["closed_at"] > at)
    files = sorted(set(known["file"]) | set(facts))
    issues = known.groupby("file")
    table = pd.DataFrame({"file": pd.Series(files, dtype=object)}).assign(look=at)
    table["past_issues"] = table["file"].map(issues["issue_id"].nunique()).fillna(0).astype(int)
    table["open_issues"] = table["file"].map(known[is_open].groupby("file")["issue_id"].nunique()).fillna(0).astype(int)
    newest = pd.to_datetime(table["file"].map(known[known["is_first"]].groupby("file")["opened_at"].max()))
    table["days_since_issue"] = (pd.Timestamp(at) - newest).dt.total_seconds() / DAY.total_seconds()
    table["naive_risk"] = _naive_risk(table["past_issues"].to_numpy(dtype=float), (at - first) / DAY)
    for name in GIT:
        table[name] = [getattr(facts.get(file), name, None) for file in files]
        table[name] = table[name].astype(float)
    return table


def _naive_risk(past_issues: NDArray[np.float64], days: float) -> NDArray[np.float64]:
    """P(an issue in four weeks) at the file's own rate, drawn to that of all files as far as files are alike.

    Counts of files that differ only by chance vary as much as they are large on average (Poisson); by how much more
    they do tells how unlike files are, and so how many issues the common rate weighs (a Gamma prior by its moments:
    empirical Bayes after H. Robbins, 1956). NaN where fewer than four weeks tell.
    """
    if days < RISK_HORIZON.value or not past_issues.sum():
        return np.full(len(past_issues), np.nan)
    usual = past_issues.mean()
    excess = past_issues.var() - usual
    prior = min(usual**2 / excess, RISK_PRIOR_MAX.value) if excess > 0 else RISK_PRIOR_MAX.value
    rate = (past_issues + prior) / (1 + prior / usual) / days
    risk: NDArray[np.float64] = -np.expm1(-rate * RISK_HORIZON.value)
    return risk


def _verdict(model: _Model, train: pd.DataFrame, test: pd.DataFrame, split_at: datetime, *, with_git: bool) -> Judged:
    actual = test["has_issue"].to_numpy(dtype=bool)
    risks, naive = model.risks(test), test["naive_risk"].to_numpy(dtype=float)
    losses, naive_losses = (log_losses(np.where(actual, said, 1 - said)) for said in (risks, naive))
    judged = _judged(with_git, len(train), len(test)).against(
        NAIVE,
        naive_losses,
        losses,
        split_at=split_at,
        examples="looks at files",
        # The same file in several looks is the same luck.
        groups=test["file"].tolist(),
    )
    details = {
        "looks_judged": int(test["look"].nunique()),
        "files_with_issue_share": round(float(actual.mean()), 3),
        **_found("", test, risks),
        **_found("naive_", test, naive),
    }
    return replace(judged, details=details)


def _found(prefix: str, test: pd.DataFrame, risks: NDArray[np.float64]) -> dict[str, float]:
    """Of the ten riskiest files of each look, how many had an issue, and which share of all that had one they are."""
    top = int(RISK_TOP.value)
    ranked = test.assign(risk=risks).sort_values(["risk", "file"], ascending=[False, True], kind="stable")
    chosen = ranked.groupby("look").head(top)
    hits = int(chosen["has_issue"].sum())
    return {
        f"{prefix}precision_at_{top}": round(hits / len(chosen), 3),
        f"{prefix}recall_at_{top}": round(hits / int(test["has_issue"].sum()), 3),
    }


def _ranked(today: pd.DataFrame, model: _Model | None, note: str) -> list[dict[str, Any]]:
    """The riskiest files first; among equals the ones with more issues. ``note`` is for files without a risk."""
    table = today.assign(risk=today["naive_risk"] if model is None else model.risks(today))
    table = table.sort_values(["risk", "past_issues", "file"], ascending=[False, False, True], na_position="last")
    rows = []
    for rank, known in enumerate(plain_rows(table.head(int(RISK_SHOWN.value))), start=1):
        method = "insufficient_history" if known["risk"] is None else "naive"
        reason = _in_words(known) if known["risk"] is not None else f"{_in_words(known)}; {note}"
        rows.append(
            known | {"rank": rank, "method": method if model is None else "logistic_regression", "reason": reason}
        )
    return rows


def _in_words(row: Mapping[str, Any]) -> str:
    """What is known of a file."""
    words = [f"{plural(row['past_issues'], 'issue')} so far, {row['open_issues']} open"]
    if row["days_since_issue"] is not None:
        words.append(f"the last one {plural(round(row['days_since_issue']), 'day')} ago")
    if row["lines"] is not None:
        words.append(f"{row['lines']:.0f} lines")
    if row["changes_90d"] is not None:
        words.append(f"{plural(round(row['changes_90d']), 'change')} in 90 days")
    if row["lines_grown_90d"] is not None and row["lines_grown_90d"] > 0:
        words.append(f"grown by {plural(round(row['lines_grown_90d']), 'line')} in them")
    return ", ".join(words)


class _Model:
    """Logistic regression on the logarithms of the figures, standardised by what is learnt from."""

    def __init__(self, train: pd.DataFrame, *, with_git: bool) -> None:
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        self._with_git = with_git
        self._model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)).fit(
            self._inputs(train), train["has_issue"].to_numpy(dtype=bool)
        )

    def risks(self, files: pd.DataFrame) -> NDArray[np.float64]:
        """Probability of a new issue within four weeks."""
        if files.empty:
            return np.empty(0)
        risks: NDArray[np.float64] = self._model.predict_proba(self._inputs(files))[:, 1]
        return risks

    def _inputs(self, files: pd.DataFrame) -> NDArray[np.float64]:
        naive = files["naive_risk"].to_numpy(dtype=float).clip(1e-6, 1 - 1e-6)
        columns = [
            np.log(naive / (1 - naive)),
            np.log1p(files["open_issues"].to_numpy(dtype=float)),
            *_known_logarithm(files["days_since_issue"]),
        ]
        if self._with_git:
            for name in GIT:
                columns += _known_logarithm(files[name])
        return np.column_stack(columns)


def _known_logarithm(values: pd.Series[float]) -> list[NDArray[np.float64]]:
    """Whether it is known, and its logarithm (0 where it is not); a shrinking file has a negative one."""
    known = values.notna().to_numpy()
    figures = values.fillna(0).to_numpy(dtype=float)
    return [known.astype(float), np.sign(figures) * np.log1p(np.abs(figures))]
