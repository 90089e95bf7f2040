"""Writing notices into the outbox, and sending what waits there."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import connection, transaction
from django.utils.translation import gettext as _

from units import clock
from units.models import User

from .models import Notice

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
LEASE = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class Message:
    """What to tell a person about one event."""

    event: str
    recipient: User
    subject: str
    body: str
    url: str = ""


def message_id(event: str, recipient_id: int) -> str:
    """The same for every attempt, so that a repeated mail is recognised as the same one."""
    digest = hashlib.sha256(f"{event}|{recipient_id}".encode()).hexdigest()[:32]
    return f"<{digest}@cchc-index>"


def queue(messages: Iterable[Message]) -> int:
    """Put each message into the outbox in-app and, where the person has an address, by e-mail.

    A message whose event the person already has on a channel is left out. Returns how many rows were added.
    """
    now = clock.now()
    rows = [
        Notice(
            event=message.event,
            recipient=message.recipient,
            channel=channel,
            subject=message.subject[:250],
            body=message.body,
            url=message.url,
            queued_at=now,
            not_before=now,
            state=Notice.State.SENT if channel == Notice.Channel.IN_APP else Notice.State.QUEUED,
            sent_at=now if channel == Notice.Channel.IN_APP else None,
            message_id=message_id(message.event, message.recipient.pk),
        )
        for message in messages
        for channel in Notice.Channel
        if channel == Notice.Channel.IN_APP or message.recipient.email
    ]
    before = Notice.objects.count()
    Notice.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    return Notice.objects.count() - before


def _claim() -> Notice | None:
    """Lease one waiting mail to this sweep; another sweep skips it. A sweep that dies lets the lease run out."""
    now = clock.now()
    with transaction.atomic():
        waiting = Notice.objects.filter(
            channel=Notice.Channel.EMAIL, state=Notice.State.QUEUED, not_before__lte=now
        ).order_by("not_before", "pk")
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True, of=("self",))
        notice = waiting.select_related("recipient").first()
        if notice is None:
            return None
        notice.not_before = now + LEASE
        notice.attempts += 1
        notice.save(update_fields=["not_before", "attempts"])
        return notice


def drain(limit: int = 500) -> tuple[int, int]:
    """Send what waits, one mail at a time; a failing one delays nothing else. Returns (sent, failed).

    A failure is tried again later, at growing intervals, MAX_ATTEMPTS times in all.
    """
    sent = failed = 0
    for _round in range(limit):
        notice = _claim()
        if notice is None:
            break
        try:
            _send(notice)
        except Exception as error:  # any transport fault: kept on the row, tried again
            failed += 1
            log.warning("notice %s was not sent: %s", notice.pk, error)
            Notice.objects.filter(pk=notice.pk).update(
                state=Notice.State.FAILED if notice.attempts >= MAX_ATTEMPTS else Notice.State.QUEUED,
                not_before=clock.now() + dt.timedelta(minutes=2**notice.attempts),
                last_error=str(error)[:300],
            )
        else:
            sent += 1
            Notice.objects.filter(pk=notice.pk).update(state=Notice.State.SENT, sent_at=clock.now(), last_error="")
    return sent, failed


def letter_text(notice: Notice) -> str:
    """The text of a letter: the notice and, at its end, where to act on it."""
    if not notice.url:
        return f"{notice.body}\n"
    return _("%(body)s\n\nMở phần mềm để thực hiện: %(url)s\n") % {
        "body": notice.body,
        "url": f"{settings.PUBLIC_URL}{notice.url}",
    }


def _send(notice: Notice) -> None:
    with get_connection() as mailer:
        EmailMessage(
            subject=notice.subject,
            body=letter_text(notice),
            to=[notice.recipient.email],
            headers={"Message-ID": notice.message_id},
            connection=mailer,
        ).send()


def unseen_count(user: User) -> int:
    """In-app notices that the person has not looked at."""
    return Notice.objects.filter(recipient=user, channel=Notice.Channel.IN_APP, seen_at=None).count()


def mark_seen(user: User) -> None:
    """The person has looked at the list of notices."""
    Notice.objects.filter(recipient=user, channel=Notice.Channel.IN_APP, seen_at=None).update(seen_at=clock.now())
