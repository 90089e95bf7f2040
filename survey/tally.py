"""From survey sheets to percentages, and from planned sheets to what is still missing: pure and exact.

An option is worth a percentage, or nothing: "không có ý kiến" leaves the denominator, and so does a question
left blank.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

from criteria.points import EXACT, HUNDRED, ZERO

MAX_ERRORS = 50


@dataclass(frozen=True)
class Scale:
    """What each option is worth, in % from 0 to 100; None for an option that is no opinion."""

    options: Mapping[str, Decimal | None]

    def __post_init__(self) -> None:
        worths = [worth for worth in self.options.values() if worth is not None]
        if not worths:
            raise ValueError("Thang đo phải có ít nhất một lựa chọn được tính điểm.")
        for worth in worths:
            if not isinstance(worth, Decimal):
                raise TypeError(f"{worth!r} is no Decimal")
            if not worth.is_finite() or not ZERO <= worth <= HUNDRED:
                raise ValueError("Mỗi lựa chọn được tính từ 0 đến 100 %.")


STANDARD_SCALE = Scale({"A": HUNDRED, "B": Decimal(60), "C": Decimal(20), "D": ZERO, "E": None})


@dataclass(frozen=True)
class Response:
    """One sheet: the option chosen for each question answered, and the respondent group that filled it in."""

    answers: Mapping[str, str]
    group: str = ""


class TallyError(ValueError):
    """Sheets that do not fit the form; `errors` tells every fault in Vietnamese, 50 at most."""

    def __init__(self, errors: Iterable[str]) -> None:
        self.errors = tuple(errors)
        super().__init__(" ".join(self.errors))


@dataclass(frozen=True)
class Tally:
    """Answers to one criterion: how many of each option, how many count, and their percentage.

    `exact` is the percentage as a fraction, so that points computed from it cannot miss a tie in rounding;
    None if no answer counts.
    """

    exact: Fraction | None
    counted: int
    no_opinion: int
    by_option: Mapping[str, int]

    @property
    def percent(self) -> Decimal | None:
        """The percentage, 0 to 100, to print: exact where it has at most 60 digits."""
        if self.exact is None:
            return None
        return EXACT.divide(Decimal(self.exact.numerator), Decimal(self.exact.denominator))


@dataclass(frozen=True)
class CriterionTally(Tally):
    """A criterion over all respondents, and for each respondent group that answered it."""

    by_group: Mapping[str, Tally]


def tally(
    responses: Iterable[Response],
    questions: Mapping[str, str],
    scale: Scale = STANDARD_SCALE,
    weights: Mapping[str, Decimal] | None = None,
) -> dict[str, CriterionTally]:
    """The tally of every criterion that `questions` (question -> criterion code) asks about.

    A criterion's percentage is the mean over all its answers, whichever of its questions they belong to. With
    `weights` per respondent group it is the weighted mean of the groups' percentages; a group without a valid
    answer drops out and the other weights keep their proportion. TallyError for a question, option or group
    that is not known; ValueError for a weight below zero.
    """
    for weight in (weights or {}).values():
        if not isinstance(weight, Decimal):
            raise TypeError(f"{weight!r} is no Decimal")
        if not weight.is_finite() or weight < 0:
            raise ValueError("Trọng số của nhóm không được âm.")
    groups: dict[str, dict[str, Counter[str]]] = {code: {} for code in questions.values()}
    errors: list[str] = []
    for number, response in enumerate(responses, start=1):
        errors += [f"Phiếu {number}: {fault}." for fault in _faults(response, questions, scale, weights)]
        if len(errors) >= MAX_ERRORS:
            break
        if not errors:
            for question, option in response.answers.items():
                groups[questions[question]].setdefault(response.group, Counter())[option] += 1
    if errors:
        raise TallyError(errors[:MAX_ERRORS])
    return {code: _criterion(by_group, scale, weights) for code, by_group in groups.items()}


def _faults(
    response: Response, questions: Mapping[str, str], scale: Scale, weights: Mapping[str, Decimal] | None
) -> Iterable[str]:
    if weights is not None and response.group not in weights:
        yield f"nhóm “{response.group}” không có trọng số"
    for question, option in response.answers.items():
        if question not in questions:
            yield f"mẫu phiếu không có câu “{question}”"
        elif option not in scale.options:
            yield f"câu “{question}” không có lựa chọn “{option}”"


def _criterion(
    by_group: Mapping[str, Counter[str]], scale: Scale, weights: Mapping[str, Decimal] | None
) -> CriterionTally:
    groups = {group: _tally(counts, scale) for group, counts in sorted(by_group.items())}
    pooled = _tally(sum(by_group.values(), Counter()), scale)
    exact = pooled.exact if weights is None else _weighted(groups, weights)
    return CriterionTally(exact, pooled.counted, pooled.no_opinion, pooled.by_option, groups)


def _tally(counts: Counter[str], scale: Scale) -> Tally:
    total, counted, no_opinion = Fraction(0), 0, 0
    for option, worth in scale.options.items():
        if worth is None:
            no_opinion += counts[option]
        else:
            counted += counts[option]
            total += Fraction(worth) * counts[option]
    by_option = {option: counts[option] for option in scale.options}
    return Tally(total / counted if counted else None, counted, no_opinion, by_option)


def _weighted(groups: Mapping[str, Tally], weights: Mapping[str, Decimal]) -> Fraction | None:
    total, whole = Fraction(0), Fraction(0)
    for group, part in groups.items():
        if part.exact is not None:
            total += Fraction(weights[group]) * part.exact
            whole += Fraction(weights[group])
    return total / whole if whole else None


@dataclass(frozen=True)
class Quota:
    """Sheets planned for one unit and one respondent group."""

    unit: str
    group: str
    planned: int

    def __post_init__(self) -> None:
        if self.planned < 0:
            raise ValueError("Số phiếu theo kế hoạch không được âm.")


@dataclass(frozen=True)
class FillRow:
    """Sheets planned, received and still missing; sheets beyond one quota never make up for another."""

    unit: str
    group: str
    planned: int
    received: int
    missing: int

    @property
    def percent(self) -> Decimal | None:
        """How much of the plan is filled, 0 to 100, cut to one decimal: 100 only when nothing is missing."""
        if not self.planned:
            return None
        filled = EXACT.divide(HUNDRED * (self.planned - self.missing), Decimal(self.planned))
        return filled.quantize(Decimal("0.1"), ROUND_DOWN, EXACT)


def fill(quotas: Sequence[Quota], received: Mapping[tuple[str, str], int]) -> list[FillRow]:
    """One row per quota, in their order, then what came in for a (unit, group) without a quota.

    ValueError for a quota told twice or a negative number received.
    """
    planned = _planned(quotas)
    if any(count < 0 for count in received.values()):
        raise ValueError("Số phiếu đã thu không được âm.")
    beyond = sorted(key for key, count in received.items() if count and key not in planned)
    return [
        FillRow(unit, group, wanted, came, max(wanted - came, 0))
        for (unit, group), wanted in [*planned.items(), *((key, 0) for key in beyond)]
        for came in [received.get((unit, group), 0)]
    ]


def _planned(quotas: Sequence[Quota]) -> dict[tuple[str, str], int]:
    planned = {(quota.unit, quota.group): quota.planned for quota in quotas}
    if len(planned) != len(quotas):
        raise ValueError("Một đơn vị có hai chỉ tiêu phiếu cho cùng một nhóm.")
    return planned


def total_fill(rows: Iterable[FillRow], *, unit: str = "", group: str = "") -> FillRow:
    """The rows added up, under the labels given; what is missing is the sum of what each row misses."""
    rows = list(rows)
    return FillRow(
        unit,
        group,
        sum(row.planned for row in rows),
        sum(row.received for row in rows),
        sum(row.missing for row in rows),
    )


@dataclass(frozen=True)
class QuotaTotals:
    """The sums that an annex prints beside and below its numbers; `by_group` is keyed by (level, group)."""

    by_unit: Mapping[str, int]
    by_group: Mapping[tuple[str, str], int]
    by_level: Mapping[str, int]
    total: int


def quota_totals(quotas: Sequence[Quota], level_of: Mapping[str, str]) -> QuotaTotals:
    """Add up the quotas by unit, by group within a level (`level_of` a unit), by level and in all.

    ValueError for a quota told twice or a unit without a level.
    """
    by_unit: Counter[str] = Counter()
    by_group: Counter[tuple[str, str]] = Counter()
    by_level: Counter[str] = Counter()
    for (unit, group), planned in _planned(quotas).items():
        if unit not in level_of:
            raise ValueError(f"Đơn vị “{unit}” chưa có cấp.")
        level = level_of[unit]
        by_unit[unit] += planned
        by_group[level, group] += planned
        by_level[level] += planned
    return QuotaTotals(dict(by_unit), dict(by_group), dict(by_level), by_level.total())


@dataclass(frozen=True)
class Mismatch:
    """A printed sum that is not what its parts add up to; None where one side has no such sum."""

    where: str
    printed: int | None
    computed: int | None


def mismatches(printed: QuotaTotals, computed: QuotaTotals) -> list[Mismatch]:
    """Every sum in which an annex and its own numbers differ, in order; empty if the annex adds up."""
    said, found = _sums(printed), _sums(computed)
    return [
        Mismatch(where, said.get(where), found.get(where))
        for where in sorted(said.keys() | found.keys())
        if said.get(where) != found.get(where)
    ]


def _sums(totals: QuotaTotals) -> dict[str, int]:
    return {
        **{f"Đơn vị {unit}": planned for unit, planned in totals.by_unit.items()},
        **{f"Cấp {level}, nhóm {group}": planned for (level, group), planned in totals.by_group.items()},
        **{f"Cấp {level}": planned for level, planned in totals.by_level.items()},
        "Tổng cộng": totals.total,
    }
