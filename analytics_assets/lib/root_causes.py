"""Which root cause is behind an issue? Learnt from text, class and files, and said only where it is likely enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from analytics_assets.issue_thresholds import (
    CAUSE_MIN_CONFIDENCE,
    CAUSE_MIN_ISSUES,
    CAUSE_SMOOTHING,
    CAUSE_TRAIN_ISSUES,
    ISSUE_TEXT,
    TEXT_FEATURES,
)
from analytics_assets.lib.judged_models import Judged, gained, log_losses, split_by_time
from analytics_assets.lib.rates import wilson_interval

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    Probabilities = NDArray[np.float64]
    """One row per issue, one column per cause."""

UNKNOWN = "unknown"
"""A cause seen too rarely to be learnt, and the answer where none is likely enough."""
METRIC = "log loss"
NAIVE = "causes as frequent as in the category"
FEATURES = ("words", "parts of words", "category", "subcategory", "files")
FOLDS = 3


class Issue(NamedTuple):
    """What is known of an issue when it is found, and its cause once it was traced.

    ``traced_at`` is when its cause was first named, as far as its versions tell; its first sight where they do not.
    """

    id: str
    text: str | None
    category: str | None
    subcategory: str | None
    files: Sequence[str]
    traced_at: datetime
    root_cause_id: str | None


@dataclass(frozen=True)
class RootCauses:
    """``model`` is None where it is not published: then every cause is unknown."""

    judged: Judged
    model: _Classifier | None

    def predictions(self, issues: Sequence[Issue]) -> list[dict[str, Any]]:
        """One row per issue: id, predicted_root_cause_id, confidence, runner_up, runner_up_confidence, reason."""
        if self.model is None:
            return [
                {"id": issue.id, "predicted_root_cause_id": UNKNOWN, "reason": self.judged.reason} for issue in issues
            ]
        probabilities = self.model.probabilities(issues)
        return [
            {"id": issue.id} | _said(self.model.causes, row) for issue, row in zip(issues, probabilities, strict=True)
        ]


def fit_root_causes(traced: Sequence[Issue]) -> RootCauses:
    """Learn from the 70 % of the issues that were traced first, and judge by those that were traced later.

    An issue that was seen before the split and traced after it had no cause yet to learn from. A published model is
    the one that was judged. An issue whose cause was seen fewer than five times by then, or never, counts as one of an
    unknown cause.
    """
    traced = sorted(traced, key=lambda issue: (issue.traced_at, issue.id))[-int(CAUSE_TRAIN_ISSUES.value) :]
    split = split_by_time([issue.traced_at for issue in traced])
    if isinstance(split, str):
        return RootCauses(_judged(train_n=len(traced), test_n=0, reason=split), None)
    train = [issue for issue, is_train in zip(traced, split.is_train, strict=True) if is_train]
    test = [issue for issue, is_train in zip(traced, split.is_train, strict=True) if not is_train]
    causes = _causes(train)
    if len(causes) < 2:  # noqa: PLR2004 - between one there is nothing to choose
        reason = f"not enough data: of {len(train)} issues all have one cause, or one that was seen fewer than "
        reason += f"{CAUSE_MIN_ISSUES.value:.0f} times"
        return RootCauses(_judged(train_n=len(train), test_n=len(test), reason=reason), None)
    actual = _numbers(causes, test)
    model = _Classifier(train, causes)
    answers, naive_answers = model.probabilities(test), _shares(train, causes, test)
    losses, naive_losses = log_losses(_given(answers, actual)), log_losses(_given(naive_answers, actual))
    judged = _judged(train_n=len(train), test_n=len(test)).against(
        NAIVE, naive_losses, losses, split_at=split.at, examples="traced issues"
    )
    details, useless = _accuracy(causes, answers, naive_answers, actual)
    judged = replace(judged, details=details)
    if judged.is_published and useless is not None:
        judged = replace(judged, is_published=False, reason=useless)
    return RootCauses(judged, model if judged.is_published else None)


def _judged(*, train_n: int, test_n: int, reason: str = "") -> Judged:
    return Judged(
        model="root_cause",
        target="root_cause_id",
        features=FEATURES,
        metric=METRIC,
        train_n=train_n,
        test_n=test_n,
        reason=reason,
    )


def _causes(train: Sequence[Issue]) -> tuple[str, ...]:
    """Causes that were seen often enough, and ``unknown`` where there are others."""
    counts = Counter(issue.root_cause_id or UNKNOWN for issue in train)
    often = sorted(cause for cause, n in counts.items() if n >= CAUSE_MIN_ISSUES.value and cause != UNKNOWN)
    rare = sum(n for cause, n in counts.items() if cause not in often)
    # Calibration needs each class in each of its folds; fewer of the rest are left out of the fit.
    return (*often, UNKNOWN) if rare >= FOLDS else tuple(often)


def _numbers(causes: Sequence[str], issues: Sequence[Issue]) -> NDArray[np.intp]:
    """Column of each issue's cause; that of ``unknown`` for the rest, -1 where there is no such column."""
    column = {cause: number for number, cause in enumerate(causes)}
    return np.array([column.get(issue.root_cause_id or UNKNOWN, column.get(UNKNOWN, -1)) for issue in issues])


