"""Asking units about a draft set and answering them (lấy ý kiến, tiếp thu, giải trình).

Locks are taken in the order criteria set -> consultation -> comment.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q
from django.dispatch import Signal
from django.utils.translation import gettext as _

from units import access, clock
from units.models import Unit, UnitGroup, User
from units.templatetags.cchc import vdate

from .consultation import Comment, Consultation
from .errors import Closed, Conflict, CriteriaError, InvalidInput
from .models import CriteriaSet, Criterion
from .setdata import many_lines
from .visibility import COMMENT_PERMS, require_manager

MAX_BODY = 10_000


def day_words(day: dt.date) -> str:
    """A day for the middle of a sentence: "thứ Hai 14/12/2026"."""
    words = vdate(day)
    return words[:1].lower() + words[1:]


def window_words(consultation: Consultation) -> str:
    """The window in words, with its last day: "từ thứ Tư 02/12/2026 đến hết ngày thứ Hai 14/12/2026"."""
    return _("từ %(first)s đến hết ngày %(last)s") % {
        "first": day_words(consultation.opens_on),
        "last": day_words(consultation.closes_on),
    }


# Sent inside the transaction that opens a consultation, with `consultation`: the units must learn of it.
consultation_opened = Signal()


def _lock_set(pk: int) -> CriteriaSet:
    return CriteriaSet.objects.select_for_update().get(pk=pk)


def _lock(consultation: Consultation) -> Consultation:
    return Consultation.objects.select_for_update(of=("self",)).select_related("criteria_set").get(pk=consultation.pk)


@transaction.atomic
def open_consultation(
    criteria_set: CriteriaSet,
    *,
    opens_on: dt.date,
    closes_on: dt.date,
    groups: Collection[UnitGroup],
    note: str = "",
    by: User,
) -> Consultation:
    """Ask the active units of `groups` about a draft, from `opens_on` to the end of `closes_on`.

    Raises Closed for a frozen set, InvalidInput for dates and groups that make no sense.
    """
    fresh = _lock_set(criteria_set.pk)
    require_manager(by)
    if fresh.is_frozen:
        raise Closed(_("Bộ chỉ số đã khóa nên không lấy ý kiến được nữa. Hãy sao sang bản dự thảo mới."))
    errors: dict[str, list[str]] = {}
    if closes_on < opens_on:
        errors["closes_on"] = [_("Ngày kết thúc phải từ ngày bắt đầu trở đi.")]
    elif closes_on < clock.today():
        errors["closes_on"] = [_("Ngày kết thúc phải từ hôm nay trở đi.")]
    if not groups:
        errors["groups"] = [_("Hãy chọn ít nhất một nhóm đơn vị.")]
    elif not Unit.objects.filter(group__in=groups, active=True).exists():
        errors["groups"] = [_("Các nhóm đã chọn chưa có đơn vị nào đang hoạt động.")]
    now = clock.now()
    other = next((row for row in fresh.consultations.all() if not row.has_ended(now)), None)
    if other is not None:
        errors[""] = [
            _("Bộ chỉ số này đang có một đợt lấy ý kiến %(window)s. Hãy gia hạn hoặc kết thúc đợt đó.")
            % {"window": window_words(other)}
        ]
    if errors:
        raise InvalidInput(errors)
    consultation = Consultation.objects.create(
        criteria_set=fresh,
        opens_on=opens_on,
        closes_on=closes_on,
        note=note.strip(),
        opened_by=by,
        opened_at=now,
    )
    consultation.groups.set(groups)
    consultation_opened.send(sender=Consultation, consultation=consultation)
    return consultation


@transaction.atomic
def prolong(consultation: Consultation, *, closes_on: dt.date, by: User) -> Consultation:
    """Move the last day, also of a consultation whose days have run out. Raises Closed, InvalidInput."""
    criteria_set = _lock_set(consultation.criteria_set_id)
    fresh = _lock(consultation)
    require_manager(by)
    if fresh.closed_at is not None or criteria_set.is_frozen:
        raise Closed(_("Đợt lấy ý kiến đã kết thúc hẳn nên không đổi ngày được. Hãy mở đợt mới."))
    if closes_on < max(fresh.opens_on, clock.today()):
        raise InvalidInput({"closes_on": [_("Ngày kết thúc mới phải từ hôm nay trở đi.")]})
    now = clock.now()
    others = criteria_set.consultations.exclude(pk=fresh.pk)
    if any(not row.has_ended(now) for row in others):
        raise InvalidInput({"closes_on": [_("Bộ chỉ số đang có một đợt lấy ý kiến khác chưa kết thúc.")]})
    fresh.closes_on = closes_on
    fresh.save(update_fields=["closes_on"])
    return fresh


@transaction.atomic
def close(consultation: Consultation, *, by: User) -> Consultation:
    """End a consultation now, before its last day is over. One that has ended stays as it is."""
    fresh = _lock(consultation)
    require_manager(by)
    if not fresh.has_ended(clock.now()):
        fresh.closed_at = clock.now()
        fresh.closed_by = by
        fresh.save(update_fields=["closed_at", "closed_by"])
    return fresh


@transaction.atomic
def publish_answers(consultation: Consultation, *, by: User) -> Consultation:
    """Let the units read the answers before the end. Raises InvalidInput while a comment has none."""
    fresh = _lock(consultation)
    require_manager(by)
    if fresh.answers_published_at is not None:
        return fresh
    open_comments = fresh.comments.filter(answer="").count()
    if open_comments or not fresh.comments.exists():
        raise InvalidInput(
            {
                "": [
                    _("Còn %(count)s ý kiến chưa trả lời. Hãy trả lời hết rồi công bố.") % {"count": open_comments}
                    if open_comments
                    else _("Chưa có ý kiến nào để trả lời.")
                ]
            }
        )
    fresh.answers_published_at = clock.now()
    fresh.answers_published_by = by
    fresh.save(update_fields=["answers_published_at", "answers_published_by"])
    return fresh


def may_comment(user: User, unit: Unit, consultation: Consultation) -> bool:
    """Whether `user` speaks for `unit` and the consultation asks the unit."""
    speaks = any(access.allowed(perm, user, unit) for perm in COMMENT_PERMS)
    return speaks and unit.active and consultation.groups.filter(units=unit).exists()


@transaction.atomic
def save_comment(
    consultation: Consultation,
    unit: Unit,
    criterion: Criterion | None,
    *,
    body: str,
    seen_version: int,
    by: User,
) -> Comment | None:
    """Keep what `unit` says about `criterion`, None for the whole draft; an empty `body` takes the comment back.

    `seen_version` is the version that the writer saw, 0 for none. Raises NotAllowed, Closed outside the window,
    Conflict where a colleague saved meanwhile, InvalidInput.
    """
    fresh = _lock(consultation)
    if not may_comment(by, unit, fresh):
        raise access.NotAllowed(_("Bạn không góp ý thay cho đơn vị này được."))
    if not fresh.is_open(clock.now()):
        raise Closed(
            _("Chỉ góp ý được %(window)s. Nội dung bạn vừa nhập chưa được ghi nhận.") % {"window": window_words(fresh)}
        )
    if criterion is not None and criterion.criteria_set_id != fresh.criteria_set_id:
        raise InvalidInput({"": [_("Tiêu chí không thuộc dự thảo đang lấy ý kiến.")]})
    body = many_lines(body)
    if len(body) > MAX_BODY:
        raise InvalidInput({"body": [_("Ý kiến dài quá %(count)s ký tự.") % {"count": MAX_BODY}]})
    asked = Q(criterion=criterion) if criterion is not None else Q(code="")
    comment = fresh.comments.select_for_update(of=("self",)).filter(asked, unit=unit).first()
    if (comment.body if comment else "") == body:
        return comment
    if seen_version != (comment.version if comment else 0):
        raise Conflict(_("Người khác trong đơn vị vừa lưu ý kiến này."), current=comment)
    if comment is None:
        return Comment.objects.create(
            consultation=fresh,
            unit=unit,
            criterion=criterion,
            code=criterion.code if criterion else "",
            name=criterion.name if criterion else "",
            body=body,
            written_at=clock.now(),
            written_by=by,
        )
    if not body:
        if comment.answer or comment.changes.exists():
            raise InvalidInput({"body": [_("Ý kiến đã được trả lời nên không rút được; có thể sửa lại nội dung.")]})
        comment.delete()
        return None
    comment.body = body
    comment.version += 1
    comment.written_at = clock.now()
    comment.written_by = by
    comment.save(update_fields=["body", "version", "written_at", "written_by"])
    return comment


@dataclass(frozen=True)
class Entry:
    """What was typed about one criterion, None for the whole draft, over the version that was shown."""

    criterion: Criterion | None
    body: str
    seen_version: int


def save_comments(
    consultation: Consultation, unit: Unit, entries: Iterable[Entry], *, by: User
) -> tuple[int, dict[int, CriteriaError]]:
    """Keep a page of comments: how many changed, and by criterion (0: the whole draft) what could not be kept.

    One that cannot be kept does not hold up the others. Raises NotAllowed and Closed as `save_comment` does, and
    then nothing is kept.
    """
    known = {comment.criterion_id or 0: comment.body for comment in consultation.comments.filter(unit=unit)}
    saved = 0
    refused: dict[int, CriteriaError] = {}
    with transaction.atomic():
        for entry in entries:
            key = entry.criterion.pk if entry.criterion else 0
            if many_lines(entry.body) == known.get(key, ""):
                continue
            try:
                save_comment(
                    consultation, unit, entry.criterion, body=entry.body, seen_version=entry.seen_version, by=by
                )
                saved += 1
            except (Conflict, InvalidInput) as error:
                refused[key] = error
    return saved, refused


@transaction.atomic
def answer_comment(comment: Comment, *, answer: str, text: str, seen_version: int, by: User) -> Comment:
    """Answer a comment: tiếp thu, tiếp thu một phần or giải trình, always with words.

    Raises InvalidInput, and Conflict where a colleague answered meanwhile (`current` is the comment as it stands).
    """
    _lock(comment.consultation)
    require_manager(by)
    fresh = Comment.objects.select_for_update(of=("self",)).select_related("answered_by").get(pk=comment.pk)
    errors: dict[str, list[str]] = {}
    if answer not in Comment.Answer.values:
        errors["answer"] = [_("Hãy chọn tiếp thu, tiếp thu một phần hoặc giải trình.")]
    text = many_lines(text)
    if not text:
        errors["text"] = [_("Hãy ghi nội dung trả lời.")]
    elif len(text) > MAX_BODY:
        errors["text"] = [_("Nội dung trả lời dài quá %(count)s ký tự.") % {"count": MAX_BODY}]
    if errors:
        raise InvalidInput(errors)
    if (fresh.answer, fresh.answer_text) == (answer, text) and not fresh.answer_is_stale:
        return fresh
    if seen_version != fresh.answer_version:
        raise Conflict(_("Người khác vừa trả lời ý kiến này."), current=fresh)
    fresh.answer = answer
    fresh.answer_text = text
    fresh.answer_version += 1
    fresh.answered_at = clock.now()
    fresh.answered_by = by
    fresh.save(update_fields=["answer", "answer_text", "answer_version", "answered_at", "answered_by"])
    return fresh


_DIGITS = re.compile(r"(\d+)")


def code_order(code: str) -> tuple[tuple[int, int, str], ...]:
    """Sorting codes as a person reads them: 1.2 before 1.10."""
    parts = (part for part in _DIGITS.split(code) if part not in ("", "."))
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)


def in_order(comments: Sequence[Comment]) -> list[Comment]:
    """Comments by the code that they were written on, the whole draft first, then in the order of the units."""
    return sorted(comments, key=lambda row: (code_order(row.code), row.unit.group_id or 0, row.unit.order, row.pk))


@dataclass(frozen=True)
class UnitCount:
    """How much one asked unit has said, and how much of it is answered."""

    unit: Unit
    comments: int
    answered: int


def unit_counts(consultation: Consultation) -> list[UnitCount]:
    """Every asked unit, also those that said nothing; a unit that was dissolved stays where it spoke."""
    spoken = {
        row["unit"]: (row["comments"], row["answered"])
        for row in consultation.comments.values("unit")
        .annotate(comments=Count("pk"), answered=Count("pk", filter=~Q(answer="")))
        .order_by()
    }
    units = Unit.objects.filter(Q(pk__in=spoken) | Q(group__in=consultation.groups.all(), active=True)).select_related(
        "group"
    )
    return [UnitCount(unit, *spoken.get(unit.pk, (0, 0))) for unit in units.order_by("group__order", "order", "code")]
