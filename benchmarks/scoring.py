"""How long it takes to score a province: 4,000 dossiers of 150 criteria in one process.

Run with ``python -m benchmarks.scoring``. Prints processor seconds for turning declared figures into points
with their explanations, for making the sheets (points checked, rounded and added up to an index), for reading
every heading of every sheet, and for bare ``sum`` over the same Decimals. Only the engine is timed: no
database, no file.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from time import process_time

from criteria.scoring import (
    Answer,
    Branch,
    Context,
    Leaf,
    NotApplicable,
    Rounding,
    Scorer,
    Source,
    parse_rule,
)

DOSSIERS = 4_000
DOMAINS = 10
HEADINGS = 3
LEAVES = 5
YEAR = 2026

RULES: tuple[dict[str, object], ...] = (
    {"kind": "yes_no"},
    {
        "kind": "tiers",
        "tiers": [
            {"key": "on_time", "label": "Kịp thời", "points": "1"},
            {"key": "late", "label": "Chậm", "points": "0.5"},
            {"key": "none", "label": "Không ban hành", "points": "0"},
        ],
    },
    {
        "kind": "date_tiers",
        "tiers": [{"before": "02-15", "points": "1"}, {"before": "03-31", "points": "0.5"}],
        "none": "0",
        "label": "Ngày ban hành",
    },
    {
        "kind": "thresholds",
        "measure": "ratio",
        "steps": [
            {"from": "95", "inclusive": False, "points": "1"},
            {"from": "90", "inclusive": True, "points": "0.5"},
        ],
        "else": "0",
        "labels": {"a": "Số hồ sơ đúng hạn", "b": "Tổng số hồ sơ"},
    },
    {"kind": "proportional", "labels": {"a": "Số hồ sơ đúng hạn", "b": "Tổng số hồ sơ"}},
    {"kind": "per_item", "each": "0.25", "label": "Số sáng kiến"},
)


def build_set() -> tuple[Branch, ...]:
    """Ten domains of three headings of five leaves, every rule kind in turn."""
    rules = [parse_rule(data, maximum=Decimal(1)) for data in RULES]
    domains = []
    for domain in range(1, DOMAINS + 1):
        headings = []
        for heading in range(1, HEADINGS + 1):
            leaves = tuple(
                Leaf(
                    f"{domain}.{heading}.{leaf}",
                    Decimal(1),
                    Source.SELF,
                    rules[(domain + heading + leaf) % len(rules)],
                    NotApplicable.RESCALE,
                    domain=str(domain),
                )
                for leaf in range(1, LEAVES + 1)
            )
            headings.append(Branch(f"{domain}.{heading}", None, leaves))
        domains.append(Branch(str(domain), None, tuple(headings)))
    return tuple(domains)


def declare(leaf: Leaf, chance: random.Random) -> Mapping[str, object]:
    """Figures that an officer might declare for the leaf."""
    whole = chance.randint(1, 5_000)
    figures: dict[str, Mapping[str, object]] = {
        "yes_no": {"met": chance.random() < 0.8},
        "tiers": {"tier": chance.choice(("on_time", "late", "none"))},
        "date_tiers": {"date": date(YEAR, chance.randint(1, 12), chance.randint(1, 28))},
        "thresholds": {"a": chance.randint(whole * 8 // 10, whole), "b": whole},
        "proportional": {"a": chance.randint(0, whole), "b": whole},
        "per_item": {"count": chance.randint(0, 6)},
    }
    return figures[leaf.rule.kind]


def main(dossiers: int = DOSSIERS) -> None:
    """Time the three steps and print one line for each."""
    scorer = Scorer(build_set(), rounding=Rounding())
    chance = random.Random(2026)
    declared = [{leaf.code: declare(leaf, chance) for leaf in scorer.leaves} for _ in range(dossiers)]
    context = Context(YEAR)

    started = process_time()
    answers = [
        {
            leaf.code: Answer(leaf.rule.score(figures[leaf.code], leaf.maximum, scorer.rounding, context).points)
            for leaf in scorer.leaves
        }
        for figures in declared
    ]
    scored = process_time() - started

    started = process_time()
    sheets = [scorer.tally(sheet) for sheet in answers]
    tallied = process_time() - started

    started = process_time()
    headings = sum(total.missing for sheet in sheets for total in sheet.nodes.values())
    read = process_time() - started

    points = [[answer.points for answer in sheet.values() if answer.points is not None] for sheet in answers]
    started = process_time()
    sums = [sum(row, Decimal(0)) for row in points]
    summed = process_time() - started

    if headings or sums != [sheet.criteria for sheet in sheets]:
        raise AssertionError("the tally and the bare sum disagree")
    count = dossiers * len(scorer.leaves)
    print(f"{dossiers} dossiers x {len(scorer.leaves)} criteria = {count} scores")
    print(f"figures to points: {scored:7.3f} s")
    print(f"points to sheets:  {tallied:7.3f} s, {tallied / summed:.1f} times the bare sum")
    print(f"headings read:     {read:7.3f} s")
    print(f"bare sum:          {summed:7.3f} s")
    print(f"all:               {scored + tallied + read:7.3f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DOSSIERS)
