"""The screens: who reads, who writes, what a refusal looks like, and how often the database is asked."""

from __future__ import annotations

import base64
import datetime as dt
import io
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from zeal import zeal_context

from plans import days_off, services, spreadsheet
from plans.content import PlanContent, TaskContent
from plans.days_off import Day
from plans.holidays import Holiday
from plans.models import Plan
from plans.working_groups import WorkingGroupMember
from plans.writing import content_of, write
from presets.plans import load_plan
from units import clock
from units.models import Unit, User

from .conftest import sample
from .test_days_off import ICAL

pytestmark = pytest.mark.django_db

UNITS = [("so-noi-vu", "Sở Nội vụ"), ("so-tu-phap", "Sở Tư pháp")]

DECEMBER = dt.datetime(2026, 12, 1, 9, tzinfo=clock.LOCAL)

LIST_QUERIES = 9
PLAN_QUERIES = 19
TIMELINE_QUERIES = 9
MONTH_QUERIES = 10
HOLIDAY_QUERIES = 8


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def keeping(keeper: User) -> Client:
    return signed_in(keeper)


@pytest.fixture
def reading(reader: User) -> Client:
    return signed_in(reader)


def readable(plan: Plan) -> list[str]:
    return [
        reverse("plans"),
        reverse("plan", args=[plan.pk]),
        reverse("plan-timeline", args=[plan.pk]),
        reverse("plan-export", args=[plan.pk]),
        reverse("plan-template"),
        reverse("plan-month"),
        reverse("plan-month", args=[2026, 12]),
        reverse("holidays"),
    ]


def writable(plan: Plan) -> list[str]:
    group = plan.groups.get()
    return [
        reverse("plan-edit"),
        reverse("plan-edit", args=[plan.pk]),
        reverse("plan-clone", args=[plan.pk]),
        reverse("plan-import"),
        reverse("plan-import", args=[plan.pk]),
        reverse("plan-task-edit", args=[plan.pk]),
        reverse("plan-task-edit", args=[plan.pk, plan.tasks.get(number="1").pk]),
        reverse("plan-target-edit", args=[plan.pk]),
        reverse("plan-target-edit", args=[plan.pk, plan.targets.get().pk]),
        reverse("plan-group", args=[plan.pk, group.pk]),
        reverse("holiday-import"),
        reverse("holiday-export"),
    ]


def deletions(plan: Plan) -> list[str]:
    group = plan.groups.get()
    member = WorkingGroupMember.objects.create(seat=group.seats.all()[0], name="An", position="Giám đốc")
    holiday = Holiday.objects.create(on="2026-09-02", name="Quốc khánh")
    return [
        reverse("plan-task-delete", args=[plan.pk, plan.tasks.get(number="2").pk]),
        reverse("plan-target-delete", args=[plan.pk, plan.targets.get().pk]),
        reverse("plan-member-delete", args=[plan.pk, group.pk, member.pk]),
        reverse("holiday-delete", args=[holiday.pk]),
    ]


def test_pages_for_strangers_lead_to_the_sign_in(plan: Plan, client: Client) -> None:
    for url in [*readable(plan), *writable(plan)]:
        response = client.get(url)
        assert (response.status_code, response.url.split("?")[0]) == (302, reverse("account_login")), url
    for url in deletions(plan):
        assert client.post(url).status_code == 302, url
    assert plan.tasks.count() == 3


def test_pages_to_read_for_everybody_signed_in(plan: Plan, reading: Client) -> None:
    assert [reading.get(url).status_code for url in readable(plan)] == [200] * 8


def test_pages_to_write_for_a_reader_are_refused(plan: Plan, reading: Client) -> None:
    assert [reading.get(url).status_code for url in writable(plan)] == [403] * 12
    assert [reading.post(url).status_code for url in writable(plan)] == [403] * 12


def test_pages_to_write_for_the_keeper(plan: Plan, keeping: Client) -> None:
    assert [keeping.get(url).status_code for url in writable(plan)] == [200] * 12


def test_deletions_by_a_reader_are_refused(plan: Plan, reading: Client) -> None:
    assert [reading.post(url).status_code for url in deletions(plan)] == [403] * 4
    assert (plan.tasks.count(), plan.targets.count()) == (3, 1)
    assert (WorkingGroupMember.objects.count(), Holiday.objects.count()) == (1, 1)


