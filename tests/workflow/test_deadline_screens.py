"""Gia hạn, đôn đốc, internal deadlines at the screens: who may, what is written, what is said."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.urls import reverse

from assessments.errors import InvalidInput
from assessments.models import Extension, InternalDeadline, LedgerEntry, Nudge
from assessments.services.timekeeping import Before, set_cycle_times
from assessments.stages import Stage
from notifications.models import Notice
from plans.holidays import Holiday
from tests import factories
from tests.factories import YEAR, World
from units import clock
from workflow import actions
from workflow.item_dates import item_due
from workflow.models import WorkItem
from workflow.nudging import late_works

from .conftest import SignIn

pytestmark = pytest.mark.django_db

OFFICER, COORDINATOR, HEAD = (
    InternalDeadline.Step.OFFICER,
    InternalDeadline.Step.COORDINATOR,
    InternalDeadline.Step.HEAD,
)
LATE = dt.datetime(YEAR, 12, 16, 9, tzinfo=clock.LOCAL)


def local(day: int, month: int = 12) -> dt.datetime:
    return dt.datetime(YEAR, month, day, tzinfo=clock.LOCAL)


def text(response: object) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))  # type: ignore[attr-defined]


def url(world: World, name: str, *more: object) -> str:
    return reverse(name, args=[world.cycle.pk, *more])


# hạn nội bộ


def test_internal_deadlines_move_work_and_are_not_late(world: World, as_user: SignIn) -> None:
    rules = {OFFICER: Before(3), COORDINATOR: Before(2), HEAD: Before(1, working=False)}
    actions.set_unit_times(world.dossier("so-a"), rules, by=world.coordinator["so-a"])
    world.to(Stage.CHECKING)
    item = world.item("check")
    # hạn nộp thứ Hai 14/12: two working days before it is Thursday 10/12
    assert (item.due_at, item.legal_due_at) == (local(11), local(15))
    with clock.at(local(12)):
        found = item_due(item)
        assert found is not None
        assert (found["state"], found["text"]) == ("soon", "Quá hạn nội bộ 2 ngày")
        assert found["date_text"] == "Hạn nội bộ thứ Năm 10/12/2026, hạn nộp thứ Hai 14/12/2026"
        page = text(as_user(world.coordinator["so-a"]).get(reverse("inbox")))
        assert "Quá hạn nội bộ 2 ngày" in page
        assert "việc quá hạn" not in page
        page = text(as_user(world.coordinator["so-a"]).get(reverse("check", args=[item.dossier_id])))
        assert "Cán bộ đầu mối rà soát xong thứ Năm 10/12/2026" in page
    with clock.at(local(15)):
        found = item_due(item)
        assert found is not None
        assert (found["state"], found["text"]) == ("late", "Quá hạn 1 ngày")


def test_extension_moves_internal_deadlines_and_withdrawal_moves_them_back(world: World) -> None:
    actions.set_unit_times(world.dossier("so-a"), {COORDINATOR: Before(2)}, by=world.coordinator["so-a"])
    world.to(Stage.CHECKING)
    unit = world.units["so-a"]
    actions.extend(world.cycle, [unit], until=dt.date(YEAR, 12, 22), reason="Lũ.", by=world.home_affairs)
    assert (world.item("check").due_at, world.item("check").legal_due_at) == (local(19), local(23))
    actions.withdraw_extension(world.cycle, unit, reason="Nhầm đơn vị.", by=world.home_affairs)
    assert (world.item("check").due_at, world.item("check").legal_due_at) == (local(11), local(15))
    rows = Extension.objects.filter(unit=unit).order_by("pk").values_list("until", "withdrawn", "reason")
    assert list(rows) == [(dt.date(YEAR, 12, 22), False, "Lũ."), (None, True, "Nhầm đơn vị.")]


def test_steps_of_a_unit_must_follow_one_another(world: World) -> None:
    with pytest.raises(InvalidInput) as caught:
        actions.set_unit_times(
            world.dossier("so-a"), {OFFICER: Before(1), HEAD: Before(5)}, by=world.coordinator["so-a"]
        )
    assert caught.value.errors == {"days.head": "“Thủ trưởng duyệt xong” không được sớm hơn “Chuyên viên nhập xong”."}
    assert not InternalDeadline.objects.exists()


def test_coordinator_sets_the_own_units_dates_on_screen(world: World, as_user: SignIn) -> None:
    where = reverse("unit-times", args=[world.dossier("so-a").pk])
    client = as_user(world.coordinator["so-a"])
    data = {"days.officer": "5", "count.officer": "working", "days.head": "", "count.head": "working",
            "days.coordinator": "", "count.coordinator": "calendar"}  # fmt: skip
    assert client.post(where, data).status_code == 302
    assert "Chuyên viên nhập xong: thứ Hai 07/12/2026 (5 ngày làm việc trước hạn nộp" in text(client.get(where))
    assert client.post(where, {**data, "days.officer": "61"}).status_code == 422
    assert as_user(world.officer["so-a"]).get(where).status_code == 403
    assert as_user(world.coordinator["so-b"]).get(where).status_code == 404


def test_cycle_proposes_dates_to_every_unit_while_it_is_prepared() -> None:
    with clock.at(factories.WORKDAY):
        made = factories.world()
        set_cycle_times(
            made.cycle,
            {OFFICER: Before(5)},
            response_days=3,
            supplement_days=4,
            working_days=True,
            by=made.home_affairs,
        )
        made.open()
        made.to(Stage.SELF_ASSESSING)
        assert {item.due_at for item in WorkItem.objects.filter(node="dossier.self_assess", cycle=made.cycle)} == {
            local(8)
        }


def test_cycle_times_are_told_and_closed_after_opening(world: World, as_user: SignIn) -> None:
    client = as_user(world.home_affairs)
    page = text(client.get(url(world, "cycle-times")))
    assert "Kiến nghị kết quả dự kiến 3 ngày" in page
    assert "trước ngày 15/12/2026 (hết ngày thứ Hai 14/12/2026)" in page
    data = {"response_days": "5", "supplement_days": "5", "working_days": "working",
            **{f"count.{step}": "working" for step in ("officer", "coordinator", "head")}}  # fmt: skip
    assert client.post(url(world, "cycle-times"), data).status_code == 422


def test_days_to_contest_count_right_over_tet(world: World) -> None:
    for day in range(5, 12):  # nghỉ Tết Đinh Mùi, thứ Sáu 05/02 đến thứ Năm 11/02/2027
        Holiday.objects.create(on=dt.date(2027, 2, day), name="Tết Nguyên đán")
    Holiday.objects.create(on=dt.date(2027, 2, 20), name="Làm bù", kind=Holiday.Kind.MAKEUP)
    type(world.cycle).objects.filter(pk=world.cycle.pk).update(working_days=True)
    with clock.at(dt.datetime(2027, 2, 4, 15, tzinfo=clock.LOCAL)):
        world.to(Stage.RESPONDING)
    # 12/02, 15/02, 16/02
    assert world.item("respond").due_at == dt.datetime(2027, 2, 17, tzinfo=clock.LOCAL)


# gia hạn


def test_several_units_are_extended_at_once(world: World, as_user: SignIn) -> None:
    client = as_user(world.home_affairs)
    ids = [world.units[code].pk for code in ("so-a", "huyen-c")]
    data = {"units": ids, "until": "18/12/2026", "reason": "Mưa lũ.", "decision_number": "1180/UBND-NC"}
    answer = client.post(url(world, "extensions"), data)
    assert answer.status_code == 302
    rows = Extension.objects.order_by("unit__order").values_list("unit", "until", "decision_number", "granted_by")
    assert list(rows) == [(pk, dt.date(YEAR, 12, 18), "1180/UBND-NC", world.home_affairs.pk) for pk in ids]
    told = Notice.objects.filter(kind="extension", recipient=world.head["so-a"], channel="in_app").get()
    assert told.subject == "Sở Nội vụ được gia hạn đến hết thứ Sáu 18/12/2026"
    assert told.body == "Hạn gửi hồ sơ: đến hết thứ Sáu 18/12/2026.\nLý do: Mưa lũ.\nVăn bản: 1180/UBND-NC"
    page = text(client.get(url(world, "extensions")))
    assert "Gia hạn đến hết ngày Thứ Sáu 18/12/2026" in page
    assert "Văn bản 1180/UBND-NC" in page
    assert client.post(url(world, "extensions"), {**data, "units": []}).status_code == 422
    assert as_user(world.secretary).post(url(world, "extensions"), data).status_code == 404
    assert Extension.objects.count() == 2


def test_withdrawal_is_a_new_row_with_a_reason(world: World, as_user: SignIn) -> None:
    client = as_user(world.home_affairs)
    unit = world.units["so-a"]
    where = url(world, "extend", unit.pk)
    client.post(where, {"until": "18/12/2026", "reason": "Mưa lũ."})
    assert client.post(where, {"do": "withdraw", "reason": " "}).status_code == 422
    assert client.post(where, {"do": "withdraw", "reason": "Đơn vị không còn cần."}).status_code == 302
    assert list(Extension.objects.order_by("pk").values_list("withdrawn", flat=True)) == [False, True]
    assert LedgerEntry.objects.filter(action="withdraw_extension").count() == 1
    page = text(client.get(where))
    assert "Thu hồi gia hạn" in page
    assert "đang có hiệu lực" not in page
    assert client.post(where, {"do": "withdraw", "reason": "Lần nữa."}).status_code == 422


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_extensions_asks_the_same_queries(
    world: World, as_user: SignIn, count: int, django_assert_num_queries: object
) -> None:
    for number in range(count):
        actions.extend(
            world.cycle,
            [world.units["so-a"]],
            until=dt.date(YEAR, 12, 18 + number),
            reason="Lũ.",
            by=world.home_affairs,
        )
    client = as_user(world.home_affairs)
    with django_assert_num_queries(12):  # type: ignore[operator]
        client.get(url(world, "extensions"))


# đôn đốc


def chosen(world: World, *codes: str) -> dict[str, object]:
    return {"units": [world.units[code].pk for code in codes], "text": "Đề nghị gửi hồ sơ.", "until": "18/12/2026"}


def test_nudge_is_previewed_then_sent_once(world: World, as_user: SignIn) -> None:
    client = as_user(world.home_affairs)
    with clock.at(LATE):
        preview = client.post(url(world, "nudges"), {**chosen(world, "so-a"), "do": "preview"})
        assert Nudge.objects.count() == 0
        assert "quá hạn 2 ngày" in text(preview)
        assert str(world.head["so-a"]) in text(preview)
        key = preview.context["idempotency_key"]
        for _press in range(2):
            sent = client.post(url(world, "nudges"), {**chosen(world, "so-a"), "do": "send", "idempotency_key": key})
        made = Nudge.objects.get()
        assert sent.headers["Location"] == url(world, "nudge", made.pk)
        row = made.units.get()
        assert row.works == [
            {
                "work": "Gửi hồ sơ tự đánh giá",
                "deadline": "trước ngày 15/12/2026 (hết ngày thứ Hai 14/12/2026)",
                "days_late": 2,
                "progress": "bước 2/7",
            }
        ]
        told = {world.officer["so-a"], world.coordinator["so-a"], world.head["so-a"]}
        assert set(row.recipients.all()) == told
        notices = Notice.objects.filter(event=f"nudge:{made.pk}:{row.unit_id}", channel=Notice.Channel.IN_APP)
        assert {notice.recipient for notice in notices} == told
        assert "Đề nghị hoàn thành đến hết ngày thứ Sáu 18/12/2026." in notices[0].body
        page = text(client.get(url(world, "nudges")))
        assert "Đã đôn đốc 1 lần, lần cuối 09:00 Thứ Tư 16/12/2026" in page
        assert "Sở Nội vụ đôn đốc" in text(
            as_user(world.head["so-a"]).get(reverse("dossier", args=[row.unit.dossiers.get().pk]))
        )
        for name, start in (("nudge-pdf", b"%PDF"), ("nudge-docx", b"PK")):
            assert client.get(url(world, name, made.pk)).content.startswith(start)


def test_letter_names_only_the_late_and_is_off_where_nobody_is(world: World, as_user: SignIn) -> None:
    client = as_user(world.home_affairs)
    actions.extend(world.cycle, [world.units["so-b"]], until=dt.date(YEAR, 12, 18), reason="Lũ.", by=world.home_affairs)

    def nudged(*codes: str) -> Nudge:
        units = [world.units[code].pk for code in codes]
        pk = actions.nudge(world.cycle, units, text="Nhanh.", until=None, key=None, by=world.home_affairs)
        return Nudge.objects.get(pk=pk)

    with clock.at(LATE):
        early, mixed = nudged("so-b"), nudged("so-a", "so-b")
        page = client.get(url(world, "nudge", early.pk))
        assert "Lúc gửi chưa có đơn vị nào quá hạn nên không có công văn." in text(page)
        assert url(world, "nudge-pdf", early.pk) not in page.content.decode()
        assert client.get(url(world, "nudge-pdf", early.pk)).status_code == 404
        assert [(work.unit, work.days_late) for work in late_works(mixed)] == [("Sở Nội vụ", 2)]
        assert url(world, "nudge-pdf", mixed.pk) in client.get(url(world, "nudge", mixed.pk)).content.decode()
        assert client.get(url(world, "nudge-pdf", mixed.pk)).status_code == 200


def test_deactivated_person_is_not_told(world: World, as_user: SignIn) -> None:
    world.head["so-a"].is_active = False
    world.head["so-a"].save()
    actions.nudge(world.cycle, [world.units["so-a"].pk], text="Nhanh.", until=None, key=None, by=world.home_affairs)
    assert world.head["so-a"] not in Nudge.objects.get().units.get().recipients.all()


def test_filter_all_late_selects_the_late_and_nobody_else(world: World, as_user: SignIn) -> None:
    client = as_user(world.home_affairs)
    assert "Không có đơn vị nào quá hạn" in text(client.get(url(world, "nudges") + "?loc=tre"))
    actions.extend(world.cycle, [world.units["so-b"]], until=dt.date(YEAR, 12, 18), reason="Lũ.", by=world.home_affairs)
    with clock.at(LATE):
        page = client.get(url(world, "nudges") + "?loc=tre")
    assert [(row["row"].dossier.unit.pk, row["chosen"]) for row in page.context["rows"]] == [
        (world.units["so-a"].pk, True),
        (world.units["huyen-c"].pk, True),
    ]


def test_only_so_noi_vu_nudges(world: World, as_user: SignIn) -> None:
    for person in (world.secretary, world.province, world.coordinator["so-a"]):
        assert as_user(person).post(url(world, "nudges"), {**chosen(world, "so-a"), "do": "send"}).status_code == 404
    assert Nudge.objects.count() == 0


def test_units_owing_are_read_in_the_same_queries(
    world: World, as_user: SignIn, django_assert_num_queries: object
) -> None:
    client = as_user(world.home_affairs)
    with django_assert_num_queries(15):  # type: ignore[operator]
        client.get(url(world, "nudges"))
    world.to(Stage.APPRAISING, "so-a")
    world.to(Stage.APPRAISING, "so-b")
    with django_assert_num_queries(15):  # type: ignore[operator]
        client.get(url(world, "nudges"))