def _given(probabilities: Probabilities, actual: NDArray[np.intp]) -> NDArray[np.float64]:
    """What was given to the cause that it is; 0 where nobody could have foreseen it, by either answer."""
    return np.where(actual >= 0, probabilities[np.arange(len(actual)), actual], 0.0)


def _shares(train: Sequence[Issue], causes: Sequence[str], asked: Sequence[Issue]) -> Probabilities:
    """Shares of the causes in the issue's category, as if every cause had been seen in it half a time more often."""
    numbers = _numbers(causes, train)
    counts: dict[str | None, NDArray[np.float64]] = {}
    overall = np.full(len(causes), 0.5)
    for issue, number in zip(train, numbers, strict=True):
        if number >= 0:
            counts.setdefault(issue.category, np.full(len(causes), 0.5))[number] += 1
            overall[number] += 1
    rows = np.array([counts.get(issue.category, overall) for issue in asked])
    shares: Probabilities = rows / rows.sum(axis=1, keepdims=True)
    return shares


def _said(causes: Sequence[str], row: NDArray[np.float64]) -> dict[str, Any]:
    """The likeliest cause with the next one, or why it is not named."""
    order = np.argsort(-row, kind="stable")
    named = [(causes[number], float(row[number])) for number in order]
    (cause, confidence), (runner_up, runner_up_confidence) = named[0], named[1]
    said = {"confidence": confidence, "runner_up": runner_up, "runner_up_confidence": runner_up_confidence}
    needed = CAUSE_MIN_CONFIDENCE.value
    if cause == UNKNOWN:
        reason = f"most like issues whose cause was seen fewer than {CAUSE_MIN_ISSUES.value:.0f} times"
        return said | {"predicted_root_cause_id": UNKNOWN, "reason": reason}
    if confidence < needed:
        reason = f"{cause} is the likeliest with {confidence:.0%}, below the {needed:.0%} that are asked for"
        return said | {"predicted_root_cause_id": UNKNOWN, "reason": reason}
    reason = f"text, class and files are those of {cause} with {confidence:.0%}"
    return said | {"predicted_root_cause_id": cause, "reason": reason}


