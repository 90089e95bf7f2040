"""Small changes to a draft on screen: one criterion, one scale, the settings of the set.

Each verb locks the set, compares what the person saw with what stands, lets `write_set` find every fault (the same as
of an uploaded file), and leaves a `CriterionChange` beside the comments that asked for it. Criteria keep their rows
when their code changes, so that comments stay on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from units import clock
from units.models import User

from .changes import bands_of, set_version, settings_of, state_of, version_of
from .consultation import Comment, CriterionChange
from .errors import Conflict, Frozen, InvalidInput
from .models import CriteriaSet, Criterion
from .nodes import NotApplicable
from .services import clone, freeze, write_set
from .setdata import BandData, NodeData, SetData, find, insert_node, replace_node, totals, walk
from .trees import read_set
from .visibility import require_manager

Kind = CriterionChange.Kind


@dataclass(frozen=True)
class _Change:
    """A change to be recorded: the code that it is found under afterwards, and both states."""

    kind: str
    code: str
    name: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def _begin(criteria_set: CriteriaSet, by: User) -> tuple[CriteriaSet, SetData]:
    """The locked draft and what stands in it. Raises NotAllowed, Frozen."""
    require_manager(by)
    fresh = CriteriaSet.objects.select_for_update().get(pk=criteria_set.pk)
    if fresh.is_frozen:
        raise Frozen(_("Bộ chỉ số đã khóa nên không sửa được. Hãy sao sang phiên bản mới rồi sửa."))
    return fresh, read_set(fresh)


def _finish(
    criteria_set: CriteriaSet, data: SetData, changes: Sequence[_Change], comments: Iterable[int], by: User
) -> None:
    """Write the new state and its record. Raises InvalidSet."""
    write_set(data, into=criteria_set, by=by)
    rows = {row.code: row for row in Criterion.objects.filter(criteria_set=criteria_set).only("code")}
    asked = list(Comment.objects.filter(pk__in=list(comments), consultation__criteria_set=criteria_set))
    for change in changes:
        made = CriterionChange.objects.create(
            criteria_set=criteria_set,
            criterion=None if change.kind == Kind.REMOVED else rows.get(change.code),
            kind=change.kind,
            code=change.code,
            name=change.name,
            before=dict(change.before),
            after=dict(change.after),
            at=clock.now(),
            by=by,
        )
        made.comments.set(asked)


def parent_code(code: str) -> str:
    """The code of the node above, "" for a lĩnh vực."""
    return code.rpartition(".")[0]


def node_version(data: SetData, code: str) -> str:
    """What a form for the node of `code` was made from; "" where there is none."""
    node = find(data, code)
    return version_of(state_of(node, parent_code(code))) if node else ""


def _found(data: SetData, code: str, seen: str | None) -> NodeData:
    """The node as the person saw it. Raises Conflict where it changed or is gone; `seen` None asks nothing."""
    node = find(data, code)
    if node is None:
        raise Conflict(_("Tiêu chí %(code)s không còn trong dự thảo.") % {"code": code})
    if seen is not None and seen != node_version(data, code):
        raise Conflict(_("Người khác vừa sửa tiêu chí %(code)s.") % {"code": code}, current=node)
    return node


def _recoded(node: NodeData, code: str) -> NodeData:
    """`node` under another code, and everything below it with the same beginning."""
    return replace(
        node,
        code=code,
        children=tuple(_recoded(child, code + child.code.removeprefix(node.code)) for child in node.children),
    )


def _recode_rows(criteria_set: CriteriaSet, old: NodeData, new: NodeData) -> None:
    """Give the rows of `old` and everything below it the codes of `new`, and the top one its new parent."""
    codes = dict(zip((node.code for node in walk([old])), (node.code for node in walk([new])), strict=True))
    rows = list(Criterion.objects.filter(criteria_set=criteria_set, code__in=codes))
    above = Criterion.objects.filter(criteria_set=criteria_set, code=parent_code(new.code)).first()
    targets = {row.pk: codes[row.code] for row in rows}
    for row in rows:
        if row.code == old.code:
            row.parent = above
        row.code = f"~{row.pk}"
    Criterion.objects.bulk_update(rows, ["code", "parent"])
    for row in rows:
        row.code = targets[row.pk]
    Criterion.objects.bulk_update(rows, ["code"])


def _summed(data: SetData, code: str) -> tuple[SetData, list[_Change]]:
    """`data` with every node above `code` at the sum of what is below it, and what that changed."""
    changes = []
    above = parent_code(code)
    while above:
        node = find(data, above)
        if node is None:
            break
        if node.children:
            inside = totals(node.children)
            maximum = inside.points or inside.bonus + inside.penalty
            if maximum != node.maximum:
                changed = replace(node, maximum=maximum)
                outer = parent_code(above)
                changes.append(_Change(Kind.EDITED, above, node.name, state_of(node, outer), state_of(changed, outer)))
                data = replace_node(data, above, changed)
        above = parent_code(above)
    return data, changes


@transaction.atomic
def edit_criterion(
    criteria_set: CriteriaSet,
    code: str,
    node: NodeData,
    *,
    seen: str | None,
    sum_up: bool = False,
    comments: Iterable[int] = (),
    by: User,
) -> str:
    """Put `node` in the place of the one of `code`; what is below it and its grade bands stay. The new code.

    `seen` is the `node_version` that the form was made from; `sum_up` brings the maxima above to the sum. Raises
    NotAllowed, Frozen, Conflict, InvalidSet.
    """
    fresh, data = _begin(criteria_set, by)
    old = _found(data, code, seen)
    above = parent_code(code)
    new = replace(node, children=old.children, bands=old.bands)
    if new.code != code:
        if parent_code(new.code) != above or find(data, new.code) is not None:
            raise InvalidInput({"code": [_code_problem(data, new.code, above)]})
        new = replace(_recoded(old, new.code), **{name: getattr(new, name) for name in _OWN})
        _recode_rows(fresh, old, new)
    changes = []
    if state_of(new, above) != state_of(old, above):
        changes.append(_Change(Kind.EDITED, new.code, new.name, state_of(old, above), state_of(new, above)))
    data = replace_node(data, code, new)
    if sum_up:
        data, more = _summed(data, new.code)
        changes += more
    if changes:
        _finish(fresh, data, changes, comments, by)
    return new.code


_OWN = (
    "name",
    "maximum",
    "source",
    "rule",
    "na_policy",
    "overridable",
    "evidence",
    "guidance",
    "survey_question",
    "leads",
    "dropped_for",
)


def _code_problem(data: SetData, code: str, above: str) -> str:
    if find(data, code) is not None:
        return _("Mã %(code)s đã dùng cho tiêu chí khác. Hãy chọn mã khác.") % {"code": code}
    if above:
        return _("Tiêu chí nằm dưới %(above)s nên mã phải là %(above)s. và một số.") % {"above": above}
    return _("Lĩnh vực có mã là một số hoặc một chữ, không có dấu chấm.")


@transaction.atomic
def add_criterion(
    criteria_set: CriteriaSet,
    parent: str,
    node: NodeData,
    *,
    sum_up: bool = False,
    comments: Iterable[int] = (),
    by: User,
) -> str:
    """Add `node` as the last child of `parent` ("" for a lĩnh vực). The new code.

    A parent that was scored itself becomes a heading: its source and rule are taken off. Raises NotAllowed, Frozen,
    Conflict where the parent is gone, InvalidSet.
    """
    fresh, data = _begin(criteria_set, by)
    changes = []
    if parent:
        above = _found(data, parent, None)
        if above.is_leaf:
            heading = replace(
                above,
                source=None,
                rule=None,
                na_policy=NotApplicable.NONE,
                overridable=False,
                dropped_for=(),
                survey_question="",
            )
            outer = parent_code(parent)
            changes.append(_Change(Kind.EDITED, parent, above.name, state_of(above, outer), state_of(heading, outer)))
            data = replace_node(data, parent, heading)
    if find(data, node.code) is not None or parent_code(node.code) != parent:
        raise InvalidInput({"code": [_code_problem(data, node.code, parent)]})
    node = replace(node, children=(), bands=())
    data = insert_node(data, parent, node)
    changes.append(_Change(Kind.ADDED, node.code, node.name, {}, state_of(node, parent)))
    if sum_up:
        data, more = _summed(data, node.code)
        changes += more
    _finish(fresh, data, changes, comments, by)
    return node.code


@transaction.atomic
def remove_criterion(
    criteria_set: CriteriaSet,
    code: str,
    *,
    seen: str | None,
    sum_up: bool = False,
    comments: Iterable[int] = (),
    by: User,
) -> None:
    """Take a criterion and everything below it out of the draft. Comments on it stay, under its code and name.

    Raises NotAllowed, Frozen, Conflict, InvalidInput for the last criterion of a heading or of the set.
    """
    fresh, data = _begin(criteria_set, by)
    node = _found(data, code, seen)
    above = find(data, parent_code(code))
    if len(above.children if above else data.nodes) == 1:
        where = f"{above.code} {above.name}" if above else _("bộ chỉ số")
        raise InvalidInput(
            {
                "": [
                    _("Đây là mục cuối cùng của %(where)s. Hãy bỏ cả mục trên, hoặc thêm mục khác trước.")
                    % {"where": where}
                ]
            }
        )
    before = {**state_of(node, parent_code(code)), "below": [child.code for child in walk(node.children)]}
    changes = [_Change(Kind.REMOVED, code, node.name, before, {})]
    data = replace_node(data, code, None)
    if sum_up:
        data, more = _summed(data, code)
        changes += more
    _finish(fresh, data, changes, comments, by)


def _children(data: SetData, parent: str) -> tuple[NodeData, ...]:
    if not parent:
        return data.nodes
    above = find(data, parent)
    return above.children if above else ()


def _with_children(data: SetData, parent: str, children: tuple[NodeData, ...]) -> SetData:
    if not parent:
        return replace(data, nodes=children)
    above = find(data, parent)
    assert above is not None
    return replace_node(data, parent, replace(above, children=children))


@transaction.atomic
def shift_criterion(criteria_set: CriteriaSet, code: str, *, up: bool, by: User) -> None:
    """Change places with the neighbour above or below; codes stay. At the end of the row nothing happens.

    Raises NotAllowed, Frozen, Conflict where the criterion is gone.
    """
    fresh, data = _begin(criteria_set, by)
    node = _found(data, code, None)
    above = parent_code(code)
    row = list(_children(data, above))
    place = row.index(node)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(row):
        return
    row[place], row[other] = row[other], row[place]
    before, after = {"place": place + 1}, {"place": other + 1}
    _finish(
        fresh,
        _with_children(data, above, tuple(row)),
        [_Change(Kind.MOVED, code, node.name, before, after)],
        (),
        by,
    )


@transaction.atomic
def move_criterion(
    criteria_set: CriteriaSet, code: str, *, parent: str, seen: str | None, comments: Iterable[int] = (), by: User
) -> str:
    """Make a criterion the last child of another heading, with everything below it. The new code.

    Raises NotAllowed, Frozen, Conflict, InvalidInput where the new place is below the criterion itself or is scored.
    """
    fresh, data = _begin(criteria_set, by)
    node = _found(data, code, seen)
    old_parent = parent_code(code)
    if parent == old_parent:
        return code
    target = find(data, parent) if parent else None
    if parent and (target is None or target.is_leaf):
        raise InvalidInput({"parent": [_("Chỉ chuyển được vào mục đang chứa các tiêu chí khác.")]})
    if parent == code or parent.startswith(f"{code}."):
        raise InvalidInput({"parent": [_("Không chuyển được tiêu chí vào bên trong chính nó.")]})
    if len(_children(data, old_parent)) == 1:
        raise InvalidInput({"parent": [_("Đây là mục cuối cùng ở chỗ cũ nên không chuyển đi được.")]})
    moved = _recoded(node, _free_code(data, parent))
    _recode_rows(fresh, node, moved)
    data = insert_node(replace_node(data, code, None), parent, moved)
    change = _Change(Kind.MOVED, moved.code, node.name, state_of(node, old_parent), state_of(moved, parent))
    _finish(fresh, data, [change], comments, by)
    return moved.code


def _free_code(data: SetData, parent: str) -> str:
    """The number after the highest one used below `parent`."""
    prefix = f"{parent}." if parent else ""
    used = [child.code.removeprefix(prefix) for child in _children(data, parent)]
    return f"{prefix}{max((int(one) for one in used if one.isdecimal()), default=len(used)) + 1}"


def bands_version(data: SetData, part: str, group: str) -> str:
    """What a form for one scale was made from."""
    node = find(data, part) if part else None
    return version_of(bands_of(node.bands if node else data.bands if not part else (), group))


@transaction.atomic
def edit_bands(
    criteria_set: CriteriaSet,
    part: str,
    group: str,
    bands: Sequence[BandData],
    *,
    seen: str | None,
    comments: Iterable[int] = (),
    by: User,
) -> None:
    """Replace the grade bands of one part ("" for the whole) and one ranking group ("" for all); none takes them away.

    Raises NotAllowed, Frozen, Conflict, InvalidSet.
    """
    fresh, data = _begin(criteria_set, by)
    node = _found(data, part, None) if part else None
    if seen is not None and seen != bands_version(data, part, group):
        raise Conflict(_("Người khác vừa sửa mức xếp loại này."))
    old = node.bands if node else data.bands
    new = (*(band for band in old if band.group != group), *(replace(band, group=group) for band in bands))
    before, after = bands_of(old, group), bands_of(new, group)
    if before == after:
        return
    data = replace_node(data, part, replace(node, bands=new)) if node else replace(data, bands=new)
    _finish(fresh, data, [_Change(Kind.BANDS, part, node.name if node else "", before, after)], comments, by)


@transaction.atomic
def edit_settings(
    criteria_set: CriteriaSet, settings: SetData, *, seen: str | None, comments: Iterable[int] = (), by: User
) -> None:
    """Take name, decision, rounding, caps and the mark "minh họa" from `settings`; its tree and bands are not read.

    Raises NotAllowed, Frozen, Conflict, InvalidInput where the mark goes without a decision, InvalidSet.
    """
    fresh, data = _begin(criteria_set, by)
    before = settings_of(data)
    if seen is not None and seen != version_of(before):
        raise Conflict(_("Người khác vừa sửa thông tin chung của bộ chỉ số."))
    new = replace(settings, code=data.code, year=data.year, bands=data.bands, nodes=data.nodes)
    after = settings_of(new)
    if before == after:
        return
    if data.illustrative and not new.illustrative and not new.source_decision:
        message = _("Chỉ bỏ được dấu “minh họa” khi ghi quyết định ban hành bộ chỉ số vào ô Căn cứ.")
        raise InvalidInput({"source_decision": [message]})
    _finish(fresh, new, [_Change(Kind.SETTINGS, "", "", before, after)], comments, by)


@transaction.atomic
def freeze_as_seen(criteria_set: CriteriaSet, *, seen: str, by: User) -> CriteriaSet:
    """Lock the draft for ever, exactly as the person saw it (`set_version`). Raises NotAllowed, Frozen, Conflict."""
    fresh, data = _begin(criteria_set, by)
    if set_version(data) != seen:
        raise Conflict(_("Dự thảo vừa được sửa. Hãy xem lại rồi khóa."))
    return freeze(fresh, by=by)


def twin_of(data: SetData) -> CriteriaSet | None:
    """The latest draft of this code and year where it already says exactly `data`: a press repeated makes no second."""
    latest = (
        CriteriaSet.objects.filter(code=data.code, year=data.year, status=CriteriaSet.Status.DRAFT)
        .order_by("-version")
        .first()
    )
    return latest if latest is not None and read_set(latest) == data else None


@transaction.atomic
def clone_once(criteria_set: CriteriaSet, *, year: int, by: User) -> CriteriaSet:
    """A draft equal to the set for `year`: the one that is there, else a new one. Raises NotAllowed, InvalidSet."""
    require_manager(by)
    source = CriteriaSet.objects.select_for_update().get(pk=criteria_set.pk)
    twin = twin_of(replace(read_set(source), year=year))
    return twin if twin is not None and twin != source else clone(source, year=year, by=by)
