"""The outbox: once, in order, and a letter that cannot be sent delays no other. Letters go to a real SMTP server."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from notifications.channels import letter_text
from notifications.models import Notice
from notifications.sending import MAX_ATTEMPTS, drain
from notifications.services import Message, message_id, queue
from tests import factories
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
