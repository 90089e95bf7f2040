"""The consensus list: criteria on which two independent scorers are too far apart, with what each gave and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from assessments.models import Dossier, Score
from assessments.services import rounds
from assessments.services.rounds import Pair
from assessments.stages import Stage
from criteria.scoring import format_points

from .desk import Typed


@dataclass(frozen=True)
class Line:
    """One criterion to agree on. `typed`, `errors` and `conflict` tell of a save that was refused."""

    score: Score
    pair: Pair
    editable: bool = False
    typed: Typed | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    conflict: Score | None = None

    @property
    def settled(self) -> bool:
        return self.score.appraised_at is not None

    @property
    def self_text(self) -> str:
        points = self.score.self_points
        return "" if points is None else format_points(points)


def consensus(dossier: Dossier, *, editable: bool) -> list[Line]:
    """What is left to agree on; nothing before every scorer has locked their points."""
    if dossier.stage != Stage.REVIEWING:
        return []
    return [Line(row.score, row.pair, editable) for row in rounds.disputes(dossier)]
