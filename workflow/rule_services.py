"""Writing the reminder rules of a cycle: Sở Nội vụ alone, and a cycle that begins owns all of its rules at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from assessments.errors import Conflict, InvalidInput, WrongStage
from assessments.models import Cycle
from assessments.moves import lock_cycle
from notifications.channels import channels
from units import access, clock
from units.models import User
from units.permissions import Perm

from . import wording
from .rules import MOST_DAYS, ReminderRule, shipped_rules


@dataclass(frozen=True)
class RuleContent:
    """What a rule says; `node` is a step's name or empty for every step."""

    node: str
    when: str
    days: int
    count: str
    repeat: bool
    audience: str
    channels: Collection[str]
    subject: str
    body: str
    active: bool = True


def check(content: RuleContent) -> None:
    """Raise InvalidInput with everything that keeps a rule from being saved."""
    errors: dict[str, str] = {}
    after = content.when == ReminderRule.When.AFTER
    if content.days > MOST_DAYS:
        errors["days"] = _("Nhiều nhất %(days)s ngày.") % {"days": MOST_DAYS}
    elif after and content.days < 1:
        errors["days"] = _("Nhắc sau ngày cuối thì ít nhất 1 ngày.")
    if content.repeat and not after:
        errors["repeat"] = _("Chỉ nhắc lại mỗi ngày với việc quá hạn.")
    if not content.channels:
        errors["channels"] = _("Hãy chọn ít nhất một kênh.")
    elif set(content.channels) - {channel.key for channel in channels()}:
        errors["channels"] = _("Có kênh không còn dùng được. Hãy tải lại trang rồi chọn lại.")
    for field in ("subject", "body"):
        text = getattr(content, field)
        found = wording.problems(text) if text.strip() else [_("Chưa nhập.")]
        if found:
            errors[field] = " ".join(found)
    if errors:
        raise InvalidInput(errors)


def _manage(cycle: Cycle, by: User) -> Cycle:
    locked = lock_cycle(cycle)
    access.require(Perm.MANAGE, by, locked)
    return locked


@transaction.atomic
def own_rules(cycle: Cycle, *, by: User) -> None:
    """Give the cycle rules of its own, beginning as copies of the shipped ones. Raises WrongStage where it has any."""
    locked = _manage(cycle, by)
    if locked.reminder_rules.exists():
        raise WrongStage(_("Đợt đánh giá này đã có quy tắc riêng."))
    rules = shipped_rules()
    for rule in rules:
        rule.cycle, rule.changed_at, rule.changed_by = locked, clock.now(), by
    ReminderRule.objects.bulk_create(rules)


@transaction.atomic
def drop_own_rules(cycle: Cycle, *, by: User) -> None:
    """Let the shipped rules hold again; the cycle's own are removed."""
    _manage(cycle, by).reminder_rules.all().delete()


@transaction.atomic
def save_rule(
    cycle: Cycle, content: RuleContent, *, rule: ReminderRule | None = None, version: int | None = None, by: User
) -> ReminderRule:
    """Add a rule to the cycle's own, or change `rule`. Raises InvalidInput, and Conflict where somebody changed it."""
    locked = _manage(cycle, by)
    if not locked.reminder_rules.exists():
        raise WrongStage(_("Đợt đánh giá này dùng quy tắc chung. Hãy đặt quy tắc riêng trước khi sửa."))
    check(content)
    if rule is None:
        last = locked.reminder_rules.aggregate(last=Max("order"))["last"]
        current = ReminderRule(cycle=locked, order=last + 1)
    else:
        current = locked.reminder_rules.select_for_update().get(pk=rule.pk)
        if version is not None and version != current.version:
            raise Conflict(_("Có người vừa sửa quy tắc này. Hãy tải lại trang, xem bản mới rồi sửa lại."), current)
        current.version += 1
    for name, value in vars(content).items():
        setattr(current, name, sorted(value) if name == "channels" else value)
    current.changed_at, current.changed_by = clock.now(), by
    current.save()
    return current


@transaction.atomic
def switch(rule: ReminderRule, *, on: bool, by: User) -> None:
    """Use a rule, or leave it aside without losing it."""
    locked = _manage(rule.cycle, by)
    locked.reminder_rules.filter(pk=rule.pk).update(active=on, changed_at=clock.now(), changed_by=by)
