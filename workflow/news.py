"""Notices of what just happened to a dossier or cycle: written in the transaction of the event itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.arrivals import arrival_entry, withdrawals
from assessments.deadlines import dossier_timeliness, extension_of, extensions_in_force, submission_deadline
from assessments.models import Cycle, Dossier, Extension
from assessments.services.appraisal import open_request
from assessments.stages import Stage
from criteria.consultation import Consultation
from criteria.models import Criterion
from notifications.kinds import Kind
from notifications.preferences import LONGEST_REST
from notifications.services import Message, queue
from plans.calendar import ONE_DAY, Deadline, days_left_words, long_date
from plans.holidays import work_calendar
from units import access, clock
from units.models import Unit, User
from units.permissions import Perm
from units.templatetags.cchc import vdatetime

from .audiences import Audiences
from .models import WorkItem
from .reminders import deadline_of
from .titles import item_title, item_url

# What `engine.perform` asks after a step: the tasks that it opened, and who did it.
News = Callable[[Sequence[WorkItem], User | None], Iterable[Message]]


def tell(messages: Iterable[Message]) -> None:
    """Queue what happened just now; letters to people who rest on days off wait for the next working day."""
    queue(messages, days_off=days_off_ahead)


def days_off_ahead() -> set[dt.date]:
    """Local dates from today on, as far as a letter may wait, on which offices do not work."""
    calendar, today = work_calendar(), clock.today()
    ahead = (today + ONE_DAY * number for number in range(LONGEST_REST))
    return {day for day in ahead if not calendar.is_working(day)}


def _line(item: WorkItem) -> str:
    deadline = deadline_of(item)
    if deadline is None:
        return item_title(item)
    left = days_left_words(deadline.days_left(clock.now()))
    return _("%(title)s; hạn %(day)s, %(left)s") % {
        "title": item_title(item),
        "day": long_date(deadline.last_day),
        "left": left[0].lower() + left[1:],
    }


def _by_person(items: Sequence[WorkItem], by: User | None) -> list[tuple[User, list[WorkItem]]]:
    """Whose turn `items` are; who did the step before knows it."""
    audiences = Audiences(items)
    found: dict[User, list[WorkItem]] = {}
    for item in items:
        for user in audiences.doers(item):
            if user != by:
                found.setdefault(user, []).append(item)
    return list(found.items())


def turns(items: Sequence[WorkItem], by: User | None) -> list[Message]:
    """Chuyển việc: each person gets one notice of all tasks that a step opened for them."""
    return [
        Message(
            event=f"turn:{own[0].pk}",
            recipient=user,
            subject=_("Việc mới: %(title)s") % {"title": item_title(own[0])}
            if len(own) == 1
            else _("%(count)s việc mới: %(title)s, …") % {"count": len(own), "title": item_title(own[0])},
            body="\n".join([_("Đến lượt ông/bà thực hiện:"), *(f"- {_line(item)}" for item in own)]),
            url=item_url(own[0]) if len(own) == 1 else reverse("inbox"),
            kind=Kind.TURN,
        )
        for user, own in _by_person(items, by)
    ]


def returned(comment: str, comments: Mapping[int, str] | None = None) -> News:
    """Trả lại: the people who must mend it read the comment at once; `comments` are by a criterion's id."""

    def news(items: Sequence[WorkItem], by: User | None) -> list[Message]:
        named = {pk: text.strip() for pk, text in (comments or {}).items() if text.strip()}
        criteria = Criterion.objects.filter(pk__in=named).order_by("order") if named else ()
        said = [comment.strip()] if comment.strip() else []
        said += [f"- {criterion}: {named[criterion.pk]}" for criterion in criteria]
        return [
            Message(
                event=f"returned:{own[0].pk}",
                recipient=user,
                subject=_("Bị trả lại để sửa: %(title)s") % {"title": item_title(own[0])},
                body="\n".join(
                    [
                        _("Ý kiến của %(who)s:") % {"who": by},
                        *said,
                        "",
                        *(f"- {_line(item)}" for item in own),
                    ]
                ),
                url=item_url(own[0]) if len(own) == 1 else reverse("inbox"),
                kind=Kind.RETURNED,
            )
            for user, own in _by_person(items, by)
        ]

    return news


def _fresh(dossier: Dossier) -> Dossier:
    return Dossier.objects.select_related("unit", "cycle__plan").get(pk=dossier.pk)


def _unit_people(unit_ids: Iterable[int]) -> dict[int, list[User]]:
    """Coordinators and head of each unit, without doubles."""
    found: dict[int, list[User]] = {}
    for (_perm, unit), users in access.holders_by([Perm.CHECK, Perm.APPROVE], Unit, set(unit_ids)).items():
        own = found.setdefault(unit, [])
        own += [user for user in users if user not in own]
    return found


