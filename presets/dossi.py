"""DOSSI, the index of district one-stop shops (decision 96/QĐ-BNV of 15/02/2012), in the two provinces of the seeds.

Bến Tre: plan 458/QĐ-UBND of 13/3/2012, its 8 pilot units and the bodies of its working group. Ninh Bình: the result of
2012 (report 110/BC-UBND), its 8 units and the bodies of its working group. The report publishes grades, not points:
the percentages behind them are chosen, see `data/ninh-binh-2012.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db import transaction

from criteria.models import CriteriaSet
from criteria.scoring import Answer, survey_points
from results.table import SetEngine
from units.models import Unit

from . import places
from .criteria_sets import load_set, read_yaml
from .places import Place
from .plans import load_plan

NINH_BINH_RESULT = "ninh-binh-2012"
WHOLE = "whole"

_OFFICE: Place = ("van-phong-ubnd-tinh", "Văn phòng UBND tỉnh", "Văn phòng UBND tỉnh", "VPUBND")
_HOME_AFFAIRS: Place = ("so-noi-vu", "Sở Nội vụ", "Sở Nội vụ", "SNV")
_JUSTICE: Place = ("so-tu-phap", "Sở Tư pháp", "Sở Tư pháp", "STP")
_PLANNING: Place = ("so-ke-hoach-va-dau-tu", "Sở Kế hoạch và Đầu tư", "Sở KH&ĐT", "SKHĐT")
_LABOUR: Place = ("so-lao-dong-tb-va-xh", "Sở Lao động, Thương binh và Xã hội", "Sở LĐTBXH", "SLĐTBXH")
_RESOURCES: Place = ("so-tai-nguyen-va-moi-truong", "Sở Tài nguyên và Môi trường", "Sở TN&MT", "STNMT")

BEN_TRE_BODIES: Sequence[Place] = (_HOME_AFFAIRS, _JUSTICE, _OFFICE, _RESOURCES)
BEN_TRE_UNITS: Sequence[Place] = (
    ("thanh-pho-ben-tre", "UBND thành phố Bến Tre", "TP Bến Tre", "UBND"),
    ("huyen-chau-thanh", "UBND huyện Châu Thành", "Châu Thành", "UBND"),
    ("huyen-binh-dai", "UBND huyện Bình Đại", "Bình Đại", "UBND"),
    ("huyen-ba-tri", "UBND huyện Ba Tri", "Ba Tri", "UBND"),
    ("huyen-giong-trom", "UBND huyện Giồng Trôm", "Giồng Trôm", "UBND"),
    ("huyen-cho-lach", "UBND huyện Chợ Lách", "Chợ Lách", "UBND"),
    ("huyen-mo-cay-nam", "UBND huyện Mỏ Cày Nam", "Mỏ Cày Nam", "UBND"),
    ("huyen-thanh-phu", "UBND huyện Thạnh Phú", "Thạnh Phú", "UBND"),
)
NINH_BINH_BODIES: Sequence[Place] = (_HOME_AFFAIRS, _JUSTICE, _PLANNING, _LABOUR, _RESOURCES)


@transaction.atomic
def load_ben_tre(year: int) -> list[CriteriaSet]:
    """Bến Tre's units and plan, and the draft DOSSI set for `year`."""
    found = _load("ben-tre", "Tỉnh Bến Tre", BEN_TRE_BODIES, BEN_TRE_UNITS, year)
    load_plan("ben-tre")
    return found


@transaction.atomic
def load_ninh_binh(year: int) -> list[CriteriaSet]:
    """Ninh Bình's units and the draft DOSSI set for `year`."""
    units = [
        (row["code"], f"UBND {row['name'][:1].lower()}{row['name'][1:]}", row["name"], "UBND")
        for row in read_yaml(NINH_BINH_RESULT)["units"]
    ]
    return _load("ninh-binh", "Tỉnh Ninh Bình", NINH_BINH_BODIES, units, year)


def _load(code: str, name: str, bodies: Sequence[Place], units: Sequence[Place], year: int) -> list[CriteriaSet]:
    province = places.province(code, name)
    ranked = places.group("cap-huyen", "UBND các huyện, thị xã, thành phố", 1)
    places.lay_down(bodies, Unit.Kind.DEPARTMENT, under=province, into=None)
    places.lay_down(units, Unit.Kind.DISTRICT, under=province, into=ranked)
    return [load_set("dossi", year=year)]


def answers(engine: SetEngine, percent: Mapping[str, Decimal]) -> dict[str, Answer]:
    """Every criterion of a part at the percentage of the part, rounded by the set's rule."""
    return {
        row.code: Answer(survey_points(percent[row.code.partition(".")[0]], row.maximum, engine.rounding))
        for row in engine.criteria
        if row.is_leaf
    }


def ninh_binh_grades(criteria_set: CriteriaSet) -> dict[str, dict[str, str]]:
    """The grade of each unit of Ninh Bình in group A, in group B and in the whole, as the set's bands give it."""
    engine = SetEngine(criteria_set)
    found: dict[str, dict[str, str]] = {}
    for row in read_yaml(NINH_BINH_RESULT)["units"]:
        percent = {part: Decimal(value) for part, value in row["percent"].items()}
        tally = engine.tally(answers(engine, percent), unit_id=0)
        grades = {
            domain.code: engine.grade(tally.domains[domain.code].percent(engine.rounding), part=domain, group_id=0)
            for domain in engine.domains
        }
        found[row["name"]] = {**grades, WHOLE: engine.grade(tally.index, part=None, group_id=0)}
    return found
