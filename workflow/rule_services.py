"""Writing the reminder rules of a cycle or plan: for whoever manages it; what begins owns all of its rules at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from assessments.errors import Conflict, InvalidInput, WrongStage
from assessments.models import Cycle
from assessments.moves import lock_cycle
from notifications.channels import channels
from plans.models import Plan
from plans.visibility import require_manager
from units import access, clock
from units.models import Unit, User
from units.permissions import Perm

from . import wording
from .rules import MOST_DAYS, ReminderRule, Subject, rules_of


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


def own(subject: Subject) -> QuerySet[ReminderRule]:
    """The rules that the cycle or plan has of its own."""
    return subject.reminder_rules.all()


def _manage(subject: Subject, by: User) -> Subject:
    """Whoever manages the cycle sets its rules, whoever keeps the plans those of a plan; the row is locked."""
    if isinstance(subject, Cycle):
        locked = lock_cycle(subject)
        access.require(Perm.MANAGE, by, locked)
        return locked
    require_manager(by)
    return Plan.objects.select_for_update().get(pk=subject.pk)


def _copies(rules: Collection[ReminderRule], by: User, **owner: Cycle | Plan | Unit) -> list[ReminderRule]:
    names = [field.name for field in fields(RuleContent)]
    return [
        ReminderRule(
            **{name: getattr(rule, name) for name in names},
            **owner,
            order=rule.order,
            changed_at=clock.now(),
            changed_by=by,
        )
        for rule in rules
    ]


@transaction.atomic
def own_rules(subject: Subject, *, by: User) -> None:
    """Give the cycle or plan rules of its own, copies of those that hold. Raises WrongStage where it has any."""
    locked = _manage(subject, by)
    if own(locked).exists():
        raise WrongStage(
            _("Đợt đánh giá này đã có quy tắc riêng.")
            if isinstance(locked, Cycle)
            else _("Kế hoạch này đã có quy tắc riêng.")
        )
    owner = {"cycle" if isinstance(locked, Cycle) else "plan": locked}
    ReminderRule.objects.bulk_create(_copies(rules_of([locked])[locked], by, **owner))


@transaction.atomic
def drop_own_rules(subject: Subject, *, by: User) -> None:
    """Let the general rules hold again; the cycle's or plan's own are removed."""
    own(_manage(subject, by)).delete()


def _province(cycle: Cycle, by: User) -> Unit:
    """The province of a cycle that `by` manages; its row is locked, so that two cycles do not write at once."""
    _manage(cycle, by)
    return Unit.objects.select_for_update().get(pk=cycle.province_id)


@transaction.atomic
def keep_for_province(cycle: Cycle, *, by: User) -> None:
    """The cycle's own rules become those of every cycle of the province without its own, later ones included.

    What the province kept before is replaced. Raises WrongStage where the cycle has no rules of its own.
    """
    province = _province(cycle, by)
    rules = list(own(cycle))
    if not rules:
        raise WrongStage(_("Đợt đánh giá này chưa có quy tắc riêng để dùng chung cho tỉnh."))
    province.reminder_rules.all().delete()
    ReminderRule.objects.bulk_create(_copies(rules, by, province=province))


@transaction.atomic
def drop_province_rules(cycle: Cycle, *, by: User) -> None:
    """Cycles without rules of their own follow the shipped ones again."""
    _province(cycle, by).reminder_rules.all().delete()


@transaction.atomic
def save_rule(
    subject: Subject, content: RuleContent, *, rule: ReminderRule | None = None, version: int | None = None, by: User
) -> ReminderRule:
    """Add a rule to the own ones, or change `rule`. Raises InvalidInput, and Conflict where somebody changed it."""
    locked = _manage(subject, by)
    rules = own(locked)
    if not rules.exists():
        raise WrongStage(_("Quy tắc chung đang được dùng ở đây. Hãy đặt quy tắc riêng trước khi sửa."))
    check(content)
    if rule is None:
        last = rules.aggregate(last=Max("order"))["last"]
        current = ReminderRule(order=last + 1)
        if isinstance(locked, Cycle):
            current.cycle = locked
        else:
            current.plan = locked
    else:
        current = rules.select_for_update().get(pk=rule.pk)
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
    subject = rule.cycle or rule.plan
    assert subject is not None  # the province's rules are changed in a cycle
    own(_manage(subject, by)).filter(pk=rule.pk).update(active=on, changed_at=clock.now(), changed_by=by)
