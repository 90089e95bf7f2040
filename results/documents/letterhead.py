"""Who issues a document and who signs it, from units and people: names as Nghị định 30/2020/NĐ-CP writes them."""

from __future__ import annotations

import re

from plans.calendar import short_date
from plans.models import Plan
from units.models import Unit, User

from .model import Agency, Authority, Signature

COMMITTEE = "Ủy ban nhân dân"
WITH_COMMITTEE = frozenset({Unit.Kind.PROVINCE, Unit.Kind.DISTRICT, Unit.Kind.COMMUNE})
_PREFIX = re.compile(r"^(?:UBND|Ủy ban nhân dân)\s+", re.IGNORECASE)
_LEVEL = re.compile(r"^(?:tỉnh|thành phố|thị xã|thị trấn|huyện|quận|phường|xã|đặc khu)\s+", re.IGNORECASE)
# A place that is called by a number or after a person keeps its level: "Quận 1", "Thành phố Hồ Chí Minh".
_KEEPS_LEVEL = re.compile(r"^(?:[0-9]+|[IVX]+|Hồ Chí Minh)$")


def territory(name: str) -> str:
    """The administrative unit in the name of a body: "UBND huyện Lệ Thủy" -> "huyện Lệ Thủy"."""
    found = _PREFIX.sub("", name.strip())
    return found[:1].lower() + found[1:] if _LEVEL.match(found) else found


def place_of(name: str) -> str:
    """What stands before the date: "UBND huyện Lệ Thủy" and "Huyện Lệ Thủy" -> "Lệ Thủy"."""
    found = territory(name)
    short = _LEVEL.sub("", found)
    return found[:1].upper() + found[1:] if _KEEPS_LEVEL.match(short) else short


def seat_of(unit: Unit, province: Unit) -> str:
    """The place that `unit` writes before the date; a sở sits in its province."""
    return place_of((unit if unit.kind in WITH_COMMITTEE else province).name)


def committee_of(province: Unit | str) -> str:
    """ "Ủy ban nhân dân tỉnh Quảng Bình", for the middle of a text."""
    return f"{COMMITTEE} {territory(province if isinstance(province, str) else province.name)}"


def agency_of(unit: Unit, province: Unit) -> Agency:
    """A people's committee has no superior line; any other body names the committee that it belongs to."""
    if unit.kind in WITH_COMMITTEE:
        return Agency(f"{COMMITTEE}\n{territory(unit.name)}")
    return Agency(unit.name, f"UBND {territory(province.name)}")


def council_of(province: Unit) -> Agency:
    """The appraising council, which UBND tỉnh set up."""
    return Agency("Hội đồng thẩm định\nchỉ số cải cách\nhành chính", f"UBND {territory(province.name)}")


def council_name(province: Unit) -> str:
    """The appraising council in the middle of a text."""
    return f"Hội đồng thẩm định Chỉ số cải cách hành chính {territory(province.name)}"


def signature_of(unit: Unit, person: User | None) -> Signature:
    """The head of `unit`, or a deputy in the head's place (KT.), for a committee on its behalf (TM.).

    A person without a title, or nobody, leaves the title of a head.
    """
    committee = unit.kind in WITH_COMMITTEE
    title = re.sub(r"\s+(?:UBND|Ủy ban nhân dân)\b.*$", "", person.title.strip()) if person else ""
    title = title or ("Chủ tịch" if committee else "Thủ trưởng đơn vị")
    authority: tuple[tuple[Authority, str], ...] = ((Authority.COLLECTIVE, COMMITTEE),) if committee else ()
    if title.lower().startswith("phó "):
        authority = (*authority, (Authority.DEPUTY, title[4:]))
    return Signature(title, person.get_full_name() if person else "", authority)


def plan_words(plan: Plan) -> str:
    """ "Kế hoạch số 2323/KH-UBND ngày 30/11/2021 của UBND tỉnh Quảng Bình"."""
    return f"Kế hoạch số {plan.number} ngày {short_date(plan.signed_on)} của {plan.issuing_body}"


def in_sentence(date_words: str) -> str:
    """A weekday inside a sentence: "Thứ Hai 14/12/2026" -> "thứ Hai 14/12/2026"."""
    return date_words[:1].lower() + date_words[1:]
