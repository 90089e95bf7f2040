"""Nobody of the council reads or scores a unit that they have a conflict with, by any address, list or export."""

from __future__ import annotations

import copy
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from assessments.services.appraisal import appraise
from assessments.services.council import declare_conflict
from assessments.services.scores import attach
from assessments.stages import Stage
from evidence.models import DocumentVersion
from evidence.services import store_upload
from tests import factories
from tests.factories import World
from units import access, clock
from units.models import User
from units.permissions import Role
from workflow.inbox import inbox

pytestmark = pytest.mark.django_db
UNIT, OTHER = "so-a", "so-b"
POINTS, REASON = "1,37", "Thiếu hai văn bản của năm."


def build() -> World:
    made = factories.world().open()
    for unit in (UNIT, OTHER):
        made.to(Stage.SELF_ASSESSING, unit)
        made.to(Stage.APPRAISING, unit)
    return made


@pytest.fixture(scope="module")
def appraising(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with factories.standing(django_db_blocker, build) as made:
        yield made


@pytest.fixture
def world(appraising: World, db: None) -> Iterator[World]:
    """Two dossiers with the council; a colleague has scored a criterion of UNIT."""
    with clock.at(factories.WORKDAY):
        made = copy.deepcopy(appraising)
        colleague = factories.seat(made)
        for unit in (UNIT, OTHER):
            appraise(made.score("1.1.2", unit), POINTS, reason=REASON, version=0, by=colleague)
        yield made


def belongs(world: World, person: User) -> None:
    """Works at the unit, as officer."""
    access.join(person, world.units[UNIT], Role.OFFICER)


def moved(world: World, person: User) -> None:
    """Was at another unit when the dossiers came, and is moved to this one."""
    access.join(person, world.units["huyen-c"], Role.HEAD)
    Client().force_login(person)
    access.leave(person, world.units["huyen-c"], Role.HEAD)
    access.join(person, world.units[UNIT], Role.HEAD)


def declared(world: World, person: User) -> None:
    declare_conflict(world.cycle, person, world.units[UNIT], reason="Người thân.", by=world.home_affairs)


def sent(world: World, person: User) -> None:
    """The unit sent the person onto the council."""
    person.council_seats.update(agency=world.units[UNIT])


Conflict = Callable[[World, User], None]
# Where the person belongs to the unit, the unit's own pages open as for any officer of it.
EVERY = [(belongs, True), (moved, True), (declared, False), (sent, False)]


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=person.pk), backend="django.contrib.auth.backends.ModelBackend")
    return client


def council_addresses(world: World, unit: str) -> list[tuple[str, str]]:
    """What only the council opens, as (method, address)."""
    dossier, domain, score = world.dossiers[unit].pk, world.domain("1").pk, world.score("1.1.1", unit).pk
    return [
        ("get", reverse("appraise-domain", args=[dossier, domain])),
        ("post", reverse("appraise-domain", args=[dossier, domain])),
        ("post", reverse("accept-rest", args=[dossier, domain])),
        ("post", reverse("appraise-score", args=[dossier, score])),
        ("post", reverse("agree-score", args=[dossier, score])),
        ("get", reverse("review", args=[dossier])),
        ("post", reverse("review", args=[dossier])),
        ("get", reverse("hear", args=[dossier])),
        ("post", reverse("hear", args=[dossier])),
    ]


def reading_addresses(world: World, unit: str, file: DocumentVersion) -> list[str]:
    """What the council reads as the unit does."""
    dossier, domain, score = world.dossiers[unit].pk, world.domain("1").pk, world.score("1.1.1", unit).pk
    return [
        reverse("dossier", args=[dossier]),
        reverse("history", args=[dossier]),
        reverse("receipt", args=[dossier]),
        reverse("sheet", args=[dossier, domain]),
        reverse("row-history", args=[dossier, score]),
        reverse("score-evidence", args=[dossier, score]),
        reverse("document-view", args=[file.pk]),
        reverse("document-file", args=[file.pk]),
    ]


def proof(world: World, unit: str) -> DocumentVersion:
    """A file behind a score of the unit."""
    officer = world.officer[unit]
    content = io.BytesIO(b"%PDF-1.4\n%%EOF\n" + unit.encode())
    return store_upload(world.units[unit], content, filename="a.pdf", by=officer)


def attached(world: World, unit: str) -> DocumentVersion:
    """The file as it was attached before sending."""
    file = proof(world, unit)
    dossier = world.dossiers[unit]
    type(dossier).objects.filter(pk=dossier.pk).update(stage=Stage.SELF_ASSESSING)
    attach(world.score("1.1.1", unit), file, quote="", by=world.officer[unit])
    type(dossier).objects.filter(pk=dossier.pk).update(stage=Stage.APPRAISING)
    return file