def test_deletions_by_get_are_refused_also_to_the_keeper(plan: Plan, keeping: Client) -> None:
    assert [keeping.get(url).status_code for url in deletions(plan)] == [405] * 4


def test_deletions_by_the_keeper(plan: Plan, keeping: Client) -> None:
    assert [keeping.post(url).status_code for url in deletions(plan)] == [302] * 4
    assert (plan.tasks.count(), plan.targets.count()) == (2, 0)
    assert (WorkingGroupMember.objects.count(), Holiday.objects.count()) == (0, 0)


def test_pages_of_what_does_not_exist(plan: Plan, keeping: Client) -> None:
    other = write(Plan(), replace(sample(), number="99/KH"))
    task, target, group = other.tasks.all()[0].pk, other.targets.get().pk, other.groups.get().pk
    missing = [
        reverse("plan", args=[9999]),
        reverse("plan-timeline", args=[9999]),
        reverse("plan-export", args=[9999]),
        reverse("plan-edit", args=[9999]),
        reverse("plan-task-edit", args=[plan.pk, task]),
        reverse("plan-target-edit", args=[plan.pk, target]),
        reverse("plan-group", args=[plan.pk, group]),
        reverse("plan-month", args=[2026, 13]),
        reverse("plan-month", args=[1899, 1]),
    ]
    assert [keeping.get(url).status_code for url in missing] == [404] * 9
    assert keeping.post(reverse("plan-task-delete", args=[plan.pk, task])).status_code == 404
    assert keeping.post(reverse("plan-target-delete", args=[plan.pk, target])).status_code == 404
    assert keeping.post(reverse("holiday-delete", args=[9999])).status_code == 404


