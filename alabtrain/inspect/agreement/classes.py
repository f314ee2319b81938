"""Agreement on classes: of tasks by their choices, of spans by their statuses.

Pairs of annotators have the share of equal judgements and Cohen's kappa, all annotators together Krippendorff's alpha.
An annotator without a judgement is missing for that unit, as in training; how often only one of two judged is counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal, Protocol, TypedDict

from alabtrain.inspect.agreement.coefficients import (
    NOTHING_JUDGED,
    NOTHING_SHARED,
    ONE_CLASS,
    Both,
    Coefficient,
    Pair,
    Unit,
    alpha,
    kappa,
    mean,
    share,
)

Mode = Literal["single", "multiple", "dynamic"]
Judgements = Mapping[str, frozenset[str]]
"""The judgements of one unit (task or span) by annotator; no judgement is an empty set."""

DYNAMIC = "each task has its own choices, so there are no common classes to compare"
_YES, _NO = "yes", "no"


class KappaJson(TypedDict):
    """A choice of two annotators as `--json` prints it."""

    agreement: float | None
    kappa: float | None
    why: str


class AlphaJson(TypedDict):
    """A choice of all annotators as `--json` prints it."""

    agreement: float | None
    alpha: float | None
    why: str


class ClassPairJson(TypedDict):
    """A pair of annotators as `--json` prints it."""

    annotators: Pair
    n: int
    only_one: int
    agreement: float | None
    kappa: float | None
    why: str
    choices: dict[str, KappaJson]


class ClassesJson(TypedDict):
    """The agreement on one set of classes as `--json` prints it."""

    unit: str
    mode: Mode
    n: int
    agreement: float | None
    alpha: float | None
    alpha_averaged_over: int | None
    why: str
    choices: dict[str, AlphaJson]
    pairs: list[ClassPairJson]


@dataclass(frozen=True, slots=True)
class ClassPair:
    """Two annotators (by name): `n` units that both judged, `only_one` units that only one of them judged.

    `agreement` is the share of `n` with the same classes, `kappa` is Cohen's; for a group with several choices it is
    the mean over `choices`, which have each choice as yes or no. `why` is the reason if a number is None.
    """

    annotators: Pair
    n: int
    only_one: int
    agreement: float | None
    kappa: float | None
    why: str = ""
    choices: Mapping[str, ChoiceScore] = field(default_factory=dict)

    def to_dict(self) -> ClassPairJson:
        """Return the pair as `--json` prints it."""
        return {
            "annotators": self.annotators,
            "n": self.n,
            "only_one": self.only_one,
            "agreement": self.agreement,
            "kappa": self.kappa,
            "why": self.why,
            "choices": {
                name: {"agreement": score.agreement, "kappa": score.coefficient, "why": score.why}
                for name, score in self.choices.items()
            },
        }


@dataclass(frozen=True, slots=True)
class ChoiceScore:
    """One choice of several, as yes or no: `agreement` is the share that is the same, `coefficient` kappa or alpha."""

    agreement: float | None
    coefficient: float | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class ClassAgreement:
    """Agreement on one set of classes; `unit` is tasks or spans, `n` the number judged by several annotators.

    `agreement` is the share of equal judgements over all pairs, `alpha` is Krippendorff's; for `mode` "multiple" it is
    the mean over the `averaged` choices that have one. `why` is the reason if alpha is None.
    """

    unit: str
    mode: Mode
    n: int
    agreement: float | None
    alpha: float | None
    why: str
    averaged: int | None
    choices: Mapping[str, ChoiceScore]
    pairs: tuple[ClassPair, ...]

    def to_dict(self) -> ClassesJson:
        """Return the agreement as `--json` prints it."""
        return {
            "unit": self.unit,
            "mode": self.mode,
            "n": self.n,
            "agreement": self.agreement,
            "alpha": self.alpha,
            "alpha_averaged_over": self.averaged,
            "why": self.why,
            "choices": {
                name: {"agreement": score.agreement, "alpha": score.coefficient, "why": score.why}
                for name, score in self.choices.items()
            },
            "pairs": [pair.to_dict() for pair in self.pairs],
        }


class ClassCounter(Protocol):
    """Adds up agreement on classes; keeps numbers only."""

    def add(self, judgements: Judgements) -> None:
        """Add one unit that these annotators saw."""

    def result(self, annotators: Iterable[str]) -> ClassAgreement:
        """Return the agreement of each pair of these annotators, and of all."""


def class_counter(mode: Mode, unit: str = "tasks") -> ClassCounter:
    """Return a counter for groups with one choice, with several, or with choices that come from the tasks."""
    return SingleCounter(unit) if mode == "single" else SeveralCounter(unit, mode)


class SingleCounter:
    """Counts agreement for one class per unit."""

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self._joint: dict[Pair, Counter[Both]] = defaultdict(Counter)
        self._units: Counter[Unit] = Counter()
        self._only_one: Counter[Pair] = Counter()

    def add(self, judgements: Judgements) -> None:
        """Add one unit; each annotator has at most one class."""
        for pair in combinations(sorted(judgements), 2):
            classes = tuple(name for annotator in pair for name in judgements[annotator])
            if len(classes) == 2:
                self._joint[pair][classes[0], classes[1]] += 1
            elif classes:
                self._only_one[pair] += 1
        counts = Counter(name for classes in judgements.values() for name in classes)
        if counts.total() > 1:
            self._units[tuple(sorted(counts.items()))] += 1

    def result(self, annotators: Iterable[str]) -> ClassAgreement:
        """Return the agreement of each pair, and of all."""
        pairs = [self._pair(pair) for pair in combinations(sorted(annotators), 2)]
        found = alpha(self._units)
        same = sum(_same(joint) for joint in self._joint.values())
        judged = sum(joint.total() for joint in self._joint.values())
        overall = share(same, judged, NOTHING_JUDGED)
        return ClassAgreement(
            self._unit, "single", self._units.total(), overall.value, found.value, found.why, None, {}, tuple(pairs)
        )

    def _pair(self, pair: Pair) -> ClassPair:
        joint = self._joint.get(pair, Counter())
        agreement, found = share(_same(joint), joint.total()), kappa(joint)
        return ClassPair(pair, joint.total(), self._only_one[pair], agreement.value, found.value, found.why)


@dataclass(slots=True)
class _Several:
    """Counts for units that two annotators judged: by choice, how often (the one, the other) selected it."""

    n: int = 0
    same: int = 0
    ticked: dict[str, Counter[Both]] = field(default_factory=lambda: defaultdict(Counter))

    def joint(self, choice: str) -> Counter[Both]:
        """Return the counts of all `n` units by whether the one and the other selected a choice."""
        counts = Counter(self.ticked.get(choice, {}))
        counts[_NO, _NO] = self.n - counts.total()
        return counts


class SeveralCounter:
    """Counts agreement for any number of classes per unit: each class is a yes-or-no question."""

    def __init__(self, unit: str, mode: Mode) -> None:
        self._unit = unit
        self._mode = mode
        self._pairs: dict[Pair, _Several] = defaultdict(_Several)
        self._only_one: Counter[Pair] = Counter()
        # How many annotators judged a unit, and by choice how many of them selected it (if any did).
        self._judges: Counter[int] = Counter()
        self._ticks: dict[str, Counter[tuple[int, int]]] = defaultdict(Counter)

    def add(self, judgements: Judgements) -> None:
        """Add one unit."""
        for pair in combinations(sorted(judgements), 2):
            one, other = judgements[pair[0]], judgements[pair[1]]
            if one and other:
                self._compare(pair, one, other)
            elif one or other:
                self._only_one[pair] += 1
        judges = sum(bool(classes) for classes in judgements.values())
        if judges > 1:
            self._judges[judges] += 1
            if self._mode != "dynamic":
                for name, count in Counter(name for classes in judgements.values() for name in classes).items():
                    self._ticks[name][judges, count] += 1

    def _compare(self, pair: Pair, one: frozenset[str], other: frozenset[str]) -> None:
        counts = self._pairs[pair]
        counts.n += 1
        counts.same += one == other
        # Choices that come from the tasks may be text of a document: they are not kept.
        for name in one | other if self._mode != "dynamic" else ():
            counts.ticked[name][_YES if name in one else _NO, _YES if name in other else _NO] += 1

    def result(self, annotators: Iterable[str]) -> ClassAgreement:
        """Return the agreement of each pair, and of all."""
        pairs = [self._pair(pair) for pair in combinations(sorted(annotators), 2)]
        counted = self._pairs.values()
        overall = share(sum(c.same for c in counted), sum(c.n for c in counted), NOTHING_JUDGED)
        n = self._judges.total()
        choices = {name: self._choice(name) for name in sorted(self._ticks)}
        found, averaged = mean((c for c, _ in choices.values()), _why(self._mode, n, NOTHING_JUDGED))
        scores = {name: ChoiceScore(same.value, c.value, c.why) for name, (c, same) in choices.items()}
        return ClassAgreement(
            self._unit, self._mode, n, overall.value, found.value, found.why, averaged, scores, tuple(pairs)
        )

    def _choice(self, name: str) -> tuple[Coefficient, Coefficient]:
        """Return alpha of one choice, and the share of pairs that agree on it."""
        units: Counter[Unit] = Counter()
        silent = Counter(self._judges)
        for (judges, ticked), count in self._ticks[name].items():
            silent[judges] -= count
            units[(_NO, judges - ticked), (_YES, ticked)] += count
        for judges, count in silent.items():
            units[(_NO, judges), (_YES, 0)] += count
        joints = [counts.joint(name) for counts in self._pairs.values()]
        return alpha(units), share(sum(map(_same, joints)), sum(joint.total() for joint in joints))

    def _pair(self, pair: Pair) -> ClassPair:
        counts = self._pairs.get(pair, _Several())
        joints = {name: counts.joint(name) for name in sorted(counts.ticked)}
        kappas = {name: kappa(joint) for name, joint in joints.items()}
        found, _ = mean(kappas.values(), _why(self._mode, counts.n, NOTHING_SHARED))
        choices = {
            name: ChoiceScore(share(_same(joint), counts.n).value, kappas[name].value, kappas[name].why)
            for name, joint in joints.items()
        }
        same = share(counts.same, counts.n).value
        return ClassPair(pair, counts.n, self._only_one[pair], same, found.value, found.why, choices)


def _same(joint: Mapping[Both, int]) -> int:
    return sum(count for (one, other), count in joint.items() if one == other)


def _why(mode: Mode, n: int, nothing: str) -> str:
    if not n:
        return nothing
    return DYNAMIC if mode == "dynamic" else ONE_CLASS