def read(client: Client, address: str) -> tuple[int, str]:
    """Status and content, of a file that is sent in pieces as well."""
    answer = client.get(address)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code, content.decode(errors="replace")


def status(client: Client, method: str, address: str) -> int:
    return read(client, address)[0] if method == "get" else int(client.post(address).status_code)


@pytest.mark.parametrize(("conflict", "own"), EVERY)
def test_no_address_of_the_council_opens_for_a_conflicted_member(world: World, conflict: Conflict, own: bool) -> None:
    person = world.second_appraiser
    files = {unit: attached(world, unit) for unit in (UNIT, OTHER)}
    client = signed_in(person)
    assert status(client, "get", council_addresses(world, UNIT)[0][1]) == 200
    conflict(world, person)
    client = signed_in(person)
    council = [status(client, method, address) for method, address in council_addresses(world, UNIT)]
    assert council == [404] * len(council)
    pages = [read(client, address) for address in reading_addresses(world, UNIT, files[UNIT])]
    assert [code for code, _text in pages] == [200 if own else 404] * len(pages)
    assert not any(POINTS in text or REASON in text for _code, text in pages)
    assert world.score("1.1.1").appraised_at is None
    others = [status(client, "get", address) for address in reading_addresses(world, OTHER, files[OTHER])]
    assert others == [200] * len(others)
    opened = [status(client, method, address) for method, address in council_addresses(world, OTHER)]
    assert opened == [200, 422, 302, 302, 404, 200, 302, 200, 302]


@pytest.mark.parametrize(("conflict", "own"), EVERY)
def test_lists_counters_and_the_desk_of_a_criterion_leave_the_unit_out(
    world: World, conflict: Conflict, own: bool
) -> None:
    person = world.second_appraiser
    criterion = world.score("1.1.1").criterion_id
    places = [
        reverse("appraisals"),
        f"{reverse('appraisals')}?xem=tat-ca",
        reverse("appraise-criterion", args=[world.cycle.pk, criterion]),
    ]
    for place in places:
        assert "Sở Nội vụ" in signed_in(person).get(place).content.decode()
    assert inbox(User.objects.get(pk=person.pk)).count() == 4
    conflict(world, person)
    client = signed_in(person)
    for place in places:
        # the person's own line in the bar may name the unit
        page = client.get(place).content.decode().split('id="content"')[1]
        assert "Sở Nội vụ" not in page
        assert "Sở Tư pháp" in page
        assert f"/ho-so/{world.dossiers[UNIT].pk}/" not in page
    waiting = inbox(User.objects.get(pk=person.pk)).filter(node="dossier.appraise")
    assert {item.dossier_id for item in waiting} == {world.dossiers[OTHER].pk}
    assert client.get(places[0]).context["tabs"][0]["count"] == 1
    assert client.get(places[2]).context["progress"].total == 1
    if not own:
        page = client.get(reverse("dossiers")).content.decode().split('id="content"')[1]
        assert "Sở Nội vụ" not in page


def test_receipt_file_is_for_the_unit_and_whoever_watches(world: World) -> None:
    address = reverse("receipt-pdf", args=[world.dossiers[UNIT].pk])
    assert status(signed_in(world.second_appraiser), "get", address) == 404
    assert status(signed_in(world.officer[UNIT]), "get", address) == 200


@pytest.mark.parametrize("name", ["results", "results-workbook", "result-annex-docx"])
def test_secretary_of_the_unit_sees_the_results_of_the_others_only(
    world: World, as_user: Callable[[User], Client], name: str
) -> None:
    access.join(world.secretary, world.units[UNIT], Role.OFFICER)
    where = reverse(name, args=[world.cycle.pk])
    mine, theirs = str(world.units[UNIT]), str(world.units[OTHER])
    seen = _words(as_user(world.secretary).get(where))
    everything = _words(as_user(world.home_affairs).get(where))
    assert (_has_row(seen, theirs), _has_row(seen, mine)) == (True, False)
    assert (_has_row(everything, theirs), _has_row(everything, mine)) == (True, True)


def _has_row(text: str, unit: str) -> bool:
    """Whether a table of the page or file has a line for the unit: a head of a row, or a cell of its own."""
    return re.search(rf'(<th scope="row">\s*|<t>|<w:t[^>]*>){unit}\s*<', text) is not None


def _words(answer: Any) -> str:
    """The text of a page, a workbook or a Word file."""
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if not content.startswith(b"PK"):
        return str(answer.content.decode())
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return "".join(parts.read(part).decode("utf-8", "ignore") for part in parts.namelist() if part.endswith(".xml"))