def text_of(response: Any) -> str:
    """What a reader sees, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_plan_page_offers_writing_only_to_the_keeper(plan: Plan, keeping: Client, reading: Client) -> None:
    url = reverse("plan", args=[plan.pk])
    for words in ("Thêm nhiệm vụ", "Thêm chỉ tiêu", "Sao sang năm khác"):
        assert words in text_of(keeping.get(url))
        assert words not in text_of(reading.get(url))


def test_plan_page_tells_everything_of_the_plan(plan: Plan, reading: Client) -> None:
    with clock.at(DECEMBER):
        text = text_of(reading.get(reverse("plan", args=[plan.pk])))
    for words in (
        "Số 12/KH-UBND ngày 02/11/2026, UBND tỉnh · Nguyễn Văn A",
        "trước ngày 15/12/2026 (hết ngày thứ Hai 14/12/2026) Còn 13 ngày",
        "1 Tự đánh giá Các sở Sở Nội vụ – Trước ngày 15/12/2026 hết thứ Hai 14/12/2026 Còn 13 ngày",
        "2 Theo dõi Báo cáo định kỳ: Hàng tháng – Sở Tư pháp Thường xuyên",
        "A Tỷ lệ đúng hạn từ 95,5 % Chưa có Chưa đạt 1 Thứ Hai 14/12/2026 Còn 13 ngày",
        "Tổ công tác Chưa nhập thành viên Sở Nội vụ · từ 2 đến 3 thành viên",
        "Tổ viên: Công chức, từ 1 đến 2 người; 1 người thạo Excel (Do giám đốc cử)",
        "Huyện A 1 60 61 Tổng cộng 1 60 61",
    ):
        assert words in text


def test_timeline_draws_today_and_gives_a_table(plan: Plan, reading: Client) -> None:
    with clock.at(DECEMBER):
        page = reading.get(reverse("plan-timeline", args=[plan.pk])).content.decode()
    assert '<title id="gantt-title">Biểu đồ tiến độ các nhiệm vụ</title>' in page
    assert 'aria-labelledby="gantt-title gantt-desc"' in page
    assert re.search(r'<line class="today"\s+x1="[0-9.]+"', page)
    assert "<caption" not in page
    assert "Trước ngày 15/12/2026" in page
    assert re.findall(r'(?:x|x1|x2|width|points)="[0-9]+,[0-9]"', page) == []


def test_timeline_outside_the_period_says_so(plan: Plan, reading: Client) -> None:
    with clock.at(DECEMBER.replace(year=2030)):
        page = reading.get(reverse("plan-timeline", args=[plan.pk])).content.decode()
    assert 'class="today"' not in page
    assert "Hôm nay nằm ngoài thời gian của kế hoạch." in page


@pytest.fixture
def three_plans(plan: Plan) -> list[Plan]:
    return [plan, *(write(Plan(), replace(sample(), number=f"{n}/KH")) for n in (2, 3))]


def count(client: Client, url: str) -> int:
    """Queries of a page, none of them one row at a time."""
    client.get(url)  # content types are read once in the life of a process
    with CaptureQueriesContext(connection) as queries, zeal_context():
        assert client.get(url).status_code == 200
    return len(queries)


def test_list_asks_the_same_for_one_and_three_plans(plan: Plan, content: PlanContent, reading: Client) -> None:
    one = count(reading, reverse("plans"))
    for number in (2, 3):
        write(Plan(), replace(content, number=f"{number}/KH"))
    assert count(reading, reverse("plans")) == one == LIST_QUERIES


def test_plan_page_asks_the_same_for_a_small_and_a_large_plan(plan: Plan, reading: Client) -> None:
    larger = load_plan("ben-tre")
    for number in range(30):
        services_task(larger, number)
    small, large = (count(reading, reverse("plan", args=[p.pk])) for p in (plan, larger))
    assert small == large == PLAN_QUERIES


def services_task(plan: Plan, number: int) -> None:
    plan.tasks.create(number=f"x{number}", name="Việc", order=100 + number)
    plan.targets.create(number=f"x{number}", text="Chỉ tiêu", order=100 + number)


def test_timeline_asks_the_same_for_any_plan(plan: Plan, reading: Client) -> None:
    larger = load_plan("gia-lai")
    small, large = (count(reading, reverse("plan-timeline", args=[p.pk])) for p in (plan, larger))
    assert small == large == TIMELINE_QUERIES


def test_month_asks_the_same_for_one_and_three_plans(plan: Plan, content: PlanContent, reading: Client) -> None:
    url = reverse("plan-month", args=[2026, 12])
    one = count(reading, url)
    for number in (2, 3):
        write(Plan(), replace(content, number=f"{number}/KH"))
    assert count(reading, url) == one == MONTH_QUERIES


def test_holidays_ask_the_same_for_one_and_three_days(reading: Client) -> None:
    url = reverse("holidays") + "?nam=2026"
    Holiday.objects.create(on="2026-09-01", name="Nghỉ")
    one = count(reading, url)
    for day in (2, 3):
        Holiday.objects.create(on=f"2026-09-0{day}", name="Nghỉ")
    assert count(reading, url) == one == HOLIDAY_QUERIES


TASK = {
    "number": "3",
    "parent": "",
    "name": "Công bố",
    "lead": "UBND tỉnh",
    "coordinating": "",
    "time_text": "Trước ngày 15/01/2027",
    "report_every": "none",
    "source": "II.4",
    "version": "",
}


def test_task_edit_new_task_is_saved(plan: Plan, offices: list[Unit], keeping: Client) -> None:
    response = keeping.post(reverse("plan-task-edit", args=[plan.pk]), {**TASK, "lead_units": [offices[0].pk]})
    task = plan.tasks.get(number="3")
    assert (response.status_code, response.url) == (302, f"{reverse('plan', args=[plan.pk])}#nhiem-vu-{task.pk}")
    assert (task.name, task.lead, task.source, list(task.leads.all())) == (
        "Công bố",
        "UBND tỉnh",
        "II.4",
        [offices[0]],
    )


def test_task_edit_refused_value_keeps_what_was_typed(plan: Plan, keeping: Client) -> None:
    response = keeping.post(reverse("plan-task-edit", args=[plan.pk]), {**TASK, "number": "1", "time_text": "sắp tới"})
    assert response.status_code == 422
    assert response.context["form"].errors["number"] == ["Số này đã dùng cho “Tự đánh giá”."]
    assert response.context["form"].errors["time_text"][0].startswith("Không hiểu thời gian “sắp tới”.")
    assert "Công bố" in response.content.decode()
    assert plan.tasks.count() == 3


def test_task_edit_shows_the_task(plan: Plan, keeping: Client, offices: list[Unit]) -> None:
    task = plan.tasks.get(number="1")
    page = keeping.get(reverse("plan-task-edit", args=[plan.pk, task.pk])).content.decode()
    assert 'value="Trước ngày 15/12/2026"' in page
    assert re.search(rf'value="{offices[0].pk}"[^>]*checked', page)
    assert 'name="version" value="1"' in page


def test_task_edit_lost_race_answers_409_and_can_be_sent_again(plan: Plan, keeping: Client, keeper: User) -> None:
    task = plan.tasks.get(number="2")
    services.save_task(plan, TaskContent("2", "Bản của người khác"), task=task, version=1, by=keeper)
    url = reverse("plan-task-edit", args=[plan.pk, task.pk])
    mine = {**TASK, "number": "2", "name": "Bản của tôi", "version": "1"}
    response = keeping.post(url, mine)
    assert response.status_code == 409
    page = response.content.decode()
    assert "Bản của người khác" in page
    assert "Bản của tôi" in page
    assert plan.tasks.get(number="2").name == "Bản của người khác"
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    assert keeping.post(url, {**mine, "version": version[1]}).status_code == 302
    assert plan.tasks.get(number="2").name == "Bản của tôi"


def test_task_delete_with_children_says_why_not(plan: Plan, keeping: Client) -> None:
    plan.targets.all().delete()
    url = reverse("plan-task-delete", args=[plan.pk, plan.tasks.get(number="1").pk])
    response = keeping.post(url, follow=True)
    assert "Nhiệm vụ này còn nhiệm vụ con." in text_of(response)
    assert plan.tasks.count() == 3


def test_target_edit_reads_a_comma(plan: Plan, keeping: Client) -> None:
    data = {"number": "B", "text": "Hài lòng", "comparison": ">", "value": "60,5", "unit": "%", "task": "2"}
    assert keeping.post(reverse("plan-target-edit", args=[plan.pk]), data).status_code == 302
    target = plan.targets.get(number="B")
    assert (target.value, target.comparison, target.task) == (Decimal("60.50"), ">", plan.tasks.get(number="2"))


def test_target_edit_shows_a_comma_and_saves_it_unchanged(plan: Plan, keeping: Client) -> None:
    target = plan.targets.get()
    url = reverse("plan-target-edit", args=[plan.pk, target.pk])
    page = keeping.get(url).content.decode()
    assert 'value="95,50"' in page
    data = {"number": "A", "text": target.text, "comparison": ">=", "value": "95,50", "unit": "%", "task": "1"}
    assert keeping.post(url, {**data, "version": "1"}).status_code == 302
    target.refresh_from_db()
    assert target.value == Decimal("95.50")


HEAD = {
    "number": "30/KH-UBND",
    "title": "Kế hoạch mới",
    "issuing_body": "UBND tỉnh",
    "signer": "",
    "signed_on": "05/11/2026",
    "period_start": "05/11/2026",
    "period_end": "15/01/2027",
    "self_assessment": "15/12/2026",
    "survey": "30/12/2026",
    "survey_inclusive": "on",
}


def test_plan_edit_new_plan_with_milestones(keeping: Client) -> None:
    response = keeping.post(reverse("plan-edit"), HEAD)
    plan = Plan.objects.get()
    assert (response.status_code, response.url) == (302, reverse("plan", args=[plan.pk]))
    assert (plan.signed_on.isoformat(), plan.period_end.isoformat()) == ("2026-11-05", "2027-01-15")
    assert [(m.key, m.on.isoformat(), m.inclusive) for m in plan.milestones.order_by("on")] == [
        ("self_assessment", "2026-12-15", False),
        ("survey", "2026-12-30", True),
    ]


def test_plan_edit_refused_dates(keeping: Client) -> None:
    response = keeping.post(reverse("plan-edit"), {**HEAD, "period_end": "01/01/2026", "signed_on": "2026/11"})
    assert response.status_code == 422
    assert response.context["form"].errors["signed_on"] == ["Ngày ghi dạng 15/12/2026."]
    response = keeping.post(reverse("plan-edit"), {**HEAD, "period_end": "01/01/2026"})
    assert response.context["form"].errors["period_end"] == ["Ngày kết thúc phải từ ngày bắt đầu trở đi."]
    assert Plan.objects.count() == 0


def test_plan_edit_keeps_tasks_and_lost_race_answers_409(plan: Plan, keeping: Client) -> None:
    url = reverse("plan-edit", args=[plan.pk])
    assert keeping.post(url, {**HEAD, "version": "1"}).status_code == 302
    plan.refresh_from_db()
    assert (plan.title, plan.tasks.count(), plan.version) == ("Kế hoạch mới", 3, 2)
    response = keeping.post(url, {**HEAD, "title": "Khác", "version": "1"})
    assert response.status_code == 409
    assert "Bản đang được lưu" in text_of(response)


def test_plan_clone_page_proposes_next_years_title(plan: Plan, keeping: Client) -> None:
    url = reverse("plan-clone", args=[plan.pk])
    assert 'value="Kế hoạch năm 2027"' in keeping.get(url).content.decode()
    data = {"years": "1", "number": "1/KH-UBND", "signed_on": "03/11/2027", "title": "Kế hoạch năm 2027"}
    response = keeping.post(url, data)
    made = Plan.objects.get(number="1/KH-UBND")
    assert (response.status_code, response.url) == (302, reverse("plan", args=[made.pk]))
    assert made.tasks.get(number="1").time_text == "Trước ngày 15/12/2027"


def test_group_page_adds_checks_and_removes(plan: Plan, keeping: Client) -> None:
    group = plan.groups.get()
    url = reverse("plan-group", args=[plan.pk, group.pk])
    lead, other = group.seats.all()
    assert keeping.post(url, {"seat": lead.pk, "name": "An", "position": "Giám đốc"}).status_code == 302
    assert "Chưa đúng thành phần" in text_of(keeping.get(url))
    data = {"seat": other.pk, "name": "Bình", "position": "Chuyên viên", "skilled": "on"}
    assert "Đúng thành phần mà quyết định quy định." in text_of(keeping.post(url, data, follow=True))
    response = keeping.post(url, data)
    assert response.status_code == 422
    assert response.context["form"].errors["name"] == ["Người này đã có trong tổ."]


def test_group_page_seat_of_another_group_is_refused(plan: Plan, keeping: Client) -> None:
    other = write(Plan(), replace(sample(), number="99/KH")).groups.get().seats.all()[0]
    url = reverse("plan-group", args=[plan.pk, plan.groups.get().pk])
    assert keeping.post(url, {"seat": other.pk, "name": "An", "position": "x"}).status_code == 422
    assert WorkingGroupMember.objects.count() == 0


def upload(content: bytes, name: str = "ke-hoach.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def hidden(response: Any) -> dict[str, str]:
    """The fields with which the preview is confirmed."""
    fields = re.findall(r'<input type="hidden"\s+name="(\w+)"\s+value="([^"]*)"', response.content.decode())
    return {name: value for name, value in fields if name != "csrfmiddlewaretoken"}


def test_import_new_plan_is_previewed_then_written(offices: list[Unit], content: PlanContent, keeping: Client) -> None:
    url = reverse("plan-import")
    preview = keeping.post(url, {"file": upload(spreadsheet.workbook(content, UNITS))})
    assert preview.status_code == 200
    assert "Thêm Nhiệm vụ 1 Tự đánh giá" in text_of(preview)
    assert Plan.objects.count() == 0
    response = keeping.post(url, hidden(preview))
    plan = Plan.objects.get()
    assert (response.status_code, response.url) == (302, reverse("plan", args=[plan.pk]))
    assert content_of(plan) == content


def test_import_into_a_plan_shows_what_changes_and_what_goes(plan: Plan, content: PlanContent, keeping: Client) -> None:
    first, _second, third = content.tasks
    changed = replace(content, tasks=(replace(first, lead="Sở Nội vụ"), third, TaskContent("3", "Công bố")))
    url = reverse("plan-import", args=[plan.pk])
    preview = keeping.post(url, {"file": upload(spreadsheet.workbook(changed, UNITS))})
    text = text_of(preview)
    assert "Sửa Nhiệm vụ 1 Tự đánh giá Chủ trì: Các sở → Sở Nội vụ" in text
    assert "Thêm Nhiệm vụ 3 Công bố" in text
    assert "Xóa Nhiệm vụ 1.1 Nhập số liệu" in text
    assert "Tệp không có 1 dòng đang có trong kế hoạch; các dòng đó sẽ bị xóa." in text
    assert content_of(plan) == content
    assert keeping.post(url, hidden(preview)).status_code == 302
    assert content_of(Plan.objects.get(pk=plan.pk)) == changed


def test_import_of_the_export_changes_nothing(plan: Plan, keeping: Client) -> None:
    exported = keeping.get(reverse("plan-export", args=[plan.pk]))
    assert exported["Content-Disposition"] == f'attachment; filename="ke-hoach-2026-11-02-{plan.pk}.xlsx"'
    assert load_workbook(io.BytesIO(exported.content)).sheetnames[1] == "Kế hoạch"
    response = keeping.post(reverse("plan-import", args=[plan.pk]), {"file": upload(exported.content)})
    assert "Tệp giống hệt kế hoạch đang có, không có gì để ghi." in text_of(response)


def test_import_every_fault_is_shown_and_nothing_written(plan: Plan, content: PlanContent, keeping: Client) -> None:
    book = load_workbook(io.BytesIO(spreadsheet.workbook(content, UNITS)))
    book["Nhiệm vụ"]["F2"] = "sắp tới"
    book["Chỉ tiêu"]["D2"] = "nhiều"
    stream = io.BytesIO()
    book.save(stream)
    response = keeping.post(reverse("plan-import", args=[plan.pk]), {"file": upload(stream.getvalue())})
    assert response.status_code == 422
    text = text_of(response)
    assert "cần sửa 2 chỗ" in text
    assert "Nhiệm vụ, ô F2 : Không hiểu thời gian “sắp tới”." in text
    assert "Chỉ tiêu, ô D2 : “nhiều” không phải số." in text
    assert content_of(Plan.objects.get(pk=plan.pk)) == content


def test_import_plan_changed_after_the_preview_answers_409(
    plan: Plan, content: PlanContent, keeping: Client, keeper: User
) -> None:
    url = reverse("plan-import", args=[plan.pk])
    changed = replace(content, title="Tên khác")
    preview = keeping.post(url, {"file": upload(spreadsheet.workbook(changed, UNITS))})
    services.save_task(plan, TaskContent("3", "Công bố"), by=keeper)
    response = keeping.post(url, hidden(preview))
    assert response.status_code == 409
    assert "Có người vừa sửa nội dung này." in text_of(response)
    assert plan.tasks.filter(number="3").exists()


def test_import_taken_number_is_told_before_anything_is_written(
    plan: Plan, content: PlanContent, keeping: Client
) -> None:
    response = keeping.post(reverse("plan-import"), {"file": upload(spreadsheet.workbook(content, UNITS))})
    assert response.status_code == 422
    assert "Đã có kế hoạch cùng số và ngày ký." in text_of(response)


def test_import_confirmed_bytes_are_checked_again(plan: Plan, content: PlanContent, keeping: Client) -> None:
    data = {"content": base64.b64encode(b"PK").decode(), "filename": "x.xlsx", "confirm": "1", "version": "1"}
    assert keeping.post(reverse("plan-import", args=[plan.pk]), data).status_code == 422
    assert keeping.post(reverse("plan-import", args=[plan.pk]), {**data, "content": "%%"}).status_code == 422
    assert content_of(Plan.objects.get(pk=plan.pk)) == content


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (None, "Hãy chọn tệp."),
        (b"x" * (1024 * 1024 + 1), "Tệp lớn hơn 1 MB."),
        (b"abc", "không phải bảng tính"),
    ],
)
def test_import_unreadable_file_is_refused(keeping: Client, file: bytes | None, message: str) -> None:
    response = keeping.post(reverse("plan-import"), {"file": upload(file)} if file else {})
    assert response.status_code == 422
    assert message in text_of(response)


def test_holidays_page_offers_writing_only_to_the_keeper(keeping: Client, reading: Client) -> None:
    url = reverse("holidays")
    assert "Thêm ngày" in text_of(keeping.get(url))
    assert "Thêm ngày" not in text_of(reading.get(url))
    assert reading.post(url, {"on": "02/09/2026", "name": "Quốc khánh", "kind": "holiday"}).status_code == 403
    assert Holiday.objects.count() == 0


def test_holidays_page_adds_a_day_of_any_year(keeping: Client) -> None:
    data = {"on": "02/09/2027", "name": "Quốc khánh", "kind": "holiday", "source": ""}
    response = keeping.post(reverse("holidays"), data)
    assert (response.status_code, response.url) == (302, reverse("holidays") + "?nam=2027")
    assert keeping.post(reverse("holidays"), data).status_code == 422
    assert Holiday.objects.count() == 1


def test_holidays_page_of_a_year(reading: Client) -> None:
    Holiday.objects.create(on="2026-09-02", name="Quốc khánh")
    assert "Thứ Tư 02/09/2026 Quốc khánh Ngày nghỉ" in text_of(reading.get(reverse("holidays") + "?nam=2026"))
    assert "Chưa có ngày nghỉ nào" in text_of(reading.get(reverse("holidays") + "?nam=2025"))
    assert reading.get(reverse("holidays") + "?nam=mai").status_code == 200


def test_holiday_import_is_previewed_then_written(keeping: Client, keeper: User) -> None:
    days_off.add_day(Day(dt.date(2026, 2, 16), "Tết"), by=keeper)
    url = reverse("holiday-import")
    preview = keeping.post(url, {"file": upload(ICAL.encode(), "tet.ics"), "source": "TB 15"})
    text = text_of(preview)
    assert "Thứ Hai 16/02/2026 Nghỉ Tết Nguyên đán Ngày nghỉ TB 15 Sửa Đang là: Ngày nghỉ, Tết" in text
    assert "Thứ Bảy 28/02/2026 Làm bù cho ngày 16/02 Ngày làm bù TB 15 Thêm" in text
    assert Holiday.objects.count() == 1
    response = keeping.post(url, hidden(preview))
    assert (response.status_code, response.url) == (302, reverse("holidays"))
    assert Holiday.objects.filter(source="TB 15").count() == 6


def test_holiday_import_every_fault_is_shown(keeping: Client) -> None:
    wrong = ICAL.replace("20260216", "20260230").replace("20260228", "20260227")
    response = keeping.post(reverse("holiday-import"), {"file": upload(wrong.encode(), "tet.ics")})
    assert response.status_code == 422
    assert "Dòng 4: ngày 20260230 không có trong lịch." in text_of(response)
    assert Holiday.objects.count() == 0


def test_holiday_export_is_imported_without_a_change(keeping: Client, keeper: User) -> None:
    days_off.add_day(Day(dt.date(2026, 9, 2), "Quốc khánh"), by=keeper)
    exported = keeping.get(reverse("holiday-export")).content
    response = keeping.post(reverse("holiday-import"), {"file": upload(exported, "ngay.xlsx")})
    assert "Mọi ngày trong tệp đã có, không có gì để ghi." in text_of(response)


def test_month_of_one_plan(three_plans: list[Plan], reading: Client) -> None:
    url = reverse("plan-month", args=[2026, 12])
    assert reading.get(url).content.decode().count("Hoàn thành tự đánh giá ") >= 3
    one = reading.get(url + f"?ke-hoach={three_plans[0].pk}")
    assert one.context["plan"] == three_plans[0]
    assert one.context["count"] == 2
    assert reading.get(url + "?ke-hoach=abc").context["plan"] is None


def test_month_at_the_ends_of_the_calendar_has_no_way_on(reading: Client) -> None:
    assert reading.get(reverse("plan-month", args=[1900, 1])).context["before"] == ""
    assert reading.get(reverse("plan-month", args=[2199, 12])).context["after"] == ""


def test_list_pages_are_numbered(content: PlanContent, reading: Client) -> None:
    for number in range(21):
        write(Plan(), replace(content, number=f"{number}/KH", tasks=(), targets=(), groups=(), sheets=()))
    assert len(reading.get(reverse("plans")).context["rows"]) == 20
    assert len(reading.get(reverse("plans") + "?page=2").context["rows"]) == 1
