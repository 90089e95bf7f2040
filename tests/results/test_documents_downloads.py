"""Downloads of documents: whom they are for, what they are, and 404 for everybody else."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from assessments.models import Dossier
from assessments.stages import CycleStage, Stage
from results import services
from results.models import Publication
from results.services import content_hash
from results.table import as_content, result_table
from tests import factories
from tests.factories import World
from units import clock
from units.models import User

from .printed import all_text, flat, opened, pages

pytestmark = pytest.mark.django_db

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ARRIVED = dt.datetime(factories.YEAR, 12, 14, 23, 59, 7, tzinfo=clock.LOCAL)


@pytest.fixture
def world() -> World:
    with clock.at(factories.WORKDAY):
        return factories.world().open()


def send(world: World) -> None:
    with clock.at(ARRIVED):
        world.to(Stage.APPRAISING)


def get(user: User | None, name: str, pk: int) -> tuple[int, bytes]:
    client = Client()
    if user is not None:
        client.force_login(user)
    answer = client.get(reverse(name, args=[pk]))
    return answer.status_code, answer.content


def test_receipt_is_for_the_unit_and_for_whoever_watches_the_cycle(world: World) -> None:
    send(world)
    dossier = world.dossiers["so-a"].pk
    for person in (
        world.officer["so-a"],
        world.coordinator["so-a"],
        world.head["so-a"],
        world.home_affairs,
        world.secretary,
        world.province,
    ):
        status, content = get(person, "receipt-pdf", dossier)
        assert (status, content[:5]) == (200, b"%PDF-")
    for person in (world.coordinator["so-b"], world.second_appraiser, world.investigator):
        assert get(person, "receipt-pdf", dossier)[0] == 404


def test_receipt_exists_only_after_sending(world: World) -> None:
    dossier = world.dossiers["so-a"].pk
    assert get(world.coordinator["so-a"], "receipt-pdf", dossier)[0] == 404
    assert get(world.home_affairs, "receipt-pdf", dossier)[0] == 404
    send(world)
    status, content = get(world.coordinator["so-a"], "receipt-pdf", dossier)
    assert status == 200
    assert flat("Thời điểm nhận 23 giờ 59 phút 07 giây, thứ Hai 14/12/2026") in flat(pages(content)[0])


def test_self_report_is_for_the_unit_alone(world: World) -> None:
    send(world)
    dossier = world.dossiers["so-a"].pk
    for name in ("self-report-pdf", "self-report-docx"):
        for person in (world.officer["so-a"], world.coordinator["so-a"], world.head["so-a"]):
            assert get(person, name, dossier)[0] == 200
        for stranger in (world.officer["so-b"], world.home_affairs, world.secretary, world.second_appraiser):
            assert get(stranger, name, dossier)[0] == 404


def test_self_report_is_the_same_in_both_formats(world: World) -> None:
    with clock.at(factories.WORKDAY):
        world.to(Stage.CHECKING)
    person, dossier = world.coordinator["so-a"], world.dossiers["so-a"].pk
    printed = flat(" ".join(pages(get(person, "self-report-pdf", dossier)[1])))
    written = flat(all_text(opened(get(person, "self-report-docx", dossier)[1])))
    for text in ("Số: …/BC-KH", "Tổng điểm tự chấm: 7,50/9,00 điểm", "1.1.2", "Theo báo cáo số 12.", "Điều tra XHH"):
        assert flat(text) in printed
        assert flat(text) in written


def test_annex_is_for_whoever_may_see_results(world: World) -> None:
    for name in ("result-annex-pdf", "result-annex-docx"):
        for person in (world.home_affairs, world.secretary, world.chair, world.province):
            assert get(person, name, world.cycle.pk)[0] == 200
        for stranger in (world.coordinator["so-a"], world.second_appraiser, world.investigator):
            assert get(stranger, name, world.cycle.pk)[0] == 404


def test_annex_before_publication_is_a_draft(world: World) -> None:
    status, content = get(world.home_affairs, "result-annex-pdf", world.cycle.pk)
    text = flat(" ".join(pages(content)))
    assert status == 200
    assert flat("Kèm theo Quyết định số …/QĐ-UBND ngày … tháng … năm") in text
    assert flat("(Dự thảo. Tính từ điểm hiện có;") in text


def test_annex_after_publication_is_that_of_the_decision(world: World) -> None:
    publish(world)
    status, content = get(world.home_affairs, "result-annex-pdf", world.cycle.pk)
    text = flat(" ".join(pages(content)))
    assert status == 200
    assert (
        flat("Kèm theo Quyết định số 05/QĐ-UBND ngày 12 tháng 01 năm 2027 của Ủy ban nhân dân tỉnh Thử Nghiệm") in text
    )
    assert "Dựthảo" not in text
    assert flat(f"Mã kiểm tra (SHA-256) của kết quả công bố: {Publication.objects.get().manifest_hash}") in text


def publish(world: World) -> None:
    """Straight to the publication: what leads there is tested with the flow."""
    Dossier.objects.filter(cycle=world.cycle).update(stage=Stage.NOT_SUBMITTED)
    world.cycle.stage = CycleStage.PUBLISHING
    world.cycle.save()
    content = as_content(result_table(world.cycle))
    now = dt.datetime(factories.YEAR + 1, 1, 12, 9, tzinfo=clock.LOCAL)
    world.cycle.proposals.create(
        number=1,
        content=content,
        content_hash=content_hash(content),
        proposed_by=world.home_affairs,
        proposed_at=now,
        approved=True,
        decided_by=world.province,
        decided_at=now,
    )
    with clock.at(now):
        services.publish(
            world.cycle,
            decision_number="5/QĐ-UBND",
            decided_on=now.date(),
            signer="Trần Thắng",
            by=world.home_affairs,
        )


@pytest.mark.parametrize(
    ("name", "filename", "media_type"),
    [
        ("receipt-pdf", "bien-nhan-so-noi-vu-2026-minh-hoa.pdf", PDF),
        ("self-report-pdf", "bao-cao-tu-danh-gia-so-noi-vu-2026-minh-hoa.pdf", PDF),
        ("self-report-docx", "bao-cao-tu-danh-gia-so-noi-vu-2026-minh-hoa.docx", DOCX),
        ("result-annex-pdf", "phu-luc-ket-qua-2026-du-thao-minh-hoa.pdf", PDF),
        ("result-annex-docx", "phu-luc-ket-qua-2026-du-thao-minh-hoa.docx", DOCX),
    ],
)
def test_download_is_an_attachment_with_a_plain_name(
    world: World, client: Client, name: str, filename: str, media_type: str
) -> None:
    send(world)
    annex = name.startswith("result")
    client.force_login(world.home_affairs if annex else world.coordinator["so-a"])
    answer = client.get(reverse(name, args=[world.cycle.pk if annex else world.dossiers["so-a"].pk]))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == media_type
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{filename}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_nobody_downloads_without_signing_in_and_nothing_is_posted(world: World, client: Client) -> None:
    send(world)
    address = reverse("receipt-pdf", args=[world.dossiers["so-a"].pk])
    assert address == f"/ho-so/{world.dossiers['so-a'].pk}/bien-nhan.pdf"
    assert get(None, "receipt-pdf", world.dossiers["so-a"].pk)[0] == 302
    client.force_login(world.coordinator["so-a"])
    assert client.post(address).status_code == 405
