"""The totals of the signed Báo cáo tự đánh giá against the sums of the sheet: both must say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from criteria.models import Criterion
from criteria.points import format_points

from .errors import Incomplete
from .models import Dossier, Score, SelfReport

WHOLE = ""


@dataclass(frozen=True)
class Difference:
    """One total that is not the sheet's. `code` is empty for the whole; `entered` None means not entered."""

    code: str
    name: str
    entered: Decimal | None
    sheet: Decimal

    @property
    def difference(self) -> Decimal | None:
        """Entered minus sheet, in points."""
        return None if self.entered is None else self.entered - self.sheet

    @property
    def message(self) -> str:
        """The same in words."""
        if self.entered is None:
            return _("báo cáo chưa nhập, bảng điểm %(sheet)s") % {"sheet": format_points(self.sheet)}
        return _("báo cáo %(entered)s, bảng điểm %(sheet)s, chênh %(difference)s") % {
            "entered": format_points(self.entered),
            "sheet": format_points(self.sheet),
            "difference": format_points(self.entered - self.sheet),
        }


def differences(
    entered: Mapping[str, Decimal | None], sheet: Mapping[str, Decimal], names: Mapping[str, str]
) -> list[Difference]:
    """The totals that disagree, by code in the order of `sheet` (the whole under ""): exact, nothing is rounded."""
    return [
        Difference(code, names[code], entered.get(code), points)
        for code, points in sheet.items()
        if entered.get(code) != points
    ]


def sheet_totals(dossier: Dossier, domains: Sequence[Criterion]) -> dict[str, Decimal]:
    """What the unit gave itself, by domain's code and as a whole (""); bonus and penalty stand outside. One query."""
    totals = {domain.code: Decimal(0) for domain in domains} | {WHOLE: Decimal(0)}
    own = Score.objects.filter(dossier=dossier, source=Criterion.SourceChoice.SELF)
    rows = own.values_list("criterion__code", "self_points")
    for code, points in rows:
        if points is not None:
            totals[code.split(".")[0]] += points
            totals[WHOLE] += points
    return totals


def report_domains(dossier: Dossier) -> list[Criterion]:
    """Domains with a total of their own in the report: those with criteria that the unit scores itself."""
    codes = {
        code.split(".")[0]
        for code in Score.objects.filter(dossier=dossier, source=Criterion.SourceChoice.SELF).values_list(
            "criterion__code", flat=True
        )
    }
    found = Criterion.objects.filter(criteria_set_id=dossier.criteria_set_id, parent=None, code__in=codes)
    return list(found.order_by("order"))


@dataclass(frozen=True)
class Agreement:
    """How the signed report of a dossier stands against its sheet."""

    report: SelfReport | None
    domains: Sequence[Criterion]
    sheet: Mapping[str, Decimal]
    entered: Mapping[str, Decimal | None]
    differences: Sequence[Difference]

    @property
    def is_entered(self) -> bool:
        """Whether any total was entered."""
        return any(value is not None for value in self.entered.values())

    @property
    def agrees(self) -> bool:
        return self.is_entered and not self.differences

    @property
    def signed(self) -> bool:
        """Whether the signed report was uploaded."""
        return self.report is not None and self.report.signed_id is not None


def agreement(dossier: Dossier) -> Agreement:
    """Read the report and compare it; five queries."""
    report = SelfReport.objects.select_related("signed__document", "entered_by").filter(dossier=dossier).first()
    domains = report_domains(dossier)
    sheet = sheet_totals(dossier, domains)
    entered: dict[str, Decimal | None] = {}
    if report is not None:
        entered = dict(report.totals.values_list("domain__code", "points"))
        entered[WHOLE] = report.total
    names = {domain.code: domain.name for domain in domains} | {WHOLE: _("Tổng điểm")}
    return Agreement(report, domains, sheet, entered, differences(entered, sheet, names))


def require_agreement(dossier: Dossier) -> None:
    """Raise Incomplete where totals of the signed report were entered and differ from the sheet."""
    if SelfReport.objects.filter(dossier=dossier).exists():
        _require_equal(agreement(dossier))


def require_signed_report(dossier: Dossier) -> None:
    """Entered totals must agree; where the cycle requires the signed report, it must be there with its totals."""
    if not dossier.cycle.self_report_required:
        require_agreement(dossier)
        return
    found = agreement(dossier)
    _require_equal(found)
    if not found.signed or not found.is_entered:
        raise Incomplete(
            _(
                "Đợt đánh giá này yêu cầu báo cáo tự đánh giá đã ký. Hãy tải báo cáo lên và nhập các điểm ghi trong "
                "báo cáo rồi gửi."
            ),
            found.differences,
        )


def _require_equal(found: Agreement) -> None:
    if found.is_entered and found.differences:
        raise Incomplete(
            _(
                "Điểm ghi trong báo cáo tự đánh giá đã ký khác với bảng điểm ở %(count)s chỗ. Hãy sửa bảng điểm, hoặc "
                "ký lại báo cáo và nhập lại điểm."
            )
            % {"count": len(found.differences)},
            found.differences,
        )
