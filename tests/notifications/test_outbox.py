"""The outbox: once, in order, and a letter that cannot be sent delays no other. Letters go to a real SMTP server."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Iterator

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django.fixtures import Settings

from notifications.channels import Email, letter_text
from notifications.models import Notice
from notifications.sending import LEASE, MAX_ATTEMPTS, drain
from notifications.services import Message, message_id, queue
from tests import factories
from tests.services.processes import free_port
from tests.services.smtp import SmtpServer
from units import clock
from units.models import User

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 12, 1, 8, tzinfo=clock.LOCAL)


@pytest.fixture(autouse=True)
def by_day() -> Iterator[None]:
    """Letters of the night would wait for the morning."""
    with clock.at(NOW):
        yield


def message(person: User, event: str = "due:2026-12-01") -> Message:
    return Message(event, person, "Chỉ số CCHC: 1 việc đến hạn", "Phân công tự đánh giá: Còn 14 ngày", url="/")


def letter(person: User, event: str = "due:2026-12-01") -> Notice:
    return Notice.objects.get(recipient=person, event=event, channel=Notice.Channel.EMAIL)


def test_event_reaches_a_person_once_on_each_channel() -> None:
    person = factories.user()
    assert queue([message(person)]) == 2
    assert queue([message(person)]) == 0
    assert queue([message(person, "due:2026-12-02")]) == 2


def test_letter_ends_with_the_link_and_the_notice_does_not() -> None:
    person = factories.user()
    queue([message(person)])
    assert letter_text(letter(person)).endswith("Mở phần mềm để thực hiện: http://127.0.0.1:8000/\n")
    assert "http" not in letter(person).body


def test_drain_sends_what_waits_with_a_stable_message_id(smtp: SmtpServer) -> None:
    person = factories.user()
    queue([message(person)])
    assert drain() == (1, 0)
    assert drain() == (0, 0)
    [mail] = smtp.messages
    assert mail["To"] == person.email
    assert mail["Subject"] == "Chỉ số CCHC: 1 việc đến hạn"
    assert mail["Message-ID"] == message_id("due:2026-12-01", person.pk)
    assert "Còn 14 ngày" in mail.get_content()
    assert letter(person).state == Notice.State.SENT


def test_refused_recipient_delays_no_other_and_is_tried_again_later(
    smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad, last = (factories.user() for _number in range(3))
    queue([message(good), message(bad), message(last)])
    refusing = True

    async def handle_rcpt(
        self: SmtpServer, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusing and address == bad.email:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    monkeypatch.setattr(SmtpServer, "handle_RCPT", handle_rcpt, raising=False)
    with clock.at(NOW):
        Notice.objects.update(not_before=NOW)
        assert drain() == (2, 1)
        assert [mail["To"] for mail in smtp.messages] == [good.email, last.email]
        refused = letter(bad)
        assert (refused.state, refused.attempts) == (Notice.State.QUEUED, 1)
        assert "550" in refused.last_error
        assert drain() == (0, 0)
    refusing = False
    with clock.at(NOW + dt.timedelta(minutes=2)):
        assert drain() == (1, 0)
    assert [mail["To"] for mail in smtp.messages] == [good.email, last.email, bad.email]
    assert letter(bad).last_error == ""


def test_server_that_is_down_loses_nothing(smtp: SmtpServer) -> None:
    person = factories.user()
    queue([message(person)])
    smtp.refuse_with = "451 try later"
    with clock.at(NOW):
        Notice.objects.update(not_before=NOW)
        assert drain() == (0, 1)
    smtp.refuse_with = None
    with clock.at(NOW + dt.timedelta(hours=1)):
        assert drain() == (1, 0)
    assert len(smtp.messages) == 1


def test_letter_is_given_up_after_its_last_attempt(smtp: SmtpServer) -> None:
    person = factories.user()
    queue([message(person)])
    smtp.refuse_with = "550 no"
    moment = NOW
    with clock.at(moment):
        Notice.objects.update(not_before=NOW)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        with clock.at(moment):
            assert drain() == (0, 1)
        moment += dt.timedelta(minutes=2**attempt)
    failed = letter(person)
    assert (failed.state, failed.attempts) == (Notice.State.FAILED, MAX_ATTEMPTS)
    smtp.refuse_with = None
    with clock.at(moment + dt.timedelta(days=1)):
        assert drain() == (0, 0)


def test_letter_of_a_sweep_that_died_is_sent_by_the_next_with_the_same_id(smtp: SmtpServer) -> None:
    person = factories.user()
    queue([message(person)])
    with clock.at(NOW):
        Notice.objects.update(not_before=NOW)
        Notice.objects.filter(pk=letter(person).pk).update(attempts=1, not_before=NOW + dt.timedelta(minutes=5))
        assert drain() == (0, 0)
    with clock.at(NOW + dt.timedelta(minutes=5)):
        assert drain() == (1, 0)
    assert smtp.messages[0]["Message-ID"] == message_id("due:2026-12-01", person.pk)


def test_notice_in_the_product_needs_no_sending(smtp: SmtpServer) -> None:
    person = factories.user(email="")
    assert queue([message(person)]) == 1
    assert Notice.objects.get().state == Notice.State.SENT
    assert drain() == (0, 0)


# a mail server that misbehaves


def test_server_that_breaks_off_at_one_letter_delays_no_other(
    smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [factories.user() for _number in range(3)]
    queue([message(person) for person in people])
    dying = True
    keep = SmtpServer.handle_DATA

    async def handle_data(self: SmtpServer, server: SMTP, session: Session, envelope: Envelope) -> str:
        if dying and envelope.rcpt_tos == [people[1].email]:
            server.transport.abort()
            return "421 broken"
        return await keep(self, server, session, envelope)

    monkeypatch.setattr(SmtpServer, "handle_DATA", handle_data)
    assert drain() == (2, 1)
    assert [mail["To"] for mail in smtp.messages] == [people[0].email, people[2].email]
    assert letter(people[1]).state == Notice.State.QUEUED
    dying = False
    with clock.at(NOW + dt.timedelta(minutes=2)):
        assert drain() == (1, 0)
    assert [mail["To"] for mail in smtp.messages] == [people[0].email, people[2].email, people[1].email]


def test_letter_that_was_taken_before_the_server_died_comes_again_with_the_same_id(
    smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = factories.user()
    queue([message(person)])
    dying = True
    keep = SmtpServer.handle_DATA

    async def handle_data(self: SmtpServer, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await keep(self, server, session, envelope)
        if dying:
            server.transport.abort()
        return answer

    monkeypatch.setattr(SmtpServer, "handle_DATA", handle_data)
    assert drain() == (0, 1)
    dying = False
    with clock.at(NOW + dt.timedelta(minutes=2)):
        assert drain() == (1, 0)
    assert [mail["Message-ID"] for mail in smtp.messages] == [message_id("due:2026-12-01", person.pk)] * 2


def test_slow_server_ends_the_turn_of_mail_and_loses_nothing(
    smtp: SmtpServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [factories.user() for _number in range(4)]
    queue([message(person) for person in people])
    settings.EMAIL_TIMEOUT = 0.5
    slow = True
    keep = SmtpServer.handle_DATA

    async def handle_data(self: SmtpServer, server: SMTP, session: Session, envelope: Envelope) -> str:
        if slow:
            await asyncio.sleep(1)
            return "451 too late"
        return await keep(self, server, session, envelope)

    monkeypatch.setattr(SmtpServer, "handle_DATA", handle_data)
    began = time.monotonic()
    assert drain() == (0, 2)
    assert time.monotonic() - began < 5
    assert sorted(Notice.objects.filter(channel="email").values_list("attempts", flat=True)) == [0, 0, 1, 1]
    slow = False
    settings.EMAIL_TIMEOUT = 10
    with clock.at(NOW + dt.timedelta(minutes=2)):
        assert drain() == (4, 0)
    assert {mail["To"] for mail in smtp.messages} == {person.email for person in people}


def test_server_that_is_not_there_is_asked_twice_and_not_for_every_letter(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    settings.EMAIL_USE_TLS, settings.EMAIL_HOST_USER = False, ""
    queue([message(factories.user()) for _number in range(5)])
    assert drain() == (0, 2)
    letters = Notice.objects.filter(channel="email")
    assert sorted(letters.values_list("attempts", flat=True)) == [0, 0, 0, 1, 1]
    assert set(letters.values_list("state", flat=True)) == {Notice.State.QUEUED}


def test_sweep_killed_between_sending_and_marking_repeats_that_letter_alone_with_the_same_id(
    smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = factories.user(), factories.user()
    queue([message(first), message(second)])
    send = Email.send

    def killed(self: Email, notice: Notice) -> None:
        send(self, notice)
        raise KeyboardInterrupt

    monkeypatch.setattr(Email, "send", killed)
    with pytest.raises(KeyboardInterrupt):
        drain()
    monkeypatch.setattr(Email, "send", send)
    assert drain() == (1, 0)
    with clock.at(NOW + LEASE):
        assert drain() == (1, 0)
        assert drain() == (0, 0)
    ids = [message_id("due:2026-12-01", person.pk) for person in (first, second, first)]
    assert [mail["Message-ID"] for mail in smtp.messages] == ids
