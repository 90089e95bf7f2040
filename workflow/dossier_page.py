"""What a dossier's page says: where it stands, by when, who is next, and what was said about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.deadlines import (
    Step,
    both_words,
    dossier_timeliness,
    extension_of,
    legal_deadline,
    step_dates,
    submission_deadline,
)
from assessments.models import Dossier, Extension, ReviewNote
from assessments.stages import OPEN_STAGES, STEPS, WAITING_FOR, Stage, step_of
from assessments.visibility import own_domains
from criteria.models import Criterion
from plans.calendar import Deadline, Timeliness, days_left_words, in_sentence
from units import access, clock
from units.permissions import Perm
from units.templatetags.cchc import due

from .models import WorkItem
from .round_columns import round_words

CHIP_STATES = {
    Timeliness.ON_TIME: ("ok", "check-lg"),
    Timeliness.LATE: ("late", "exclamation-circle"),
    Timeliness.EXTENDED: ("info", "calendar-event"),
    Timeliness.MISSING: ("late", "exclamation-circle"),
    Timeliness.PENDING: ("mute", ""),
}


def sentence(dossier: Dossier) -> str:
    """ "Hồ sơ đang ở bước 3/7, chờ cán bộ đầu mối rà soát"."""
    stage = Stage(dossier.stage)
    return _("Hồ sơ đang ở bước %(step)s/%(steps)s, %(waiting)s.") % {
        "step": step_of(stage),
        "steps": len(STEPS),
        "waiting": waiting_words(dossier),
    }


def waiting_words(dossier: Dossier) -> str:
    """What the dossier waits for, with the round where the cycle has two: "hội đồng đang thẩm định vòng 2"."""
    words, number = str(WAITING_FOR[Stage(dossier.stage)]), round_words(dossier)
    return f"{words} {number}" if number else words


def stepper(dossier: Dossier, *, late: bool) -> list[dict[str, Any]]:
    """The seven steps as `components/stepper.html` takes them."""
    here = step_of(Stage(dossier.stage))
    return [
        {
            "label": label,
            "state": "done"
            if number < here or dossier.stage == Stage.FINAL
            else "todo"
            if number > here
            else "late"
            if late
            else "current",
            "note": round_words(dossier) if number == here else "",
        }
        for number, (label, _stages) in enumerate(STEPS, start=1)
    ]


def timeliness_chip(dossier: Dossier, extension: Extension | None) -> dict[str, str]:
    """On time, late, extended, missing or not due yet, as a chip."""
    found = dossier_timeliness(dossier, extension)
    state, icon = CHIP_STATES[found]
    return {"state": state, "text": found.label, "icon": icon}


@dataclass(frozen=True)
class Dates:
    """The deadline that holds for the unit, in words; the chip tells days left, later whether it was met."""

    deadline: Deadline
    legal: Deadline
    extension: Extension | None
    chip: dict[str, str]
    dossier: Dossier

    @cached_property
    def internal(self) -> list[dict[str, str]]:
        """The unit's internal deadlines in words, while it still works on the dossier; two queries, when asked."""
        if Stage(self.dossier.stage) not in OPEN_STAGES:
            return []
        found = step_dates(self.dossier, self.extension).internal
        return [
            {"step": str(step.label), "day": in_sentence(found[step].last_day), "key": step.value}
            for step in Step
            if step in found
        ]

    def words_for(self, step: Step) -> str:
        """`hạn nội bộ thứ Tư 09/12/2026, hạn nộp thứ Hai 14/12/2026` of one step."""
        if Stage(self.dossier.stage) not in OPEN_STAGES:
            return ""
        words = both_words(step_dates(self.dossier, self.extension).of(step), self.deadline)
        return words[:1].upper() + words[1:]

    @property
    def left(self) -> str:
        return days_left_words(self.deadline.days_left(clock.now()))

    @property
    def passed(self) -> bool:
        return clock.now() >= self.deadline.ends_at


def dates(dossier: Dossier) -> Dates:
    """By when the dossier must be in, read with its extension."""
    extension = extension_of(dossier)
    deadline = submission_deadline(dossier, extension)
    left = due(deadline.ends_at) if Stage(dossier.stage) in OPEN_STAGES else None
    chip = {"state": left["state"], "text": left["text"], "icon": left["icon"]} if left else None
    return Dates(
        deadline, legal_deadline(dossier.cycle), extension, chip or timeliness_chip(dossier, extension), dossier
    )


def facts(dossier: Dossier, when: Dates) -> list[dict[str, Any]]:
    """Deadline, extension and arrival as `components/facts.html` takes them."""
    open_still = Stage(dossier.stage) in OPEN_STAGES
    rows: list[dict[str, Any]] = [
        {"term": _("Đợt đánh giá"), "value": dossier.cycle.name},
        {
            "term": _("Hạn gửi hồ sơ"),
            "value": f"{when.deadline.words()}{'. ' + when.left if open_still else ''}",
            "state": "late" if open_still and when.passed else "",
        },
    ]
    rows += [{"term": _("Hạn nội bộ"), "value": f"{row['step']}: {row['day']}"} for row in when.internal]
    if when.extension is not None:
        rows.append(
            {
                "term": _("Gia hạn"),
                "value": _("đến hết ngày %(day)s; hạn chung %(legal)s. Lý do: %(reason)s")
                % {
                    "day": f"{when.extension.until:%d/%m/%Y}",
                    "legal": when.legal.words(),
                    "reason": when.extension.reason,
                },
                "state": "info",
            }
        )
    return rows


def unit_notes(dossier: Dossier) -> QuerySet[ReviewNote]:
    """Comments with which the dossier, or a domain of it, was sent back inside the unit."""
    sent_back = dossier.notes.filter(kind=ReviewNote.Kind.SENT_BACK)
    return sent_back.select_related("author", "criterion").order_by("-at", "-pk")


def council_crumbs(user: Any, dossier: Dossier) -> list[dict[str, str]]:
    """The way back for somebody of the council: the appraiser's list, or the overview of who leads."""
    appraises = access.allowed(Perm.APPRAISE, user, dossier.cycle)
    url = reverse("appraisals") if appraises else reverse("appraisal-overview", args=[dossier.cycle_id])
    return [{"label": _("Thẩm định"), "url": url}, {"label": str(dossier.unit), "url": ""}]


def council_links(
    user: Any, dossier: Dossier, items: Sequence[WorkItem], domains: Sequence[Criterion]
) -> list[dict[str, Any]]:
    """The desk, on the domain that waits for the person, else the first that the seat takes; then the review."""
    waiting = [item.domain_id for item in items if item.node == "dossier.appraise"]
    taken = own_domains(user, dossier.cycle)
    places = waiting or [domain.pk for domain in domains if taken is None or domain.pk in taken]
    links = [(_("Bàn thẩm định"), reverse("appraise-domain", args=[dossier.pk, pk]), "table") for pk in places[:1]]
    links.append((_("Tổng hợp"), reverse("review", args=[dossier.pk]), "card-checklist"))
    return [
        {"label": label, "url": url, "icon": icon, "primary": bool(waiting) and number == 0}
        for number, (label, url, icon) in enumerate(links)
    ]


def list_row(dossier: Dossier, extension: Extension | None) -> dict[str, Any]:
    """One dossier in a list."""
    stage = Stage(dossier.stage)
    return {
        "dossier": dossier,
        "url": reverse("dossier", args=[dossier.pk]),
        "step": step_of(stage),
        "steps": len(STEPS),
        "waiting": waiting_words(dossier),
        "percent": step_of(stage) * 100 // len(STEPS),
        "chip": timeliness_chip(dossier, extension),
    }
