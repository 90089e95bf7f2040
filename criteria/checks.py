"""Warnings about rules and sets that can be run but are probably not what their author meant.

Pure: no Django. Each warning is a Vietnamese sentence for the person who writes the set.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from .measures import CountTable, PerItem, Proportional, Thresholds
from .nodes import Leaf, NotApplicable, Source, Tree, criteria_maximum, top_nodes, walk
from .points import HUNDRED, ZERO, Rounding, format_number
from .rules import DateTiers, Direct, PercentOfMax, Rule, SurveyRule, Tiers


def _reach(points: Sequence[Decimal], maximum: Decimal) -> Iterator[str]:
    highest = max(points)
    if highest < maximum:
        wanted, found = format_number(maximum), format_number(highest)
        yield f"Không mức nào đạt điểm tối đa {wanted}: mức cao nhất là {found}."


def _falling(points: Sequence[Decimal], what: str) -> Iterator[str]:
    """Points that should not rise from one row to the next."""
    for number, (above, below) in enumerate(pairwise(points), start=2):
        if below > above:
            yield (
                f"{what} {number} được {format_number(below)} điểm, nhiều hơn {format_number(above)} điểm "
                "của dòng trên: kiểm tra thứ tự và điểm."
            )


def _one_way(points: Sequence[Decimal], what: str) -> Iterator[str]:
    """Points that should fall from row to row, or rise all the way where less is better (late files)."""
    if any(below < above for above, below in pairwise(points)):
        yield from _falling(points, what)


def _tiers(rule: Tiers, maximum: Decimal) -> Iterator[str]:
    yield from _reach(rule.stated(), maximum)
    yield from _falling(rule.stated(), "Mức ở dòng")
    labels = [tier.label for tier in rule.tiers]
    yield from (f"Nhãn “{label}” dùng cho nhiều mức." for label in sorted(set(labels)) if labels.count(label) > 1)


def _date_tiers(rule: DateTiers, maximum: Decimal) -> Iterator[str]:
    *dated, none = rule.stated()
    yield from _reach(rule.stated(), maximum)
    yield from _falling(dated, "Mốc ở dòng")
    if none > min(dated):
        yield "Không làm được nhiều điểm hơn làm muộn: kiểm tra điểm của trường hợp không ban hành."


def _thresholds(rule: Thresholds, maximum: Decimal) -> Iterator[str]:
    yield from _reach(rule.stated(), maximum)
    yield from _one_way(rule.stated(), "Ngưỡng ở dòng")
    percent = rule.measure == "ratio" or rule.unit == "%"
    for number, step in enumerate(rule.steps, start=1):
        beyond = step.start > HUNDRED or (step.start == HUNDRED and not step.inclusive)
        if percent and beyond and not rule.allow_over:
            yield f"Ngưỡng ở dòng {number} cao hơn 100 % nên không bao giờ đạt."
    last = rule.steps[-1]
    if not rule.allow_negative and (last.start < 0 or (last.start == 0 and last.inclusive)):
        yield "Ngưỡng cuối nhận mọi giá trị từ 0 nên mức “còn lại” không bao giờ dùng đến."


def _per_item(rule: PerItem, maximum: Decimal) -> Iterator[str]:
    cap = maximum if rule.cap is None else rule.cap
    if rule.each > 0 and cap < maximum:
        yield f"Trần {format_number(cap)} thấp hơn điểm tối đa {format_number(maximum)}: không ai đạt tối đa."
    if abs(rule.each) > cap:
        yield f"Chỉ một mục đã vượt trần {format_number(cap)}."


def _count_table(rule: CountTable, maximum: Decimal) -> Iterator[str]:
    yield from _reach(rule.stated(), maximum)
    yield from _one_way(rule.stated(), "Bảng ở dòng")
    for above, below in pairwise(rule.table):
        if above.least - below.least > 1:
            low, high = format_number(below.least + 1), format_number(above.least - 1)
            gap = low if low == high else f"từ {low} đến {high}"
            yield (
                f"Bảng không nêu số lượng {gap}: được tính như {format_number(below.least)}, "
                f"{format_number(below.points)} điểm."
            )


def _percent_of_max(rule: PercentOfMax, maximum: Decimal) -> Iterator[str]:
    percents = [level.percent for level in rule.levels]
    if max(percents) < HUNDRED:
        yield f"Không mức nào được 100 % điểm tối đa: mức cao nhất là {format_number(max(percents))} %."
    for number, (above, below) in enumerate(pairwise(percents), start=2):
        if below > above:
            low, high = format_number(above), format_number(below)
            yield f"Mức ở dòng {number} được {high} %, nhiều hơn {low} % của dòng trên."


def check_rule(rule: Rule, maximum: Decimal) -> list[str]:
    """What looks wrong in a rule that can be run, in Vietnamese; empty where nothing does.

    Intervals of thresholds and tables cannot overlap or leave a hole by their construction, so what is looked
    for is: a maximum that nothing reaches, points that rise where they should fall, counts that a table does
    not name, rows that never apply.
    """
    warnings: list[str] = []
    takes_away = isinstance(rule, PerItem) and rule.each < 0
    only_below = isinstance(rule, Tiers) and all(tier.points <= ZERO for tier in rule.tiers)
    if maximum == 0 and not takes_away and not only_below:
        warnings.append("Điểm tối đa bằng 0 nên tiêu chí không cho điểm nào.")
    match rule:
        case Tiers():
            warnings += _tiers(rule, maximum)
        case DateTiers():
            warnings += _date_tiers(rule, maximum)
        case Thresholds():
            warnings += _thresholds(rule, maximum)
        case PerItem():
            warnings += _per_item(rule, maximum)
        case CountTable():
            warnings += _count_table(rule, maximum)
        case PercentOfMax():
            warnings += _percent_of_max(rule, maximum)
        case Proportional(floor=floor) if floor == HUNDRED:
            warnings.append("Tỷ lệ tối thiểu là 100 % nên chỉ còn được điểm tối đa hoặc 0: nên dùng “Đạt / Không đạt”.")
    return warnings


def _check_leaf(leaf: Leaf, rounding: Rounding) -> Iterator[str]:
    yield from check_rule(leaf.rule, leaf.maximum)
    if rounding.apply(leaf.maximum) != leaf.maximum:
        step = format_number(rounding.step)
        yield f"Điểm tối đa {format_number(leaf.maximum)} không phải bội số của bước làm tròn {step}."
    if leaf.source is Source.SURVEY and not isinstance(leaf.rule, SurveyRule):
        yield "Nguồn điểm là điều tra xã hội học nhưng cách chấm không lấy từ điều tra."
    if leaf.source is not Source.SURVEY and isinstance(leaf.rule, SurveyRule):
        yield "Cách chấm lấy từ điều tra xã hội học nhưng nguồn điểm không phải điều tra."
    if leaf.source is Source.SELF and isinstance(leaf.rule, Direct):
        yield "Đơn vị tự đánh giá nhưng cách chấm là chấm trực tiếp: không có gì để đơn vị kê khai."
    if leaf.dropped_for and leaf.na_policy is not NotApplicable.NAMED:
        yield "Có đơn vị được bỏ tiêu chí nhưng chính sách “không phát sinh” không phải là bỏ theo tên."
    if leaf.na_policy is NotApplicable.NAMED and not leaf.dropped_for:
        yield "Chính sách là bỏ theo tên đơn vị nhưng chưa nêu đơn vị nào."


def check_set(root: Tree, *, rounding: Rounding, total: Decimal = HUNDRED) -> list[str]:
    """What looks wrong in a set that can be scored, each line beginning with the code; see ``check_rule``.

    ``total`` is what the criteria should add up to, bonus and penalty aside.
    """
    warnings: list[str] = []
    nodes = top_nodes(root)
    for node in walk(nodes):
        if isinstance(node, Leaf):
            warnings += [f"{node.code}: {warning}" for warning in _check_leaf(node, rounding)]
            continue
        leaves = [leaf for leaf in walk(node.children) if isinstance(leaf, Leaf)]
        inside = criteria_maximum(leaves)
        everything = sum((leaf.maximum for leaf in leaves), ZERO)
        if not leaves:
            warnings.append(f"{node.code}: Không có tiêu chí nào được chấm điểm.")
        elif node.maximum is not None and node.maximum not in (inside, everything):
            stated, summed = format_number(node.maximum), format_number(inside or everything)
            warnings.append(f"{node.code}: Điểm tối đa ghi {stated} nhưng cộng các tiêu chí được {summed}.")
    inside = criteria_maximum(nodes)
    if inside != total:
        stated = format_number(total)
        warnings.append(f"Tổng điểm của bộ chỉ số là {format_number(inside)}, không phải {stated}.")
    return warnings