def submitted(dossier: Dossier) -> News:
    """Biên nhận: to coordinator and head of the unit, whoever sent it; Sở Nội vụ learns of the arrival."""

    def news(items: Sequence[WorkItem], by: User | None) -> list[Message]:
        fresh = _fresh(dossier)
        assert fresh.submitted_at is not None
        extension = extension_of(fresh)
        deadline = submission_deadline(fresh, extension)
        arrival = arrival_entry(fresh)
        assert arrival is not None
        timely = dossier_timeliness(fresh, extension).words
        text = _("Hội đồng đã nhận hồ sơ của %(unit)s lúc %(time)s, %(timely)s (%(deadline)s).") % {
            "unit": fresh.unit,
            "time": vdatetime(fresh.submitted_at),
            "timely": timely,
            "deadline": deadline.words(),
        }
        receipts = [
            Message(
                event=f"receipt:{fresh.pk}:{arrival.seq}",
                recipient=user,
                subject=_("Biên nhận gửi hồ sơ của %(unit)s") % {"unit": fresh.unit},
                body="\n".join([text, _("Mã kiểm tra: %(hash)s") % {"hash": arrival.hash}]),
                url=reverse("receipt", args=[fresh.pk]),
                kind=Kind.RECEIPT,
            )
            for user in _unit_people([fresh.unit_id]).get(fresh.unit_id, [])
        ]
        arrivals = [
            Message(
                event=f"arrival:{fresh.pk}:{arrival.seq}",
                recipient=user,
                subject=_("%(unit)s đã gửi hồ sơ, %(timely)s") % {"unit": fresh.unit, "timely": timely},
                body=text,
                url=reverse("monitor", args=[fresh.cycle_id]),
                kind=Kind.ARRIVAL,
            )
            for user in access.holders(Perm.MANAGE, fresh.cycle)
        ]
        return [*receipts, *arrivals, *turns(items, by)]

    return news


def taken_back(dossier: Dossier) -> list[Message]:
    """The receipt holds no more: to coordinator and head of the unit, and to Sở Nội vụ."""
    fresh = _fresh(dossier)
    last = withdrawals(fresh)[-1]
    text = _("%(unit)s đã rút lại hồ sơ đã gửi. Lý do: %(reason)s\nBiên nhận mã %(hash)s không còn giá trị.") % {
        "unit": fresh.unit,
        "reason": last.reason,
        "hash": last.receipt,
    }
    inside = _unit_people([fresh.unit_id]).get(fresh.unit_id, [])
    watching = [user for user in access.holders(Perm.MANAGE, fresh.cycle) if user not in inside]
    places = [(user, reverse("receipt", args=[fresh.pk]), Kind.RECEIPT) for user in inside]
    places += [(user, reverse("monitor", args=[fresh.cycle_id]), Kind.ARRIVAL) for user in watching]
    subject = _("%(unit)s đã rút lại hồ sơ") % {"unit": fresh.unit}
    return [
        Message(f"taken-back:{last.receipt}", user, subject, text, url=url, kind=kind) for user, url, kind in places
    ]


def council(dossier: Dossier) -> News:
    """What the council gave the unit: a question, a provisional result, or its conclusion."""

    def news(items: Sequence[WorkItem], by: User | None) -> list[Message]:
        fresh = _fresh(dossier)
        told = _council_text(fresh)
        if told is None:
            return turns(items, by)
        event, kind, subject, body, page = told
        people = _unit_people([fresh.unit_id]).get(fresh.unit_id, [])
        to_unit = [
            Message(event, user, subject, body, url=reverse(page, args=[fresh.pk]), kind=kind)
            for user in people
            if user != by
        ]
        return [*to_unit, *turns([item for item in items if item.node not in ANSWERED_BY_UNIT], by)]

    return news


# Tasks of which the council's own notice tells.
ANSWERED_BY_UNIT = ("dossier.supplement", "dossier.respond")


def _council_text(dossier: Dossier) -> tuple[str, Kind, str, str, str] | None:
    """Event, kind, subject, body and page of the notice that the dossier's stage asks for."""
    stage = Stage(dossier.stage)
    unit = {"unit": dossier.unit}
    if stage == Stage.SUPPLEMENTING:
        request = open_request(dossier)
        assert request is not None
        asked = [
            f"- {item.score.criterion}: {item.question}" for item in request.items.select_related("score__criterion")
        ]
        due = Deadline(on=request.due_on, inclusive=True).words()
        return (
            f"supplement:{request.pk}",
            Kind.SUPPLEMENT,
            _("Hội đồng yêu cầu %(unit)s bổ sung hồ sơ") % unit,
            "\n".join([_("Trả lời %(due)s về các tiêu chí:") % {"due": due}, *asked]),
            "supplement",
        )
    if stage == Stage.RESPONDING:
        return (
            f"provisional:{dossier.pk}:{dossier.appraisal_pass}",
            Kind.RESULT,
            _("Kết quả thẩm định dự kiến của %(unit)s") % unit,
            _("Đơn vị có %(days)s ngày để xem và kiến nghị. Quá thời gian đó là đồng ý với kết quả.")
            % {"days": dossier.cycle.response_days},
            "respond",
        )
    if stage in (Stage.CONCLUDED, Stage.FINAL):
        return (
            f"concluded:{dossier.pk}",
            Kind.RESULT,
            _("Hội đồng đã kết luận hồ sơ của %(unit)s") % unit,
            _("Điểm thẩm định và ý kiến của hội đồng ở từng tiêu chí xem trong hồ sơ."),
            "dossier",
        )
    return None


