"""Working groups with the composition that the decision asks for, and the assessment sheets that units receive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from units.models import Unit


class Person(NamedTuple):
    """Somebody proposed for a working group: `seat` is the key of the line of the composition that they fill."""

    name: str
    position: str
    seat: int
    skilled: bool = False


class WorkingGroup(models.Model):
    """A working group of `size_min` to `size_max` people at a body named by the decision."""

    plan = models.ForeignKey("plans.Plan", on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(_("Tên tổ"), max_length=300)
    body = models.CharField(_("Cơ quan thành lập"), max_length=500)
    unit = models.ForeignKey(
        Unit,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="working_groups",
        verbose_name=_("Đơn vị trên phần mềm"),
    )
    size_min = models.PositiveSmallIntegerField(_("Ít nhất"))
    size_max = models.PositiveSmallIntegerField(_("Nhiều nhất"))
    order = models.PositiveIntegerField(_("Thứ tự"))

    class Meta:
        ordering = ["plan", "order"]
        verbose_name = _("Tổ công tác")
        verbose_name_plural = _("Tổ công tác")
        constraints = [
            models.UniqueConstraint(fields=["plan", "name"], name="working_group_name_once"),
            models.CheckConstraint(
                condition=Q(size_min__gte=1) & Q(size_max__gte=F("size_min")), name="working_group_size_range"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def check_composition(self, people: Iterable[Person]) -> list[str]:
        """Everything in which `people` differ from what the decision asks; empty when the group stands.

        Counts people in all, on each seat, those with the skill that a seat asks for, and nobody twice.
        """
        chosen = list(people)
        return [
            *_size(len(chosen), self.size_min, self.size_max),
            *(error for seat in self.seats.all() for error in _seat(seat, chosen)),
            *_strangers(chosen, {seat.pk for seat in self.seats.all()}),
            *_twice(chosen),
        ]

    def people(self) -> list[Person]:
        """The members entered so far."""
        return [
            Person(member.name, member.position, seat.pk, member.skilled)
            for seat in self.seats.all()
            for member in seat.members.all()
        ]

    @property
    def size_words(self) -> str:
        """`8 thành viên`, `từ 6 đến 8 thành viên`."""
        return count_words(self.size_min, self.size_max, gettext("thành viên"))


class WorkingGroupSeat(models.Model):
    """One line of the composition: so many people of a body in a role; some of them with a skill."""

    group = models.ForeignKey(WorkingGroup, on_delete=models.CASCADE, related_name="seats")
    role = models.CharField(_("Vai trò"), max_length=300)
    body = models.CharField(_("Thành phần"), max_length=500)
    count_min = models.PositiveSmallIntegerField(_("Ít nhất"), default=1)
    count_max = models.PositiveSmallIntegerField(_("Nhiều nhất"), default=1)
    skill = models.CharField(_("Kỹ năng cần có"), max_length=300, blank=True)
    skilled_min = models.PositiveSmallIntegerField(_("Số người có kỹ năng"), default=0)
    note = models.CharField(_("Ghi chú"), max_length=500, blank=True)
    order = models.PositiveIntegerField(_("Thứ tự"))

    class Meta:
        ordering = ["group", "order"]
        verbose_name = _("Thành phần tổ công tác")
        verbose_name_plural = _("Thành phần tổ công tác")
        constraints = [
            models.UniqueConstraint(fields=["group", "role", "body"], name="working_group_seat_once"),
            models.CheckConstraint(condition=Q(count_max__gte=F("count_min")), name="working_group_seat_range"),
            models.CheckConstraint(
                condition=Q(skilled_min=0) | (Q(skilled_min__lte=F("count_max")) & ~Q(skill="")),
                name="working_group_seat_skill_named",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.body}"

    @property
    def count_words(self) -> str:
        """`2 người`, `từ 3 đến 5 người`."""
        return count_words(self.count_min, self.count_max, gettext("người"))


class WorkingGroupMember(models.Model):
    """A person entered on a seat; people of other offices have no account here, so a name is enough."""

    seat = models.ForeignKey(WorkingGroupSeat, on_delete=models.RESTRICT, related_name="members")
    name = models.CharField(_("Họ và tên"), max_length=150)
    position = models.CharField(_("Chức vụ, đơn vị"), max_length=200)
    skilled = models.BooleanField(_("Có kỹ năng được yêu cầu"), default=False)

    class Meta:
        ordering = ["seat", "pk"]
        verbose_name = _("Thành viên tổ công tác")
        verbose_name_plural = _("Thành viên tổ công tác")
        constraints = [
            models.UniqueConstraint(fields=["seat", "name", "position"], name="working_group_member_once"),
            models.CheckConstraint(condition=~Q(name=""), name="working_group_member_named"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.position}"


class SheetQuota(models.Model):
    """How many sheets of form A (the office) or B (its customers) a body receives."""

    class Form(models.TextChoices):
        A = "A", _("Phiếu A")
        B = "B", _("Phiếu B")

    plan = models.ForeignKey("plans.Plan", on_delete=models.CASCADE, related_name="sheet_quotas")
    body = models.CharField(_("Đơn vị nhận phiếu"), max_length=500)
    unit = models.ForeignKey(
        Unit,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="sheet_quotas",
        verbose_name=_("Đơn vị trên phần mềm"),
    )
    form = models.CharField(_("Mẫu phiếu"), max_length=1, choices=Form)
    planned = models.PositiveSmallIntegerField(_("Số phiếu"))
    order = models.PositiveIntegerField(_("Thứ tự"))

    class Meta:
        ordering = ["plan", "order"]
        verbose_name = _("Số phiếu phân bổ")
        verbose_name_plural = _("Số phiếu phân bổ")
        constraints = [
            models.UniqueConstraint(fields=["plan", "body", "form"], name="sheet_quota_once"),
            models.CheckConstraint(condition=Q(form__in=["A", "B"]), name="sheet_quota_form_known"),
            models.CheckConstraint(condition=Q(planned__gte=1), name="sheet_quota_positive"),
        ]


def count_words(low: int, high: int, noun: str) -> str:
    """`8 thành viên` for one number, `từ 6 đến 8 thành viên` for a range."""
    if low == high:
        return f"{low} {noun}"
    return gettext("từ %(low)s đến %(high)s %(noun)s") % {"low": low, "high": high, "noun": noun}


def _size(count: int, low: int, high: int) -> Iterable[str]:
    if not low <= count <= high:
        yield gettext("Tổ có %(count)s người, quy định %(wanted)s.") % {
            "count": count,
            "wanted": count_words(low, high, gettext("thành viên")),
        }


def _seat(seat: WorkingGroupSeat, people: Sequence[Person]) -> Iterable[str]:
    on_seat = [person for person in people if person.seat == seat.pk]
    if not seat.count_min <= len(on_seat) <= seat.count_max:
        yield gettext("%(seat)s: có %(count)s người, quy định %(wanted)s.") % {
            "seat": seat,
            "count": len(on_seat),
            "wanted": seat.count_words,
        }
    skilled = sum(person.skilled for person in on_seat)
    if skilled < seat.skilled_min:
        yield gettext("%(seat)s: cần %(wanted)s người %(skill)s, mới có %(count)s.") % {
            "seat": seat,
            "wanted": seat.skilled_min,
            "skill": seat.skill,
            "count": skilled,
        }


def _strangers(people: Sequence[Person], seats: set[int]) -> Iterable[str]:
    for person in people:
        if person.seat not in seats:
            yield gettext("%(name)s không thuộc thành phần nào của tổ.") % {"name": person.name}


def _twice(people: Sequence[Person]) -> Iterable[str]:
    counts = Counter((person.name.casefold(), person.position.casefold()) for person in people)
    names = {(person.name.casefold(), person.position.casefold()): person for person in people}
    for key, count in counts.items():
        if count > 1:
            yield gettext("%(name)s (%(position)s) có tên %(count)s lần.") % {
                "name": names[key].name,
                "position": names[key].position,
                "count": count,
            }
