"""Writing notices into the outbox, and what a person has seen of them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef

from units import clock
from units.models import User

from .channels import Channel, channels
from .kinds import Kind
from .models import Notice, Preferences
from .preferences import preferences_of, send_from, wants

__all__ = [
    "Kind",
    "Message",
    "mark_seen",
    "message_id",
    "open_notice",
    "queue",
    "refresh_waiting",
    "reschedule",
    "unseen_count",
    "withdraw_superseded",
]


@dataclass(frozen=True)
class Message:
    """What to tell a person about one event. Without `channels` by every way that the person has."""

    event: str
    recipient: User
    subject: str
    body: str
    url: str = ""
    kind: str = Kind.REMINDER
    channels: frozenset[str] | None = None


def message_id(event: str, recipient_id: int) -> str:
    """The same for every attempt, so that a repeated mail is recognised as the same one."""
    digest = hashlib.sha256(f"{event}|{recipient_id}".encode()).hexdigest()[:32]
    return f"<{digest}@cchc-index>"


def ways(message: Message, preferences: Preferences, known: Iterable[Channel]) -> list[Channel]:
    """By which of the `known` channels a message goes: those it names, the person has and has not switched off."""
    return [
        channel
        for channel in known
        if (message.channels is None or channel.key in message.channels)
        and channel.reaches(message.recipient, preferences)
        and wants(preferences, message.kind, channel)
    ]


def queue(messages: Iterable[Message], *, days_off: Callable[[], Collection[dt.date]] = tuple) -> int:
    """Put each message into the outbox, once for each channel that reaches the person.

    A message whose event the person already has on a channel is left out. In the product it is there at once; letters
    wait for the end of the person's quiet hours. `days_off` gives the local dates on which offices do not work; it is
    asked only where somebody rests on them. Returns how many rows were added.
    """
    now = clock.now()
    found = list(messages)
    preferences = preferences_of(message.recipient for message in found)
    known = channels()
    rests = days_off() if any(own.quiet_days_off for own in preferences.values()) else ()
    rows = []
    for message in found:
        own = preferences[message.recipient.pk]
        for channel in ways(message, own, known):
            later = channel.sent_by_sweep
            rows.append(
                Notice(
                    event=message.event,
                    kind=message.kind,
                    recipient=message.recipient,
                    channel=channel.key,
                    subject=message.subject[:250],
                    body=message.body,
                    url=message.url,
                    queued_at=now,
                    not_before=send_from(own, message.kind, now, rests) if later else now,
                    state=Notice.State.QUEUED if later else Notice.State.SENT,
                    sent_at=None if later else now,
                    message_id=message_id(message.event, message.recipient.pk),
                )
            )
    if not rows:
        return 0
    of_these = Notice.objects.filter(event__in={message.event for message in found})
    before = of_these.count()
    Notice.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    return of_these.count() - before


@transaction.atomic
def refresh_waiting(event: str, messages: Iterable[Message]) -> int:
    """Bring letters of `event` that still wait up to date; returns how many were withdrawn or reworded.

    What a person has done since is told no more: a letter without a message left is withdrawn. A letter whose sending
    has begun stays as it is.
    """
    waiting = list(
        Notice.objects.select_for_update(of=("self",))
        .filter(event=event, state=Notice.State.QUEUED, attempts=0)
        .order_by("pk")
    )
    if not waiting:
        return 0
    current = {(message.recipient.pk, channel): message for message in messages for channel in message.channels or [""]}
    changed = []
    for notice in waiting:
        message = current.get((notice.recipient_id, notice.channel), current.get((notice.recipient_id, "")))
        if message is None:
            notice.state = Notice.State.WITHDRAWN
        elif (message.subject[:250], message.body) != (notice.subject, notice.body):
            notice.subject, notice.body = message.subject[:250], message.body
        else:
            continue
        changed.append(notice)
    Notice.objects.bulk_update(changed, ["state", "subject", "body"], batch_size=500)
    return len(changed)


@transaction.atomic
def reschedule(days_off: Collection[dt.date]) -> int:
    """Letters that wait go out at the time that the person's rest now gives; returns how many moved.

    `days_off` are the local dates from today on on which offices do not work.
    """
    now = clock.now()
    waiting = list(
        Notice.objects.select_for_update(of=("self",))
        .filter(state=Notice.State.QUEUED, attempts=0, not_before__gt=now)
        .select_related("recipient")
        .order_by("pk")
    )
    preferences = preferences_of(notice.recipient for notice in waiting)
    moved = []
    for notice in waiting:
        at = send_from(preferences[notice.recipient_id], notice.kind, now, days_off)
        if at != notice.not_before:
            notice.not_before = at
            moved.append(notice)
    Notice.objects.bulk_update(moved, ["not_before"], batch_size=500)
    return len(moved)


def withdraw_superseded(prefix: str, *, by: str) -> int:
    """Take back waiting letters of earlier events that begin with `prefix`, where the person has one of event `by`.

    Letters held over days off would else arrive all at once, saying the same.
    """
    newer = Notice.objects.filter(event=by, recipient=OuterRef("recipient"), channel=OuterRef("channel"))
    waiting = Notice.objects.filter(event__startswith=prefix, event__lt=by, state=Notice.State.QUEUED, attempts=0)
    return waiting.filter(Exists(newer)).update(state=Notice.State.WITHDRAWN)


def unseen_count(user: User) -> int:
    """In-app notices that the person has not looked at."""
    return Notice.objects.filter(recipient=user, channel=Notice.Channel.IN_APP, seen_at=None).count()


def mark_seen(user: User) -> None:
    """The person has looked at the list of notices."""
    Notice.objects.filter(recipient=user, seen_at=None).update(seen_at=clock.now())


def open_notice(notice: Notice) -> None:
    """The person opened a notice in the product: its letters count as seen too."""
    Notice.objects.filter(recipient=notice.recipient_id, event=notice.event, seen_at=None).update(seen_at=clock.now())