def _accuracy(
    causes: Sequence[str], answers: Probabilities, naive_answers: Probabilities, actual: NDArray[np.intp]
) -> tuple[dict[str, Any], str | None]:
    """Of the judged issues, how often a cause is named and is right; and why that is of no use, if it is of none."""
    best, confidence = answers.argmax(axis=1), answers.max(axis=1)
    is_named = (confidence >= CAUSE_MIN_CONFIDENCE.value) & np.array([causes[number] != UNKNOWN for number in best])
    is_right, is_naive_right = best == actual, naive_answers.argmax(axis=1) == actual
    named, right = int(is_named.sum()), int(is_right[is_named].sum())
    details: dict[str, Any] = {
        "min_confidence": CAUSE_MIN_CONFIDENCE.value,
        "named_share": round(named / len(actual), 3),
        "accuracy": round(float(is_right.mean()), 3),
        "naive_accuracy": round(float(is_naive_right.mean()), 3),
    }
    interval = wilson_interval(right, named)
    if interval is None:
        needed = f"{CAUSE_MIN_CONFIDENCE.value:.0%}"
        return details, f"the model was never sure enough to name a cause: {needed} are asked for"
    naive_right = int(is_naive_right[is_named].sum())
    details |= {
        "accuracy_where_named": round(right / named, 3),
        "accuracy_where_named_interval": [round(interval.low, 3), round(interval.high, 3)],
        "mean_confidence_where_named": round(float(confidence[is_named].mean()), 3),
        "naive_accuracy_where_named": round(naive_right / named, 3),
    }
    # Mistakes as losses: it has to be right more often, not only surer.
    if gained(~is_naive_right[is_named], ~is_right[is_named]).low <= 0:
        reason = f"of {named} causes that the model named {right} were right, of the simple answer {naive_right}"
        return details, f"{reason}, which may be chance"
    return details, None


class _Classifier:
    """Naive Bayes on hashed words, with one temperature that calibrates its probabilities.

    Words are hashed to places instead of counted into a vocabulary: texts of any kind, also none, have the same
    columns. The temperature comes from three folds of what is learnt from (Guo et al., "On calibration of modern
    neural networks", ICML 2017). Logistic regression on the same columns took 30 times as long and was no better.
    """

    def __init__(self, train: Sequence[Issue], causes: tuple[str, ...]) -> None:
        from sklearn.calibration import CalibratedClassifierCV
        from sklearn.model_selection import StratifiedKFold
        from sklearn.naive_bayes import MultinomialNB

        self.causes = causes
        numbers = _numbers(causes, train)
        known = [issue for issue, number in zip(train, numbers, strict=True) if number >= 0]
        self._doubt = 1 / (len(known) + 2)
        self._text = _text_columns()
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
        self._model = CalibratedClassifierCV(
            MultinomialNB(alpha=CAUSE_SMOOTHING.value), method="temperature", cv=folds, ensemble=False
        ).fit(self._text.fit_transform([_content(issue) for issue in known]), numbers[numbers >= 0])

    def probabilities(self, issues: Sequence[Issue]) -> Probabilities:
        """Of each cause; the columns are those of ``causes``."""
        if not issues:
            return np.empty((0, len(self.causes)))
        answers: Probabilities = self._model.predict_proba(self._text.transform([_content(issue) for issue in issues]))
        # Of n issues learnt from none was wrong: the next one still may be, once in n + 2 times (rule of succession).
        return (1 - self._doubt) * answers + self._doubt / len(self.causes)


def _text_columns() -> Any:
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
    from sklearn.pipeline import make_pipeline, make_union

    def hashed(**options: Any) -> Any:
        places = HashingVectorizer(n_features=int(TEXT_FEATURES.value), alternate_sign=False, norm=None, **options)
        return make_pipeline(places, TfidfTransformer(sublinear_tf=True))

    return make_union(
        hashed(preprocessor=_first, ngram_range=(1, 2), token_pattern=r"\w+"),  # noqa: S106 - a word
        hashed(preprocessor=_first, analyzer="char_wb", ngram_range=(3, 4)),
        hashed(preprocessor=_second, tokenizer=str.split, token_pattern=None),
    )


def _content(issue: Issue) -> tuple[str, str]:
    """The text, and what else is known as words that stand for themselves."""
    words = [f"category={issue.category}", f"subcategory={issue.subcategory}"]
    for file in issue.files:
        folders = file.split("/")
        words += ["file=" + "/".join(folders[: depth + 1]) for depth in range(len(folders))]
    return (issue.text or "")[: int(ISSUE_TEXT.value)].lower(), "\n".join(word.replace(" ", "_") for word in words)


def _first(content: tuple[str, str]) -> str:
    return content[0]


def _second(content: tuple[str, str]) -> str:
    return content[1]
