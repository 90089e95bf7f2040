"""The units of a province that a preset lays down. Loading twice changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from units.models import Unit, UnitGroup

# code, name, short name, document symbol
Place = tuple[str, str, str, str]


class OtherProvince(ValueError):
    """The installation is another province's; the message names it."""


def province(code: str, name: str) -> Unit:
    """The province itself. Raises OtherProvince: `so-noi-vu` of one province is not that of another."""
    other = Unit.objects.filter(kind=Unit.Kind.PROVINCE).exclude(code=code).first()
    if other is not None:
        raise OtherProvince(f"Cơ sở dữ liệu này là của {other}. Mỗi tỉnh dùng một cơ sở dữ liệu riêng.")
    return _unit((code, name, "", "UBND"), Unit.Kind.PROVINCE, None, None, 0)


def group(code: str, name: str, order: int) -> UnitGroup:
    """A group whose units are ranked against each other."""
    found, _created = UnitGroup.objects.get_or_create(code=code, defaults={"name": name, "order": order})
    return found


def lay_down(places: Sequence[Place], kind: Unit.Kind, *, under: Unit, into: UnitGroup | None) -> list[Unit]:
    """The units of a list in its order; `into` None are bodies that are not ranked."""
    return [_unit(place, kind, under, into, order) for order, place in enumerate(places, start=1)]


def _unit(place: Place, kind: Unit.Kind, parent: Unit | None, into: UnitGroup | None, order: int) -> Unit:
    code, name, short, symbol = place
    unit, _created = Unit.objects.get_or_create(
        code=code,
        defaults={
            "name": name,
            "short_name": short,
            "symbol": symbol,
            "kind": kind,
            "parent": parent,
            "group": into,
            "order": order,
        },
    )
    return unit
