"""When somebody is reminded of an open task: rules as data.

A cycle has rules of its own, else those that the province keeps for all cycles, else the shipped ones. A plan has rules
of its own for the reports on its tasks, else the shipped ones.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from assessments.models import Cycle
from plans.calendar import ONE_DAY, WorkCalendar
from plans.models import Plan
from units.models import Unit

EVERY_CHANNEL = ("in_app", "email", "webhook")
MOST_DAYS = 90
# Whose rules a person sets: a cycle's for its steps, or a plan's for the reports on its tasks.
Subject = Cycle | Plan


class ReminderRule(models.Model):
    """One rule of a cycle, of a plan, or (`province`) of every cycle of a province that has none of its own."""

    class When(models.TextChoices):
        BEFORE = "before", _l("Trước ngày cuối")
        AFTER = "after", _l("Sau ngày cuối (quá hạn)")

    class Count(models.TextChoices):
        CALENDAR = "calendar", _l("ngày")
        WORKING = "working", _l("ngày làm việc")

    class Audience(models.TextChoices):
        TURN = "turn", _l("Người đang phải làm")
        COORDINATOR = "coordinator", _l("Cán bộ đầu mối của đơn vị")
        HEAD = "head", _l("Thủ trưởng đơn vị")
        HOME_AFFAIRS = "home_affairs", _l("Sở Nội vụ (danh sách)")

    cycle = models.ForeignKey(Cycle, null=True, blank=True, on_delete=models.CASCADE, related_name="reminder_rules")
    plan = models.ForeignKey(Plan, null=True, blank=True, on_delete=models.CASCADE, related_name="reminder_rules")
    province = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.CASCADE, related_name="reminder_rules")
    order = models.PositiveSmallIntegerField(default=0)
    node = models.CharField(_l("Bước"), max_length=60, blank=True)  # "dossier.check"; empty: every step
    when = models.CharField(_l("Khi nào"), max_length=6, choices=When)
    days = models.PositiveSmallIntegerField(_l("Số ngày"))
    count = models.CharField(_l("Tính theo"), max_length=8, choices=Count, default=Count.CALENDAR)
    repeat = models.BooleanField(_l("Nhắc lại mỗi ngày từ đó"), default=False)
    audience = models.CharField(_l("Gửi cho"), max_length=12, choices=Audience)
    channels = models.JSONField(_l("Kênh"), default=list)
    subject = models.CharField(_l("Tiêu đề"), max_length=200)
    body = models.CharField(_l("Nội dung mỗi việc"), max_length=500)
    active = models.BooleanField(_l("Đang dùng"), default=True)
    version = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["cycle", "plan", "province", "order", "pk"]
        verbose_name = _l("Quy tắc nhắc việc")
        verbose_name_plural = _l("Quy tắc nhắc việc")
        constraints = [
            models.CheckConstraint(
                condition=Q(cycle__isnull=False, plan=None, province=None)
                | Q(cycle=None, plan__isnull=False, province=None)
                | Q(cycle=None, plan=None, province__isnull=False),
                name="reminder_rule_one_owner",
            ),
            models.CheckConstraint(condition=Q(days__lte=MOST_DAYS), name="reminder_rule_days_bounded"),
            models.CheckConstraint(
                condition=~Q(when="after") | Q(days__gte=1), name="reminder_rule_after_the_last_day"
            ),
            models.CheckConstraint(condition=Q(repeat=False) | Q(when="after"), name="reminder_rule_repeats_overdue"),
        ]

    def __str__(self) -> str:
        return self.words()

    @property
    def key(self) -> str:
        """Its name in an address; rules of the plan stand beside those of its cycle."""
        return f"k{self.order}" if self.plan_id else str(self.order)

    def words(self) -> str:
        """When it speaks, in words: "Trước hạn 7 ngày", "Quá hạn 3 ngày làm việc, nhắc lại mỗi ngày"."""
        if self.when == self.When.BEFORE and self.days == 0:
            return _("Ngày cuối")
        values = {"days": self.days, "unit": self.Count(self.count).label}
        if self.when == self.When.BEFORE:
            return _("Trước hạn %(days)s %(unit)s") % values
        text = _("Quá hạn %(days)s %(unit)s") % values
        return _("%(text)s, nhắc lại mỗi %(unit)s") % {"text": text, **values} if self.repeat else text

    @property
    def said_as(self) -> str:
        """When and to whom it speaks: the same for a shipped rule and its copies."""
        return f"{self.when}:{self.days}:{self.count}:{self.audience}:{self.node}"

    def anchor(self, last_day: dt.date, calendar: WorkCalendar) -> dt.date:
        """The local day on which a task due on `last_day` is spoken of, or from which on every day."""
        step = self.days if self.when == self.When.AFTER else -self.days
        working = self.count == self.Count.WORKING
        return calendar.add_working_days(last_day, step) if working else last_day + dt.timedelta(days=step)

    def days_on(self, last_day: dt.date, first: dt.date, last: dt.date, calendar: WorkCalendar) -> list[dt.date]:
        """The local days from `first` to `last`, both included, on which a task due on `last_day` is spoken of."""
        working = self.count == self.Count.WORKING
        anchor = self.anchor(last_day, calendar)
        if not self.repeat:
            return [anchor] if first <= anchor <= last else []
        begin = max(anchor, first)
        days = [begin + ONE_DAY * number for number in range((last - begin).days + 1)]
        return [day for day in days if not working or calendar.is_working(day)]


@dataclass(frozen=True)
class Shipped:
    """A rule as the product brings it."""

    when: str
    days: int
    audience: str
    subject: str
    body: str
    count: str = "calendar"
    repeat: bool = False


_SOON = "Chỉ số CCHC: {so_viec} việc đến hạn ({con_lai_thuong})"
_LATE = "Chỉ số CCHC: {so_qua_han} việc quá hạn, {so_viec} việc cần làm"
_OWN = "{viec}: {con_lai} ({han})"
_UNIT = "Chỉ số CCHC: đơn vị có {so_qua_han} việc quá hạn"
_OTHERS = "{viec}: {con_lai_thuong} ({han}); người thực hiện: {nguoi_lam}"

SHIPPED = (
    *(Shipped("before", days, "turn", _SOON, _OWN) for days in (14, 7, 3, 1, 0)),
    Shipped("after", 1, "turn", _LATE, _OWN, repeat=True),
    Shipped("after", 1, "coordinator", _UNIT, _OTHERS, count="working"),
    Shipped("after", 3, "head", _UNIT, _OTHERS, count="working"),
    Shipped(
        "after",
        5,
        "home_affairs",
        "Chỉ số CCHC: {so_qua_han} việc của các đơn vị quá hạn từ 5 ngày làm việc",
        _OTHERS,
        count="working",
        repeat=True,
    ),
)


def shipped_rules(plan: Plan | None = None) -> list[ReminderRule]:
    """The rules that hold while nobody made other ones, as unsaved rows."""
    return [
        ReminderRule(
            plan=plan,
            order=number,
            when=rule.when,
            days=rule.days,
            count=rule.count,
            repeat=rule.repeat,
            audience=rule.audience,
            channels=list(EVERY_CHANNEL),
            subject=rule.subject,
            body=rule.body,
        )
        for number, rule in enumerate(SHIPPED, start=1)
    ]


def rules_of(subjects: Iterable[Subject]) -> dict[Subject, list[ReminderRule]]:
    """The rules that hold for each cycle and plan, by one query."""
    wanted = set(subjects)
    cycles = [subject for subject in wanted if isinstance(subject, Cycle)]
    plans = [subject for subject in wanted if isinstance(subject, Plan)]
    rows = ReminderRule.objects.filter(
        Q(cycle__in=cycles) | Q(plan__in=plans) | Q(province__in={cycle.province_id for cycle in cycles})
    )
    own: dict[tuple[int | None, int | None, int | None], list[ReminderRule]] = {}
    for rule in rows:
        own.setdefault((rule.cycle_id, rule.plan_id, rule.province_id), []).append(rule)
    shipped = shipped_rules()
    found: dict[Subject, list[ReminderRule]] = {
        cycle: own.get((cycle.pk, None, None)) or own.get((None, None, cycle.province_id)) or shipped
        for cycle in cycles
    }
    return found | {plan: own.get((None, plan.pk, None)) or shipped_rules(plan) for plan in plans}
