"""Công văn đôn đốc: which units are late with what. Reads nothing: whoever watches the cycle knows who is late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from plans.calendar import long_date

from .letterhead import in_sentence
from .model import (
    NO_VALUE,
    Align,
    Block,
    Cell,
    Column,
    Document,
    Head,
    Paragraph,
    Recipients,
    Row,
    Signature,
    Table,
)

# More addressees than these are named in the table alone.
NAMED_ADDRESSEES = 8


@dataclass(frozen=True)
class LateWork:
    """One thing that a unit owes. `deadline`: its words, as `Deadline.words()` says them; `days_late` in local days."""

    unit: str
    work: str
    deadline: str
    days_late: int
    progress: str = ""


def nudge(
    head: Head,
    late: Sequence[LateWork],
    *,
    cycle: str,
    plan: str,
    signature: Signature,
    text: str = "",
    until: date | None = None,
    copies: Sequence[str] = (),
    archive: str = "",
    illustrative: bool = False,
) -> Document:
    """The letter of `head.agency` (with its `subject`) on the `late` works of `cycle`, in the order given.

    `plan` as `letterhead.plan_words` says it; `text` is added as the sender wrote it; `until` is the last day that the
    sender sets. Raises ValueError where nobody is late.
    """
    if not late:
        raise ValueError("there is nobody to be nudged")
    units = list(dict.fromkeys(work.unit for work in late))
    named = tuple(units) if len(units) <= NAMED_ADDRESSEES else ("Các cơ quan, đơn vị có tên trong danh sách dưới đây",)
    if until is None:
        wish = "khẩn trương hoàn thành"
    else:
        wish = f"khẩn trương hoàn thành, chậm nhất hết ngày {in_sentence(long_date(until))}"
    own: list[Block] = [Paragraph(part.strip()) for part in text.split("\n") if part.strip()]
    return Document(
        head=head,
        addressees=named,
        blocks=(
            Paragraph(
                f"Thực hiện {plan}, đến nay còn {len(units):02} cơ quan, đơn vị chưa hoàn thành nhiệm vụ của đợt đánh "
                f"giá “{cycle}” theo thời hạn, cụ thể như sau:",
                keep=True,
            ),
            _table(late, units),
            *own,
            Paragraph(
                f"Đề nghị thủ trưởng các cơ quan, đơn vị nêu trên chỉ đạo {wish}. Trường hợp có vướng mắc hoặc cần "
                "gia hạn, cơ quan, đơn vị có văn bản nêu rõ lý do gửi cơ quan ban hành văn bản này để xem xét, "
                "giải quyết./."
            ),
        ),
        signatures=(signature,),
        recipients=Recipients(("Như trên", *copies), archive),
        illustrative=illustrative,
    )


def _table(late: Sequence[LateWork], units: Sequence[str]) -> Table:
    """Works of one unit stand together; its number and name are written once."""
    rows = []
    for number, unit in enumerate(units, start=1):
        for position, work in enumerate(work for work in late if work.unit == unit):
            rows.append(
                Row(
                    (
                        Cell(str(number) if position == 0 else ""),
                        Cell(unit if position == 0 else ""),
                        Cell(work.work),
                        Cell(work.deadline[:1].upper() + work.deadline[1:]),
                        Cell(f"{work.days_late} ngày" if work.days_late > 0 else NO_VALUE),
                        Cell(work.progress or NO_VALUE),
                    )
                )
            )
    names = ("TT", "Cơ quan, đơn vị", "Nhiệm vụ chưa hoàn thành", "Thời hạn", "Quá hạn", "Tiến độ")
    return Table(
        columns=(
            Column(10, Align.CENTER),
            Column(38),
            Column(38),
            Column(44),
            Column(16, Align.CENTER),
            Column(19, Align.CENTER),
        ),
        header=(Row(tuple(Cell(name) for name in names)),),
        rows=tuple(rows),
    )
