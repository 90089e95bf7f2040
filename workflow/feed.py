"""A person's calendar: open tasks, visits and the plan's milestones, on a page and as a secret iCal feed.

The address of a feed is its only key. Its hash is kept, so that nobody who reads the database can use it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.models import Cycle, SiteVisit
from assessments.stages import CycleStage
from assessments.visibility import appointments_for
from plans.ical import FeedEvent, render_ical
from plans.models import Milestone
from plans.pages import Day, month_grid
from units import access, clock
from units.models import Unit, User
from units.permissions import CYCLE_PERMS, Perm
from units.templatetags.cchc import local_date

from .inbox import inbox
from .item_dates import deadline_at, has_internal, item_due, legal_words
from .models import CalendarFeed, WorkItem
from .titles import item_title, item_url

DOMAIN = "cchc-index"
TOKEN_BYTES = 32
USED_EVERY = dt.timedelta(minutes=15)
ALARMS = (1, 0)


def own_feed(user: User) -> CalendarFeed | None:
    """The feed that works now."""
    return CalendarFeed.objects.filter(user=user, revoked_at=None).first()


@transaction.atomic
def make_feed(*, by: User) -> str:
    """A new secret token in place of the earlier one, which stops working; it is told this once."""
    User.objects.select_for_update().get(pk=by.pk)  # two presses at once leave one feed
    revoke_feed(by=by)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    CalendarFeed.objects.create(user=by, token_hash=_hash(token), made_at=clock.now())
    return token


def revoke_feed(*, by: User) -> bool:
    """Stop the person's feed; whether there was one."""
    return bool(CalendarFeed.objects.filter(user=by, revoked_at=None).update(revoked_at=clock.now()))


def feed_of(token: str) -> CalendarFeed | None:
    """The working feed of an active person behind `token`.

    The same hash, query and comparison are made whether or not it is known, so that an answer's time tells nothing.
    """
    wanted = _hash(token)
    feed = CalendarFeed.objects.select_related("user").filter(token_hash=wanted).first()
    known = hmac.compare_digest(feed.token_hash if feed else "", wanted)
    if feed is None or not known or feed.revoked_at is not None or not feed.user.is_active:
        return None
    return feed


def note_use(feed: CalendarFeed) -> None:
    """Remember that a calendar program asked; a row is written at most every USED_EVERY."""
    now = clock.now()
    CalendarFeed.objects.filter(pk=feed.pk).filter(Q(last_used_at=None) | Q(last_used_at__lte=now - USED_EVERY)).update(
        last_used_at=now
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def feed_text(user: User) -> str:
    """The person's feed as RFC 5545 wants it; the same queries for any number of tasks."""
    items = [_task_event(item) for item in dated(user)]
    visits = [_visit_event(visit) for visit in appointments_for(user).order_by("planned_at", "pk")]
    return render_ical([*items, *visits, *map(_milestone_event, milestones_for(user))], clock.now())


def dated(user: User) -> list[WorkItem]:
    """Open tasks of the person that have a date."""
    return list(inbox(user).filter(due_at__isnull=False))


def milestones_for(user: User) -> list[Milestone]:
    """Milestones of the running cycles with which the person has to do, as unit or on the province's side."""
    cycles = {pk for perm in CYCLE_PERMS for pk in access.object_ids(perm, user, Cycle)}
    units = access.object_ids(Perm.VIEW_DOSSIER, user, Unit)
    running = Cycle.objects.filter(Q(pk__in=cycles) | Q(dossiers__unit__in=units)).exclude(stage=CycleStage.PUBLISHED)
    return list(
        Milestone.objects.filter(plan__cycle__in=running.values("pk")).select_related("plan").order_by("on", "pk")
    )


def _task_event(item: WorkItem) -> FeedEvent:
    assert item.due_at is not None
    day = deadline_at(item.due_at).last_day
    words = [_("Hạn nội bộ.")] if has_internal(item) else []
    return FeedEvent(
        uid=f"task-{item.pk}@{DOMAIN}",
        on=day,
        summary=item_title(item),
        description=" ".join([*words, _("Hạn nộp: %(day)s.") % {"day": legal_words(item)}]),
        url=settings.PUBLIC_URL + item_url(item),
        alarm_days=ALARMS,
    )


def _visit_event(visit: SiteVisit) -> FeedEvent:
    return FeedEvent(
        uid=f"visit-{visit.pk}@{DOMAIN}",
        on=local_date(visit.planned_at),
        starts=visit.planned_at,
        summary=visit_title(visit),
        description=visit.agenda,
        location=visit.place,
        url=settings.PUBLIC_URL + visit_url(visit),
        alarm_days=(1,),
    )


def visit_title(visit: SiteVisit) -> str:
    """ "Kiểm tra thực tế · Sở Nội vụ"."""
    return _("Kiểm tra thực tế · %(unit)s") % {"unit": visit.dossier.unit}


def visit_url(visit: SiteVisit) -> str:
    return reverse("site-visit", args=[visit.dossier_id, visit.pk])


def _milestone_event(milestone: Milestone) -> FeedEvent:
    return FeedEvent(
        uid=f"milestone-{milestone.pk}@{DOMAIN}",
        on=milestone.deadline.last_day,
        summary=_("Mốc: %(name)s") % {"name": milestone.get_key_display()},
        description=f"{milestone.deadline.words()}. {milestone.plan}",
        url=settings.PUBLIC_URL + reverse("plan", args=[milestone.plan_id]),
    )


def own_month(user: User, year: int, number: int) -> list[list[Day]]:
    """The weeks of a month with the person's visits, and tasks and milestones on their last days."""
    entries: dict[dt.date, list[dict[str, Any]]] = {}
    for milestone in milestones_for(user):
        entries.setdefault(milestone.deadline.last_day, []).append(
            {
                "label": milestone.get_key_display(),
                "title": f"{milestone}",
                "icon": "flag",
                "state": "mute",
                "url": reverse("plan", args=[milestone.plan_id]),
            }
        )
    for visit in appointments_for(user).order_by("planned_at", "pk"):
        label = _("%(time)s %(what)s") % {
            "time": f"{visit.planned_at.astimezone(clock.LOCAL):%H:%M}",
            "what": visit_title(visit),
        }
        entries.setdefault(local_date(visit.planned_at), []).append(
            {
                "label": label,
                "title": f"{label}: {visit.place}",
                "icon": "building",
                "state": "info",
                "url": visit_url(visit),
            }
        )
    for item in dated(user):
        assert item.due_at is not None
        shown = item_due(item)
        title = item_title(item)
        entries.setdefault(deadline_at(item.due_at).last_day, []).append(
            {
                "label": title,
                "title": f"{title}: {shown['date_text']}" if shown else title,
                "icon": "card-checklist",
                "state": shown["state"] if shown else "mute",
                "url": item_url(item),
            }
        )
    return month_grid(year, number, entries)
