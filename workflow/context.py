"""What stands around every page: the person's navigation, who is signed in as what, and unseen notices.

Everything is read when a template asks for it: pages for the public ask for nothing, touch neither session nor
database, and can be cached. For a signed-in person it is four queries beside the grants, whatever the page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.models import CouncilMember, Cycle
from assessments.stages import CycleStage
from notifications.services import unseen_count
from plans.calendar import long_date
from units import access, clock
from units.models import Membership, Unit
from units.permissions import COUNCIL_ROLES, CYCLE_PERMS, CYCLE_ROLES, Perm, Role

from .inbox import inbox


@dataclass(frozen=True)
class Item:
    """One entry of the main navigation."""

    url: str
    label: str
    active: bool
    count: int = 0


class Navigation:
    """The frame of one request's page."""

    def __init__(self, request: HttpRequest) -> None:
        self.user: Any = request.user
        self.here = (request.resolver_match.url_name if request.resolver_match else "") or ""

    @cached_property
    def signed_in(self) -> bool:
        return bool(self.user.is_authenticated)

    @cached_property
    def memberships(self) -> list[Membership]:
        return list(Membership.objects.filter(user=self.user, until=None).select_related("unit").order_by("pk"))

    @cached_property
    def cycle(self) -> Cycle | None:
        """The latest cycle that the person has to do with; one that is still prepared hides no running one."""
        cycles = {int(pk) for code, _type, pk in access.grants(self.user) if code in CYCLE_CODES}
        units = access.object_ids(Perm.VIEW_DOSSIER, self.user, Unit)
        return (
            Cycle.objects.filter(Q(pk__in=cycles) | Q(dossiers__unit__in=units))
            .select_related("province")
            .order_by(ExpressionWrapper(Q(stage=CycleStage.DRAFT), output_field=BooleanField()), "-year", "-pk")
            .first()
        )

    def holds(self, *perms: Perm) -> bool:
        """Whether the person holds one of `perms` on any object."""
        codes = {perm.value for perm in perms}
        return any(code in codes for code, _type, _pk in access.grants(self.user))

    def on_cycle(self, *perms: Perm) -> bool:
        """Whether the person holds one of `perms` on the cycle that the navigation leads to."""
        return self.cycle is not None and any(access.allowed(perm, self.user, self.cycle) for perm in perms)

    def leads_only(self) -> bool:
        """Whether the person leads or manages the council without appraising: their way in is the overview."""
        return self.on_cycle(Perm.CHAIR, Perm.MANAGE_COUNCIL) and not self.holds(Perm.APPRAISE)

    def items(self) -> list[Item]:
        """The entries that the person's roles give."""
        if not self.signed_in:
            return []
        rows: list[tuple[bool, str, list[Any], str, tuple[str, ...]]] = [
            (True, "inbox", [], _("Việc của tôi"), ("inbox", "own-calendar")),
            (self.holds(Perm.VIEW_DOSSIER), "dossiers", [], _("Hồ sơ"), DOSSIER),
            (self.holds(Perm.APPRAISE), "appraisals", [], _("Thẩm định"), APPRAISAL),
        ]
        cycle = self.cycle
        decides = self.on_cycle(Perm.VIEW_RESULTS)
        if cycle is not None and cycle.stage != CycleStage.DRAFT:
            surveys = cycle.has_survey and self.on_cycle(Perm.IMPORT_SURVEY, Perm.COLLECT_SURVEY)
            rows += [
                (surveys, "survey", [cycle.pk], _("Điều tra XHH"), ("survey", "merge-survey")),
                (self.leads_only(), "appraisal-overview", [cycle.pk], _("Thẩm định"), APPRAISAL),
                (self.on_cycle(Perm.MONITOR), "monitor", [cycle.pk], _("Theo dõi"), MONITOR),
                (self.on_cycle(Perm.CHAIR, Perm.CONCLUDE), "sessions", [cycle.pk], _("Phiên họp"), ("session",)),
                (decides, "results", [cycle.pk], _("Kết quả"), RESULTS),
            ]
        rows += [
            (not decides, "public-home", [], _("Kết quả"), ()),
            (True, "criteria-sets", [], _("Bộ chỉ số"), ("criteri", "consultation")),
            (True, "plans", [], _("Kế hoạch"), ("plan", "holiday")),
        ]
        return [
            Item(url, label, self.here.startswith(pages), self.waiting if name == "inbox" else 0)
            for shown, name, args, label, pages in rows
            if shown and (url := _url(name, args))
        ]

    @cached_property
    def waiting(self) -> int:
        return inbox(self.user).count()

    def notices(self) -> dict[str, Any]:
        """The bell: where it leads and how many notices are unseen."""
        if not self.signed_in:
            return {}
        return {
            "url": reverse("notices"),
            "count": unseen_count(self.user),
            "active": self.here in {"notices", "outbox"},
        }

    def user_line(self) -> str:
        """Role and unit: "Chuyên viên · Sở Tư pháp"."""
        if not self.signed_in:
            return ""
        unit = self.memberships[0].unit.name if self.memberships else ""
        return " · ".join(dict.fromkeys(part for part in (self._role(), unit) if part))

    def _role(self) -> str:
        """The weightiest role: one on the cycle before one in the unit."""
        if self.cycle is not None:
            held = frozenset(perm for perm in CYCLE_PERMS if access.allowed(perm, self.user, self.cycle))
            for role in reversed(list(CYCLE_ROLES)):
                if CYCLE_ROLES[role] <= held:
                    shown = self._seat() if role in COUNCIL_ROLES else role
                    return str(SHORT.get(shown, shown.label))
        roles = {Role(membership.role) for membership in self.memberships}
        return next((str(role.label) for role in reversed(Role) if role in roles), "")

    def _seat(self) -> Role:
        """The person's own seat: a deputy may what the chair may, a helper what a member may."""
        seat = CouncilMember.objects.filter(council__cycle=self.cycle, user=self.user).values_list("role", flat=True)
        return Role(seat.first() or Role.MEMBER)

    def brand_line(self) -> str:
        """Whose assessment it is: "Tỉnh Quảng Bình · Năm 2026"."""
        if not self.signed_in or self.cycle is None:
            return ""
        return _("%(province)s · Năm %(year)s") % {"province": self.cycle.province.name, "year": self.cycle.year}


