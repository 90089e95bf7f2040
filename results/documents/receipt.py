"""Biên nhận hồ sơ: what arrived from a unit, when to the second, and the hash that holds its content."""

from __future__ import annotations

from datetime import datetime

from assessments.arrivals import Sending, Withdrawal, latest_sending
from assessments.deadlines import dossier_timeliness, extension_of, legal_deadline, submission_deadline
from assessments.models import NOT_SELF_SCORED, Dossier, Extension, LedgerEntry, Score
from plans.calendar import TZ, Timeliness, local_date, long_date
from units.models import User

from .letterhead import council_name, council_of, in_sentence, place_of, plan_words
from .model import NO_VALUE, Cell, Column, Document, Head, Paragraph, Row, Table


def receipt(dossier: Dossier) -> Document:
    """The receipt of a dossier that was sent, also of one that was taken back and says so.

    Five queries beside the dossier's own.

    It tells what arrived: documents that were added later, on the council's request, are not counted.
    """
    sending = latest_sending(dossier)
    assert sending is not None
    province = dossier.cycle.province
    arrival = sending.entry
    extension = extension_of(dossier)
    criteria = Score.objects.filter(dossier=dossier).exclude(source__in=NOT_SELF_SCORED).count()
    files, proved = documents_at(arrival)
    facts = (
        ("Đơn vị gửi", dossier.unit.name),
        ("Đợt đánh giá", dossier.cycle.name),
        ("Kế hoạch", plan_words(dossier.cycle.plan)),
        ("Bộ chỉ số", dossier.cycle_group.criteria_set.name),
        ("Thời điểm nhận", moment_words(sending.at)),
        ("Hạn gửi", _deadline(dossier, extension)),
        ("Tình trạng", _withdrawn(sending.withdrawal) if sending.withdrawal else _timeliness(dossier, extension)),
        ("Người gửi", _person(sending.by)),
        ("Người phê duyệt", _approval(sending)),
        ("Số tiêu chí tự đánh giá", str(criteria)),
        ("Số tệp tài liệu kiểm chứng", f"{files} (cho {proved} tiêu chí)"),
        ("Mã nội dung (SHA-256)", arrival.hash),
    )
    return Document(
        title="BIÊN NHẬN HỒ SƠ",
        about=f"Tự đánh giá {dossier.cycle.name}",
        head=Head(
            council_of(province),
            place_of(province.name),
            local_date(sending.at).year,
            on=local_date(sending.at),
        ),
        blocks=(
            Paragraph(f"{council_name(province)} đã nhận hồ sơ tự đánh giá với các thông tin sau:", keep=True),
            Table(
                columns=(Column(10), Column(50), Column(105)),
                rows=tuple(
                    Row((Cell(str(number)), Cell(label), Cell(value, bold=number == 7)))
                    for number, (label, value) in enumerate(facts, start=1)
                ),
                size=13,
            ),
            Paragraph(
                "Mã nội dung được tính từ mọi thay đổi của hồ sơ đến lúc gửi, theo đúng thứ tự; số liệu, điểm hoặc "
                "tài liệu khác đi thì mã khác đi. Từ lúc nhận, đơn vị không sửa được hồ sơ, trừ tiêu chí mà Hội đồng "
                "yêu cầu bổ sung."
            ),
            Paragraph("Biên nhận do phần mềm lập tự động khi nhận hồ sơ, không cần chữ ký và đóng dấu.", italic=True),
        ),
        illustrative=dossier.cycle_group.criteria_set.illustrative,
    )


def documents_at(arrival: LedgerEntry) -> tuple[int, int]:
    """Files in the dossier when `arrival` was written, and criteria that had one: the ledger told again until then."""
    uses: set[tuple[int, tuple[int, int]]] = set()
    rows = LedgerEntry.objects.filter(chain=arrival.chain, seq__lt=arrival.seq, action__in=("attach", "detach"))
    for action, criterion, before, after in rows.order_by("seq").values_list(
        "action", "criterion_id", "before", "after"
    ):
        told = after if action == "attach" else before
        use = (criterion or 0, (told["document"], told["version"]))
        if action == "attach":
            uses.add(use)
        else:
            uses.discard(use)
    return len({file for _criterion, file in uses}), len({criterion for criterion, _file in uses})


def moment_words(instant: datetime) -> str:
    """`14 giờ 05 phút 09 giây, thứ Hai 14/12/2026`, in local time."""
    local = instant.astimezone(TZ)
    return f"{local:%H} giờ {local:%M} phút {local:%S} giây, {in_sentence(long_date(local.date()))}"


def _deadline(dossier: Dossier, extension: Extension | None) -> str:
    words = legal_deadline(dossier.cycle).words()
    if extension is not None and extension.until is not None:
        words += f"\nĐược gia hạn đến hết ngày {in_sentence(long_date(extension.until))}"
        if extension.decision_number:
            words += f" theo văn bản số {extension.decision_number}"
    return words[:1].upper() + words[1:]


def _timeliness(dossier: Dossier, extension: Extension | None) -> str:
    found = dossier_timeliness(dossier, extension)
    assert dossier.submitted_at is not None
    if found == Timeliness.LATE:
        days = -submission_deadline(dossier, extension).days_left(dossier.submitted_at)
        return f"{found.label} {days} ngày"
    if found == Timeliness.EXTENDED:
        return f"{found.label}, gửi trong thời gian gia hạn"
    return found.label


def _person(person: User | None) -> str:
    if person is None:
        return NO_VALUE
    return ", ".join(part for part in (person.get_full_name(), person.title) if part)


def _approval(sending: Sending) -> str:
    return f"{_person(sending.approved_by)}\nLúc {moment_words(sending.approved_at)}"


def _withdrawn(withdrawal: Withdrawal) -> str:
    return f"Đã rút lại lúc {moment_words(withdrawal.at)}\nLý do: {withdrawal.reason}"
