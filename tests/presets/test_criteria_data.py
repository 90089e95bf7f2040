"""The shipped illustrative criteria sets, read as plain data: counts, sums and rules checked one by one."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from criteria.scoring import check_rule, parse_bands, parse_rule

DATA = Path(__file__).resolve().parents[2] / "presets" / "data"

Node = dict[str, Any]

# Number of tiêu chí thành phần and points by source, from the decision of 22/01/2014 (II.4.1).
SON_LA = {
    "son-la-2014-so": (102, {"self": Decimal("77.5"), "survey": Decimal("22.5")}),
    "son-la-2014-huyen": (121, {"self": Decimal(73), "survey": Decimal(27)}),
}
# Points inside the 100 by source.
HAI_CAP = {
    "hai-cap-2026-so": {"self": Decimal(72), "leader": Decimal(2), "survey": Decimal(26)},
    "hai-cap-2026-xa": {"self": Decimal("73.5"), "leader": Decimal("1.5"), "survey": Decimal(25)},
}
SETS = [*SON_LA, "dossi", *HAI_CAP]

OUTSIDE = {"bonus", "penalty"}
SOURCES = {"self", "survey", "council", "leader"} | OUTSIDE
SELF_KINDS = {
    "yes_no",
    "tiers",
    "date_tiers",
    "thresholds",
    "proportional",
    "per_item",
    "count_table",
    "percent_of_max",
}
CITED = re.compile(r"[0-9]+/(?:[0-9]{4}/)?[A-ZĐ]+-[A-Za-zĐ]+")
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
NUMERIC_KEYS = {"max", "lower", "points", "from", "else", "none", "each", "cap", "floor", "count", "percent"}
NUMERIC_KEYS |= {"step", "bonus_cap", "penalty_cap"}

SON_LA_DOMAINS = [
    "Công tác chỉ đạo điều hành CCHC",
    "Xây dựng và tổ chức thực hiện văn bản quy phạm pháp luật",
    "Cải cách thủ tục hành chính",
    "Cải cách tổ chức bộ máy hành chính nhà nước",
    "Xây dựng và nâng cao chất lượng đội ngũ CBCCVC",
    "Đổi mới cơ chế tài chính đối với cơ quan hành chính và đơn vị sự nghiệp công lập",
    "Hiện đại hóa nền hành chính",
    "Thực hiện cơ chế một cửa, cơ chế một cửa liên thông",
]
MODERNISATION = ["so-ke-hoach-va-dau-tu", "so-thong-tin-va-truyen-thong", "so-khoa-hoc-va-cong-nghe"]
SON_LA_LEADS = [
    ["so-noi-vu"],
    ["so-tu-phap"],
    ["so-tu-phap"],
    ["so-noi-vu"],
    ["so-noi-vu"],
    ["so-tai-chinh"],
    MODERNISATION,
    ["so-noi-vu"],
]


@cache
def load(code: str) -> Node:
    data: Node = yaml.safe_load((DATA / f"{code}.yaml").read_text(encoding="utf-8"))
    return data


def children(node: Node) -> list[Node]:
    """The nodes directly below a set or a node; none below a leaf."""
    return node.get("domains") or node.get("criteria") or node.get("components") or []


def walk(node: Node) -> Iterator[Node]:
    """Every node below ``node``, depth first."""
    for child in children(node):
        yield child
        yield from walk(child)


def leaves(node: Node) -> list[Node]:
    return [one for one in walk(node) if not children(one)]


def points_below(node: Node) -> Decimal:
    """Points inside the 100 below a node: bonus and penalty are counted outside of it."""
    inside = (leaf for leaf in leaves(node) if leaf["source"] not in OUTSIDE)
    return sum((Decimal(leaf["max"]) for leaf in inside), Decimal(0))


def points_by_source(node: Node) -> dict[str, Decimal]:
    total: dict[str, Decimal] = {}
    for leaf in leaves(node):
        total[leaf["source"]] = total.get(leaf["source"], Decimal(0)) + Decimal(leaf["max"])
    return total


def best(rule: Node, maximum: Decimal) -> Decimal:
    """The highest points that a rule can give."""
    match rule["kind"]:
        case "tiers":
            return max(Decimal(tier["points"]) for tier in rule["tiers"])
        case "date_tiers":
            return max([Decimal(tier["points"]) for tier in rule["tiers"]] + [Decimal(rule["none"])])
        case "thresholds":
            return max([Decimal(step["points"]) for step in rule["steps"]] + [Decimal(rule["else"])])
        case "count_table":
            return max([Decimal(row["points"]) for row in rule["table"]] + [Decimal(rule["else"])])
        case "per_item":
            return Decimal(rule["cap"])
        case "percent_of_max":
            return maximum * max(Decimal(level["percent"]) for level in rule["levels"]) / 100
        case "yes_no" | "proportional" | "direct" | "survey":
            return maximum
        case kind:
            raise AssertionError(kind)


def outcomes(rule: Node) -> list[tuple[Any, Decimal]]:
    """(what is compared, points) of each step of a rule in its own order."""
    match rule["kind"]:
        case "date_tiers":
            return [(tier["before"], Decimal(tier["points"])) for tier in rule["tiers"]]
        case "thresholds":
            return [(Decimal(step["from"]), Decimal(step["points"])) for step in rule["steps"]]
        case "count_table":
            return [(int(row["count"]), Decimal(row["points"])) for row in rule["table"]]
        case _:
            return []


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)
    elif isinstance(value, str):
        yield value


def numbers(value: Any) -> Iterator[tuple[str, Any]]:
    """Every (key, value) where the key names a number; the key ``none`` of a choice is text and has none."""
    if isinstance(value, dict):
        for key, one in value.items():
            if key in NUMERIC_KEYS:
                yield key, one
            yield from numbers(one)
    elif isinstance(value, list):
        for one in value:
            yield from numbers(one)


@pytest.mark.parametrize("code", SON_LA)
def test_son_la_counts_and_points_are_those_of_the_decision(code: str) -> None:
    components, points = SON_LA[code]
    data = load(code)
    criteria = [criterion for domain in data["domains"] for criterion in domain["criteria"]]

    assert len(data["domains"]) == 8
    assert len(criteria) == 39
    assert sum(len(criterion["components"]) for criterion in criteria) == components
    assert len(leaves(data)) == components
    assert points_by_source(data) == points
    assert points_below(data) == 100


@pytest.mark.parametrize("code", SON_LA)
def test_son_la_domains_and_leads_follow_the_decision(code: str) -> None:
    data = load(code)

    assert [domain["name"] for domain in data["domains"]] == SON_LA_DOMAINS
    assert [domain["leads"] for domain in data["domains"]] == SON_LA_LEADS


@pytest.mark.parametrize("code", SON_LA)
def test_son_la_self_criteria_use_every_rule_and_nothing_is_scored_directly(code: str) -> None:
    all_leaves = leaves(load(code))

    assert {leaf["rule"]["kind"] for leaf in all_leaves if leaf["source"] == "self"} == SELF_KINDS
    assert {leaf["rule"].get("measure") for leaf in all_leaves} == {None, "ratio", "value"}
    assert {"none", "full", "rescale"} <= {leaf["na"] for leaf in all_leaves}


@pytest.mark.parametrize("code", SON_LA)
def test_points_below_zero_are_rare_in_son_la_sets(code: str) -> None:
    below = [tier["points"] for leaf in leaves(load(code)) for tier in leaf["rule"].get("tiers", [])]

    assert [points for points in below if points.startswith("-")] == ["-0.25", "-0.25"]


def test_only_domain_of_the_one_stop_shop_can_be_dropped_for_named_departments() -> None:
    """17 sở had a one-stop shop (decision, I.2): the others cannot be asked about theirs."""
    named = {leaf["code"] for leaf in leaves(load("son-la-2014-so")) if leaf["na"] == "named"}
    kept = {leaf["code"] for leaf in leaves(load("son-la-2014-so")) if leaf["na"] in {"none", "full"}}

    assert named == {"8.1.1", "8.1.2", "8.1.3", "8.1.4", "8.2.1", "8.2.2", "8.4.1", "8.4.2", "8.4.3"}
    assert [code for code in kept if code.startswith("8.")] == []


@pytest.mark.parametrize("code", SETS)
def test_set_says_that_it_is_illustrative(code: str) -> None:
    data = load(code)

    assert data["code"] == code
    assert data["illustrative"] is True
    assert "minh họa" in data["name"]
    assert data["source_decision"]
    assert data["rounding"] == {"step": "0.01", "mode": "half_up"}


@pytest.mark.parametrize("code", SETS)
def test_numbers_are_quoted_decimals(code: str) -> None:
    found = list(numbers(load(code)))

    assert len(found) > 10
    assert [pair for pair in found if not isinstance(pair[1], str)] == []
    assert [pair for pair in found if not NUMBER.fullmatch(pair[1])] == []


@pytest.mark.parametrize("code", SETS)
def test_maximum_of_a_node_is_the_sum_below(code: str) -> None:
    data = load(code)

    wrong = {
        node["code"]: (node["max"], points_below(node))
        for node in walk(data)
        if children(node) and Decimal(node["max"]) != points_below(node)
    }
    assert wrong == {}
    assert points_below(data) == 100


@pytest.mark.parametrize("code", SETS)
def test_maximum_of_a_leaf_is_a_multiple_of_a_quarter(code: str) -> None:
    wrong = [leaf["code"] for leaf in leaves(load(code)) if Decimal(leaf["max"]) % Decimal("0.25")]

    assert wrong == []
    assert [leaf["code"] for leaf in leaves(load(code)) if Decimal(leaf["max"]) <= 0] == []


@pytest.mark.parametrize("code", SETS)
def test_codes_number_the_tree_in_order(code: str) -> None:
    data = load(code)
    firsts = ["A", "B"] if code == "dossi" else [str(number) for number in range(1, 9)]
    codes = [node["code"] for node in walk(data)]

    assert len(codes) == len(set(codes))
    assert [domain["code"] for domain in data["domains"]] == firsts
    for parent in walk(data):
        expected = [f"{parent['code']}.{number}" for number in range(1, len(children(parent)) + 1)]
        assert [child["code"] for child in children(parent)] == expected


@pytest.mark.parametrize("code", SETS)
def test_leaf_has_the_fields_of_its_source(code: str) -> None:
    for leaf in leaves(load(code)):
        assert leaf["source"] in SOURCES, leaf["code"]
        assert leaf["na"] in {"none", "full", "rescale", "named"}, leaf["code"]
        assert isinstance(leaf["guidance"], str), leaf["code"]
        if leaf["source"] in OUTSIDE | {"self"}:
            assert leaf["evidence"], leaf["code"]
            assert leaf["rule"]["kind"] in SELF_KINDS, leaf["code"]
        elif leaf["source"] == "survey":
            assert leaf["rule"] == {"kind": "survey"}, leaf["code"]
            assert leaf["guidance"], leaf["code"]
            assert leaf["na"] in {"none", "named"}, leaf["code"]
        else:
            assert leaf["rule"] == {"kind": "direct", "by": leaf["source"]}, leaf["code"]


@pytest.mark.parametrize("code", SETS)
def test_best_outcome_of_a_rule_is_the_maximum(code: str) -> None:
    wrong = {
        leaf["code"]: (leaf["max"], best(leaf["rule"], Decimal(leaf["max"])))
        for leaf in leaves(load(code))
        if best(leaf["rule"], Decimal(leaf["max"])) != Decimal(leaf["max"])
    }

    assert wrong == {}


@pytest.mark.parametrize("code", SETS)
def test_scoring_reads_every_rule_and_gives_up_to_the_maximum(code: str) -> None:
    data = load(code)
    for leaf in leaves(data):
        maximum = Decimal(leaf["max"])
        rule = parse_rule(leaf["rule"], maximum=maximum)
        lowest, highest = rule.bounds(maximum)
        assert (-lowest if leaf["source"] == "penalty" else highest) == maximum, leaf["code"]
        warnings = [text for text in check_rule(rule, maximum) if not text.startswith("Bảng không nêu số lượng")]
        assert warnings == [], leaf["code"]
    assert [band.label for band in parse_bands(data["bands"]).bands] == [band["label"] for band in data["bands"]]


@pytest.mark.parametrize("code", SETS)
def test_rule_steps_fall_from_best_to_worst(code: str) -> None:
    for leaf in leaves(load(code)):
        rule = leaf["rule"]
        steps = outcomes(rule)
        points = [value for _, value in steps]
        assert points == sorted(set(points), reverse=True), leaf["code"]
        marks = [mark for mark, _ in steps]
        assert marks == sorted(set(marks), reverse=rule["kind"] != "date_tiers"), leaf["code"]
        worst = Decimal(rule.get("else", rule.get("none", "0")))
        assert not points or worst < points[-1], leaf["code"]


@pytest.mark.parametrize("code", SETS)
def test_choices_have_unique_keys_and_labels(code: str) -> None:
    for leaf in leaves(load(code)):
        choices = leaf["rule"].get("levels", []) or leaf["rule"].get("tiers", [])
        keys = [choice["key"] for choice in choices if "key" in choice]
        labels = [choice["label"] for choice in choices]
        assert len(keys) == len(set(keys)), leaf["code"]
        assert len(labels) == len(set(labels)), leaf["code"]
        assert [key for key in keys if not re.fullmatch(r"[a-z][a-z_]*", key)] == [], leaf["code"]


@pytest.mark.parametrize("code", SETS)
def test_date_limits_are_days_of_every_year(code: str) -> None:
    for leaf in leaves(load(code)):
        if leaf["rule"]["kind"] == "date_tiers":
            limits = [date.fromisoformat(f"2001-{tier['before']}") for tier in leaf["rule"]["tiers"]]
            assert all(limit > date(2001, 1, 1) for limit in limits), leaf["code"]


@pytest.mark.parametrize("code", SETS)
def test_items_reach_the_cap_exactly(code: str) -> None:
    for leaf in leaves(load(code)):
        if leaf["rule"]["kind"] == "per_item":
            assert Decimal(leaf["rule"]["cap"]) % Decimal(leaf["rule"]["each"]) == 0, leaf["code"]


@pytest.mark.parametrize("code", SETS)
def test_names_are_short_unique_and_normalised(code: str) -> None:
    data = load(code)
    names = Counter(node["name"].casefold() for node in walk(data))

    assert [name for name, count in names.items() if count > 1] == []
    assert [name for name in names if len(name) > 180 or name != name.strip()] == []
    assert [text for text in texts(data) if not unicodedata.is_normalized("NFC", text)] == []
    assert [text for text in texts(data) if "  " in text] == []


@pytest.mark.parametrize("code", SETS)
def test_bands_fall_to_zero(code: str) -> None:
    data = load(code)
    for bands in [data["bands"], *(domain["bands"] for domain in data["domains"] if "bands" in domain)]:
        lowers = [Decimal(band["lower"]) for band in bands]
        assert lowers == sorted(set(lowers), reverse=True)
        assert lowers[-1] == 0
        assert len({band["label"] for band in bands}) == len(bands)


HAI_CAP_DOMAINS = [
    "Công tác chỉ đạo, điều hành cải cách hành chính",
    "Cải cách thể chế",
    "Cải cách thủ tục hành chính",
    "Tổ chức bộ máy và hoạt động của chính quyền địa phương hai cấp",
    "Cải cách chế độ công vụ",
    "Cải cách tài chính công",
    "Xây dựng và phát triển chính quyền số",
    "Mức độ hài lòng và tác động đến phát triển kinh tế - xã hội",
]


@pytest.mark.parametrize("code", HAI_CAP)
def test_two_tier_sets_have_eight_domains_and_their_points(code: str) -> None:
    data = load(code)
    points = points_by_source(data)

    assert [domain["name"] for domain in data["domains"]] == HAI_CAP_DOMAINS
    assert {source: points[source] for source in points if source not in OUTSIDE} == HAI_CAP[code]
    assert sum(HAI_CAP[code].values()) == 100
    assert 60 <= len(leaves(data)) <= 70


@pytest.mark.parametrize("code", HAI_CAP)
def test_two_tier_bonus_and_penalty_stand_outside_the_hundred_under_their_caps(code: str) -> None:
    data = load(code)
    outside = [leaf for leaf in leaves(data) if leaf["source"] in OUTSIDE]
    points = points_by_source(data)

    assert [leaf["source"] for leaf in outside] == ["bonus", "bonus", "penalty", "penalty"]
    assert (data["bonus_cap"], data["penalty_cap"]) == ("3", "5")
    assert (points["bonus"], points["penalty"]) == (Decimal(3), Decimal(5))
    assert {leaf["code"].rpartition(".")[0] for leaf in outside} == {"1.6"}
    assert [node["max"] for node in walk(data) if node["code"] == "1.6"] == ["0"]
    assert all(Decimal(leaf["rule"]["each"]) < 0 for leaf in outside if leaf["source"] == "penalty")


@pytest.mark.parametrize("code", HAI_CAP)
def test_two_tier_set_has_one_criterion_scored_by_leaders(code: str) -> None:
    direct = [leaf for leaf in leaves(load(code)) if leaf["rule"]["kind"] == "direct"]

    assert [(leaf["source"], leaf["rule"]["by"]) for leaf in direct] == [("leader", "leader")]


def test_only_decisions_that_the_seeds_name_are_cited() -> None:
    cited = {path.stem: set(CITED.findall(path.read_text(encoding="utf-8"))) for path in sorted(DATA.glob("*.yaml"))}

    assert {code: cited[code] for code in [*SETS, "ninh-binh-2012"]} == {
        "son-la-2014-so": {"152/QĐ-UBND", "93/2007/QĐ-TTg"},
        "son-la-2014-huyen": {"152/QĐ-UBND", "93/2007/QĐ-TTg"},
        "dossi": {"96/QĐ-BNV"},
        "hai-cap-2026-so": set(),
        "hai-cap-2026-xa": set(),
        "ninh-binh-2012": {"110/BC-UBND"},
    }


def grade(percent: Decimal, bands: list[Node]) -> str:
    """The label of the first band whose lower bound is reached; bands fall from the highest."""
    return next(str(band["label"]) for band in bands if percent >= Decimal(band["lower"]))


def test_dossi_has_five_and_four_criteria_with_points_on_the_second_level() -> None:
    parts = load("dossi")["domains"]

    assert [len(part["criteria"]) for part in parts] == [5, 4]
    assert [part["max"] for part in parts] == ["50", "50"]
    assert [{leaf["source"] for leaf in leaves(part)} for part in parts] == [{"self"}, {"survey"}]
    assert [node["code"] for part in parts for node in part["criteria"] if "components" in node] == []


def test_dossi_bands_have_the_same_labels_and_other_cut_offs_for_the_whole() -> None:
    data = load("dossi")
    labels = ["Tốt", "Khá", "Trung bình"]

    assert [band["label"] for band in data["bands"]] == labels
    assert [[band["label"] for band in part["bands"]] for part in data["domains"]] == [labels, labels]
    assert grade(Decimal("79.99"), data["domains"][0]["bands"]) == "Khá"
    assert grade(Decimal("79.99"), data["domains"][1]["bands"]) == "Khá"
    assert grade(Decimal("79.99"), data["bands"]) == "Tốt"


@pytest.mark.parametrize(
    ("bands", "percent", "label"),
    [
        ("part", "80", "Tốt"),
        ("part", "79.99", "Khá"),
        ("part", "65", "Khá"),
        ("part", "64.99", "Trung bình"),
        ("part", "0", "Trung bình"),
        ("whole", "75", "Tốt"),
        ("whole", "74.99", "Khá"),
        ("whole", "60", "Khá"),
        ("whole", "59.99", "Trung bình"),
    ],
)
def test_dossi_bands_are_half_open(bands: str, percent: str, label: str) -> None:
    data = load("dossi")
    scale = data["bands"] if bands == "whole" else data["domains"][0]["bands"]

    assert grade(Decimal(percent), scale) == label


def test_ninh_binh_grades_come_out_as_published() -> None:
    data, dossi = load("ninh-binh-2012"), load("dossi")
    parts = {part["code"]: part for part in dossi["domains"]}
    found: dict[str, dict[str, str]] = {}
    for unit in data["units"]:
        percent = {code: Decimal(unit["percent"][code]) for code in parts}
        assert {code: parse_bands(part["bands"]).grade(percent[code]).label for code, part in parts.items()} == {
            code: unit["published"][code] for code in parts
        }
        whole = sum((percent[code] * Decimal(part["max"]) for code, part in parts.items()), Decimal(0)) / 100
        found[unit["name"]] = {code: grade(percent[code], part["bands"]) for code, part in parts.items()}
        found[unit["name"]]["whole"] = grade(whole, dossi["bands"])
        assert parse_bands(dossi["bands"]).grade(whole).label == unit["published"]["whole"]

    assert data["criteria_set"] == dossi["code"]
    assert data["illustrative"] is True
    assert found == {unit["name"]: unit["published"] for unit in data["units"]}
    assert found == {
        "Thành phố Ninh Bình": {"A": "Khá", "B": "Khá", "whole": "Tốt"},
        "Thị xã Tam Điệp": {"A": "Khá", "B": "Trung bình", "whole": "Khá"},
        "Huyện Hoa Lư": {"A": "Khá", "B": "Khá", "whole": "Khá"},
        "Huyện Kim Sơn": {"A": "Khá", "B": "Trung bình", "whole": "Khá"},
        "Huyện Yên Mô": {"A": "Khá", "B": "Khá", "whole": "Khá"},
        "Huyện Nho Quan": {"A": "Trung bình", "B": "Khá", "whole": "Khá"},
        "Huyện Yên Khánh": {"A": "Trung bình", "B": "Khá", "whole": "Khá"},
        "Huyện Gia Viễn": {"A": "Trung bình", "B": "Khá", "whole": "Khá"},
    }
