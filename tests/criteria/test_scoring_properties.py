"""What must hold for every rule, set, scale and number, whatever they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random

from hypothesis import assume, given
from hypothesis import strategies as st

from criteria.scoring import (
    Answer,
    Band,
    BandScale,
    Branch,
    Context,
    CountRow,
    CountTable,
    DateTier,
    DateTiers,
    Direct,
    Figure,
    FigureErrors,
    Leaf,
    Level,
    NotApplicable,
    NumberError,
    PercentOfMax,
    PerItem,
    Proportional,
    Rounding,
    Rule,
    Scorer,
    Source,
    Step,
    SurveyRule,
    Tally,
    Thresholds,
    Tier,
    Tiers,
    YesNo,
    check_rule,
    figures_from_data,
    figures_to_data,
    format_number,
    format_points,
    parse_bands,
    parse_count,
    parse_number,
    parse_points,
    parse_rule,
    rescale,
    rule_to_data,
    survey_points,
    tally,
)

ROUNDING = Rounding()
YEAR = Context(2026)


def decimals(low: str | Decimal, high: str | Decimal, places: int = 2) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), places=places, allow_nan=False, allow_infinity=False)


labels = st.text("abcdeghiklmnopđạảấếịọủ ", min_size=1, max_size=20).filter(lambda text: bool(text.strip()))
optional_labels = st.one_of(st.just(""), labels)
keys = st.text("abcxyz_09", min_size=1, max_size=8)
maxima = decimals("0.5", "100")
roundings = st.builds(
    Rounding,
    st.sampled_from([Decimal("0.01"), Decimal("0.05"), Decimal("0.25"), Decimal("0.5"), Decimal(1)]),
    st.sampled_from(["half_up", "half_even", "down"]),
)


def falling(values: list[Decimal]) -> list[Decimal]:
    return sorted(values, reverse=True)


@st.composite
def rules(draw: st.DrawFn, maximum: Decimal) -> Rule:
    points = decimals(-maximum, maximum)
    kind = draw(st.sampled_from(sorted(_BUILDERS)))
    return _BUILDERS[kind](draw, points, maximum)


def _tiers(draw: st.DrawFn, points: st.SearchStrategy[Decimal], maximum: Decimal) -> Rule:
    names = draw(st.lists(keys, min_size=1, max_size=5, unique=True))
    return Tiers(tuple(Tier(key, draw(labels), draw(points)) for key in names))


def _dates(draw: st.DrawFn, points: st.SearchStrategy[Decimal], maximum: Decimal) -> Rule:
    days = draw(
        st.lists(st.dates(date(2025, 1, 1), date(2025, 12, 31)), min_size=1, max_size=4, unique=True).map(sorted)
    )
    full = draw(st.booleans())
    tiers = tuple(
        DateTier(day.isoformat() if full else day.isoformat()[5:], draw(points), draw(optional_labels)) for day in days
    )
    late = draw(st.one_of(st.none(), points))
    return DateTiers(tiers, draw(points), draw(labels), late, draw(optional_labels))


def _thresholds(draw: st.DrawFn, points: st.SearchStrategy[Decimal], maximum: Decimal) -> Rule:
    ratio = draw(st.booleans())
    starts = falling(draw(st.lists(decimals("-10", "150"), min_size=1, max_size=5, unique=True)))
    steps = tuple(Step(start, draw(st.booleans()), draw(points)) for start in starts)
    over = draw(st.booleans())
    if ratio:
        unit = draw(st.sampled_from(["", "%"]))
        names = draw(optional_labels), draw(optional_labels)
        return Thresholds("ratio", steps, draw(points), unit, *names, allow_over=over)
    unit, name, below = draw(st.sampled_from(["", "%", "ngày"])), draw(optional_labels), draw(st.booleans())
    return Thresholds("value", steps, draw(points), unit, label_value=name, allow_over=over, allow_negative=below)


def _share(draw: st.DrawFn, points: st.SearchStrategy[Decimal], maximum: Decimal) -> Rule:
    floor = draw(st.one_of(st.none(), decimals("0", "100")))
    return Proportional(draw(optional_labels), draw(optional_labels), floor, draw(st.booleans()))


def _per_item(draw: st.DrawFn, points: st.SearchStrategy[Decimal], maximum: Decimal) -> Rule:
    each = draw(points.filter(bool))
    cap = draw(st.one_of(st.none(), decimals("0.01", maximum)))
    return PerItem(each, draw(labels), cap)


def _table(draw: st.DrawFn, points: st.SearchStrategy[Decimal], maximum: Decimal) -> Rule:
    counts = sorted(draw(st.lists(st.integers(0, 30), min_size=1, max_size=5, unique=True)), reverse=True)
    rows = tuple(CountRow(count, draw(points)) for count in counts)
    return CountTable(rows, draw(points), draw(labels))


def _levels(draw: st.DrawFn, points: st.SearchStrategy[Decimal], maximum: Decimal) -> Rule:
    names = draw(st.lists(keys, min_size=1, max_size=5, unique=True))
    return PercentOfMax(tuple(Level(key, draw(labels), draw(decimals("0", "100"))) for key in names))


_BUILDERS: dict[str, Callable[[st.DrawFn, st.SearchStrategy[Decimal], Decimal], Rule]] = {
    "yes_no": lambda draw, points, maximum: YesNo(draw(st.one_of(st.none(), st.tuples(labels, labels)))),
    "tiers": _tiers,
    "date_tiers": _dates,
    "thresholds": _thresholds,
    "proportional": _share,
    "per_item": _per_item,
    "count_table": _table,
    "percent_of_max": _levels,
    "direct": lambda draw, points, maximum: Direct(draw(st.sampled_from(["council", "leader"]))),
    "survey": lambda draw, points, maximum: SurveyRule(),
}


def values_of(figure: Figure) -> st.SearchStrategy[object]:
    """Anything that the figure accepts by itself."""
    if figure.type == "bool":
        return st.booleans()
    if figure.type == "choice":
        return st.sampled_from([key for key, _ in figure.choices])
    if figure.type == "date":
        return st.dates(date(2024, 1, 1), date(2027, 12, 31))
    if figure.type == "integer":
        return st.integers(0, 40)
    high = "100" if figure.type == "percent" and not figure.over else "200"
    return decimals("-20" if figure.negative else "0", high)


@st.composite
def scored(draw: st.DrawFn) -> tuple[Rule, Decimal, Mapping[str, object]]:
    """A rule with its maximum and figures of the right types, some of them missing."""
    maximum = draw(maxima)
    rule = draw(rules(maximum))
    declared = {
        figure.key: draw(st.one_of(st.none(), values_of(figure), values_of(figure))) for figure in rule.figures()
    }
    return rule, maximum, declared


@given(scored(), roundings)
def test_points_are_always_within_bounds_or_missing(
    case: tuple[Rule, Decimal, Mapping[str, object]], rounding: Rounding
) -> None:
    rule, maximum, declared = case
    try:
        outcome = rule.score(declared, maximum, rounding, YEAR)
    except FigureErrors as caught:
        wrong = set(caught.by_key())
    else:
        wrong = set()
    assert wrong <= {figure.key for figure in rule.figures()}
    if wrong:
        return
    lowest, highest = rule.bounds(maximum)
    assert lowest <= 0 <= highest <= maximum
    if outcome.points is None:
        assert rule.figures() == () or None in declared.values()
    else:
        assert lowest <= outcome.points <= highest
        assert outcome.explanation.endswith(f" → {format_points(outcome.points, rounding.places)} điểm")


@given(scored())
def test_points_of_missing_figures_are_missing(case: tuple[Rule, Decimal, Mapping[str, object]]) -> None:
    rule, maximum, _ = case
    assert rule.score({}, maximum, ROUNDING, YEAR).points is None


@given(scored())
def test_figures_survive_storage(case: tuple[Rule, Decimal, Mapping[str, object]]) -> None:
    rule, _, declared = case
    values = {
        figure.key: figure.check(declared[figure.key]) for figure in rule.figures() if declared[figure.key] is not None
    }
    assert figures_from_data(rule.figures(), figures_to_data(values)) == values


@given(maxima.flatmap(lambda maximum: st.tuples(rules(maximum), st.just(maximum))))
def test_rule_data_round_trip(case: tuple[Rule, Decimal]) -> None:
    rule, maximum = case
    data = rule_to_data(rule)
    parsed = parse_rule(data, maximum=maximum)
    assert parsed == rule
    assert rule_to_data(parsed) == data
    assert parsed.describe(maximum)
    assert all(warning.endswith(".") for warning in check_rule(parsed, maximum))


@given(st.integers(0, 10**9), st.integers(1, 10**9), decimals("0", "100"), st.booleans())
def test_threshold_decides_as_exact_fractions_do(part: int, whole: int, start: Decimal, inclusive: bool) -> None:
    assume(part <= whole)
    rule = Thresholds("ratio", (Step(start, inclusive, Decimal(2)),), Decimal(0))
    percent, limit = Fraction(part * 100, whole), Fraction(start)
    reached = percent >= limit if inclusive else percent > limit
    points = rule.score({"a": part, "b": whole}, Decimal(2), ROUNDING).points
    assert points == (2 if reached else 0)


@given(st.integers(0, 10**9), st.integers(1, 10**9), maxima)
def test_proportional_rounds_the_exact_share(part: int, whole: int, maximum: Decimal) -> None:
    assume(part <= whole)
    points = Proportional().score({"a": part, "b": whole}, maximum, ROUNDING).points
    assert points is not None
    doubled = Fraction(part) * Fraction(maximum) / whole * 200
    assert points == Decimal((doubled.numerator // doubled.denominator + 1) // 2) / 100


@given(decimals("0", "100"), maxima, roundings)
def test_survey_points_stay_within_the_maximum(percent: Decimal, maximum: Decimal, rounding: Rounding) -> None:
    points = survey_points(percent, maximum, rounding)
    assert points is not None
    assert 0 <= points <= maximum


@given(decimals("-1000", "1000", 6), roundings)
def test_rounding_gives_the_nearest_step_once(value: Decimal, rounding: Rounding) -> None:
    rounded = rounding.apply(value)
    assert rounding.apply(rounded) == rounded
    assert rounded % rounding.step == 0
    assert abs(rounded - value) <= (rounding.step if rounding.mode == "down" else rounding.step / 2)
    assert abs(rounded) <= abs(value) or rounding.mode != "down"


Sheet = tuple[tuple[Branch, ...], dict[str, Answer]]


@st.composite
def sheets(draw: st.DrawFn, dropping: bool = True) -> Sheet:
    """A small set with an answer for most of its leaves."""
    branches = []
    answers: dict[str, Answer] = {}
    for branch in range(draw(st.integers(1, 4))):
        leaves = []
        for leaf in range(draw(st.integers(1, 4))):
            code = f"{branch}.{leaf}"
            maximum = draw(maxima)
            source = draw(st.sampled_from([Source.SELF, Source.SELF, Source.COUNCIL, Source.BONUS, Source.PENALTY]))
            policies = [NotApplicable.NONE, NotApplicable.RESCALE] if dropping else [NotApplicable.NONE]
            policy = draw(st.sampled_from(policies))
            leaves.append(Leaf(code, maximum, source, Direct("council"), policy, domain=str(branch)))
            if policy is NotApplicable.RESCALE and draw(st.booleans()):
                answers[code] = Answer(None, not_applicable=True)
            elif draw(st.integers(0, 9)):
                answers[code] = Answer(draw(decimals("0", maximum)))
        branches.append(Branch(str(branch), None, tuple(leaves)))
    return tuple(branches), answers


def facts(result: Tally) -> object:
    """Everything that a sheet says, without the order in which it says it."""
    return (
        dict(result.nodes),
        dict(result.domains),
        dict(result.sources),
        (result.criteria, result.bonus, result.penalty, result.points, result.maximum, result.applicable),
        result.index,
        set(result.missing),
        set(result.unclaimed),
        set(result.dropped),
    )


@given(sheets(), st.randoms(use_true_random=False))
def test_total_does_not_depend_on_the_order_of_criteria(sheet: Sheet, chance: Random) -> None:
    branches, answers = sheet
    shuffled = []
    for branch in branches:
        children = list(branch.children)
        chance.shuffle(children)
        shuffled.append(Branch(branch.code, branch.maximum, tuple(children)))
    chance.shuffle(shuffled)
    codes = list(answers)
    chance.shuffle(codes)
    reordered = {code: answers[code] for code in codes}
    assert facts(tally(shuffled, reordered, rounding=ROUNDING)) == facts(tally(branches, answers, rounding=ROUNDING))


@given(sheets())
def test_sheet_parts_add_up_to_the_whole(sheet: Sheet) -> None:
    branches, answers = sheet
    result = tally(branches, answers, rounding=ROUNDING, bonus_cap=Decimal(3), penalty_cap=Decimal(2))
    for parts in ([result.nodes[branch.code] for branch in branches], result.domains.values(), result.sources.values()):
        assert sum((part.points for part in parts), Decimal(0)) == result.criteria
        assert sum((part.maximum for part in parts), Decimal(0)) == result.maximum
        assert sum((part.applicable for part in parts), Decimal(0)) == result.applicable
        assert sum(part.missing for part in parts) == len(result.missing)
        assert min(sum((part.bonus for part in parts), Decimal(0)), Decimal(3)) == result.bonus
        assert min(sum((part.penalty for part in parts), Decimal(0)), Decimal(2)) == result.penalty
    assert result.points == max(Decimal(0), result.criteria + result.bonus - result.penalty)
    assert (result.index is None) == bool(result.missing or not result.applicable)
    if result.index is not None:
        exact = Fraction(result.points) / Fraction(result.applicable) * 100
        assert abs(Fraction(result.index) - exact) <= Fraction(1, 200)


@given(sheets(dropping=False))
def test_rescaling_with_nothing_dropped_is_the_identity(sheet: Sheet) -> None:
    branches, answers = sheet
    result = tally(branches, answers, rounding=ROUNDING)
    assert not result.rescaled
    assert result.applicable == result.maximum
    assert rescale(result.points, result.applicable, result.maximum, ROUNDING) is result.points


@given(st.lists(decimals("0", "10"), min_size=10, max_size=10))
def test_index_of_a_hundred_points_is_the_points(points: list[Decimal]) -> None:
    leaves = [Leaf(str(n), Decimal(10), Source.SELF, Direct("council")) for n in range(10)]
    result = tally(leaves, {str(n): Answer(value) for n, value in enumerate(points)}, rounding=ROUNDING)
    assert result.index == result.points == sum(points, Decimal(0))


@given(sheets())
def test_scorer_keeps_nothing_from_one_unit_to_the_next(sheet: Sheet) -> None:
    branches, answers = sheet
    scorer = Scorer(branches, rounding=ROUNDING)
    first = facts(scorer.tally(answers))
    scorer.tally({})
    assert facts(scorer.tally(answers)) == first


@given(st.lists(decimals("0.01", "100"), max_size=6, unique=True), decimals("0", "120"))
def test_bands_cover_the_whole_range_exactly_once(cuts: list[Decimal], percent: Decimal) -> None:
    lowers = [*falling(cuts), Decimal(0)]
    scale = BandScale(tuple(Band(f"Mức {n}", lower) for n, lower in enumerate(lowers)))
    uppers = [None, *lowers]
    holding = [
        band
        for band, upper in zip(scale.bands, uppers, strict=False)
        if band.lower <= percent and (upper is None or percent < upper)
    ]
    assert holding == [scale.grade(percent)]


@given(st.lists(decimals("0.01", "100"), max_size=6, unique=True))
def test_bands_parse_to_the_scale_that_was_written(cuts: list[Decimal]) -> None:
    bands = tuple(Band(f"Mức {n}", lower) for n, lower in enumerate([*falling(cuts), Decimal(0)]))
    data = [{"label": band.label, "lower": str(band.lower)} for band in bands]
    assert parse_bands(data) == BandScale(bands)


@given(decimals("-999999.99", "999999.99"), st.integers(0, 4))
def test_points_read_back_as_printed(value: Decimal, places: int) -> None:
    assert parse_points(format_points(value, places)) == value


@given(decimals("0", "100000000", 4))
def test_number_reads_back_as_printed(value: Decimal) -> None:
    assert parse_number(format_number(value)) == value


@given(st.integers(0, 10**15 - 1))
def test_count_reads_back_as_printed(value: int) -> None:
    assert parse_count(format_number(value)) == value


@given(st.text(max_size=45))
def test_any_text_is_a_finite_number_or_refused(text: str) -> None:
    try:
        value = parse_points(text)
    except NumberError:
        return
    assert value.is_finite()
    assert abs(value) < 10**6