def given_up(dossiers: Sequence[Dossier]) -> News:
    """Không nộp hồ sơ: coordinators and head of each unit learn that nothing can be sent any more, and what follows."""

    def news(items: Sequence[WorkItem], by: User | None) -> list[Message]:
        people = _unit_people(dossier.unit_id for dossier in dossiers)
        extensions = extensions_in_force({dossier.cycle_id for dossier in dossiers})
        for dossier in dossiers:
            dossier.cycle = dossiers[0].cycle  # its milestones are then read once for all
        return [
            *(
                Message(
                    event=f"given-up:{dossier.pk}",
                    recipient=user,
                    subject=_("%(unit)s được ghi nhận không nộp hồ sơ") % {"unit": dossier.unit},
                    body=_given_up_text(dossier, extensions.get((dossier.cycle_id, dossier.unit_id))),
                    url=reverse("dossier", args=[dossier.pk]),
                    kind=Kind.RESULT,
                )
                for dossier in dossiers
                for user in people.get(dossier.unit_id, [])
            ),
            *turns(items, by),
        ]

    return news


def _given_up_text(dossier: Dossier, extension: Extension | None) -> str:
    survey = _(" và không lấy điểm điều tra xã hội học") if dossier.cycle.has_survey else ""
    return _(
        "Sở Nội vụ đã kết thúc nhận hồ sơ của đợt “%(cycle)s”. "
        "Hạn của đơn vị là %(deadline)s; đến nay đơn vị chưa gửi.\n"
        "Điều này có nghĩa:\n"
        "- Hồ sơ đã khóa, không nhập và không gửi được nữa; những gì đã nhập vẫn xem được.\n"
        "- Hội đồng không thẩm định hồ sơ%(survey)s.\n"
        "- Trong kết quả, đơn vị không có chỉ số, không được xếp hạng và ghi là “Không nộp hồ sơ”.\n"
        "Việc này không hoàn tác được trên phần mềm. Nếu có vướng mắc, đơn vị có văn bản gửi Sở Nội vụ."
    ) % {
        "cycle": dossier.cycle.name,
        "deadline": submission_deadline(dossier, extension).words(),
        "survey": survey,
    }


def published(cycle: Cycle) -> News:
    """Công bố: coordinator and head of every unit of the cycle."""

    def news(items: Sequence[WorkItem], by: User | None) -> list[Message]:
        units = cycle.dossiers.values_list("unit_id", flat=True)
        people = {user for users in _unit_people(units).values() for user in users}
        return [
            Message(
                event=f"published:{cycle.pk}",
                recipient=user,
                subject=_("Đã công bố kết quả: %(cycle)s") % {"cycle": cycle},
                body=_("Kết quả xếp hạng, số quyết định và mã kiểm tra xem ở trang công khai."),
                url=reverse("public-year", args=[cycle.year]),
                kind=Kind.RESULT,
            )
            for user in sorted(people, key=lambda user: user.pk)
        ]

    return news


def consulted(consultation: Consultation) -> list[Message]:
    """Lấy ý kiến: the coordinators of every active unit that is asked."""
    units = Unit.objects.filter(group__in=consultation.groups.all(), active=True).values_list("pk", flat=True)
    holders = access.holders_by([Perm.CHECK], Unit, set(units))
    people = {user for users in holders.values() for user in users}
    return [
        Message(
            event=f"consultation:{consultation.pk}",
            recipient=user,
            subject=_("Lấy ý kiến dự thảo: %(name)s") % {"name": consultation.criteria_set.name},
            body=_("Góp ý từ %(opens)s đến hết %(closes)s.%(note)s")
            % {
                "opens": long_date(consultation.opens_on),
                "closes": long_date(consultation.closes_on),
                "note": f"\n{consultation.note}" if consultation.note else "",
            },
            url=reverse("consultation", args=[consultation.pk]),
            kind=Kind.CONSULTATION,
        )
        for user in sorted(people, key=lambda user: user.pk)
    ]