CYCLE_CODES = frozenset(perm.value for perm in CYCLE_PERMS)
# The bar has room for one line.
SHORT = {
    Role.MEMBER: gettext_lazy("Thành viên hội đồng"),
    Role.HELPER: gettext_lazy("Tổ giúp việc hội đồng"),
    Role.SECRETARY: gettext_lazy("Thư ký hội đồng"),
    Role.DEPUTY: gettext_lazy("Phó Chủ tịch hội đồng"),
    Role.CHAIR: gettext_lazy("Chủ tịch hội đồng"),
}
# Beginnings of the names of the addresses that belong to an entry.
DOSSIER = (
    *(
        "dossier",
        "assign",
        "sheet",
        "check",
        "approve",
        "submit",
        "supplement",
        "respond",
        "lost-points",
        "history",
        "receipt",
    ),
    *("unit-times", "take-back", "self-report", "score-evidence", "library", "document"),
    *("offline", "offline-compare", "offline-result"),
)
APPRAISAL = ("appraisals", "appraise", "appraisal-overview", "review", "hear", "council", "site-visit")
MONITOR = ("reminder-", "monitor", "exten", "nudge", "cycle-times", "cycle-rules", "open-cycle", "close-collection")
RESULTS = ("results", "conclude-cycle", "propose", "decide", "publish")


def _url(name: str, args: list[Any]) -> str:
    """The address, or nothing where the province's installation has no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context of `base.html`; every value is made only when a template looks at it."""
    frame = Navigation(request)

    def lazy(make: Callable[[], Any]) -> Any:
        return SimpleLazyObject(make)

    return {
        "nav_items": lazy(frame.items),
        "notices": lazy(frame.notices),
        "current_user_line": lazy(frame.user_line),
        "works_in_unit": lazy(lambda: frame.memberships),
        "brand_line": lazy(frame.brand_line),
        "environment_note": environment_note(),
        "app_version": settings.VERSION,
    }


def environment_note() -> str:
    """What a demo or training installation says over every page: nothing is real, and which day it lives in."""
    if not settings.CCHC_CLOCK_CAN_MOVE:
        return ""
    note = _("Bản dùng thử: số liệu minh họa, thư không gửi ra ngoài.")
    if clock.is_moved():
        note += " " + _("Hôm nay theo đồng hồ dùng thử: %(day)s.") % {"day": long_date(clock.today())}
    return note
