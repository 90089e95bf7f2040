"""What must agree between files: layers and foreign keys, permissions and their use, flows and screens, language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import ForeignKey, ManyToManyField
from django.template.base import Lexer, TokenType
from django.urls import get_resolver, resolve, reverse

from assessments.models import Cycle
from assessments.stages import WAITING_FOR, CycleStage, Stage
from units.models import Unit
from units.permissions import CYCLE_PERMS, ROLES, UNIT_PERMS, Perm
from workflow.flows import CycleFlow, DossierFlow, PlanTaskFlow
from workflow.nodes import Step
from workflow.titles import ACTIONS, LABELS
from workflow.views.base import CycleStepView, DossierStepView, StepView
from workflow.views.plan_reports import ReportStepView

ROOT = Path(__file__).resolve().parents[1]
# Higher layers may refer to lower ones only; the parts of one layer know nothing of each other.
LAYERS = (
    {"config", "presets"},
    {"workflow"},
    {"results"},
    {"survey"},
    {"assessments"},
    {"evidence", "notifications", "plans", "criteria"},
    {"units"},
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
KINDS = {"cycle": CycleStepView, "dossier": DossierStepView, "plantask": ReportStepView}
PER_DOMAIN = {"dossier.self_assess", "dossier.appraise"}


def python_files() -> Iterator[Path]:
    for app in LEVEL:
        yield from sorted(path for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)


def templates() -> list[Path]:
    return sorted([*(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt")])


# layers


def test_foreign_keys_point_down() -> None:
    """Foreign keys named by a string are no imports, so that import-linter does not see them."""
    upwards = []
    for label in LEVEL:
        if not apps.is_installed(label):
            continue
        for model in apps.get_app_config(label).get_models(include_auto_created=True):
            for field in model._meta.get_fields():
                if not isinstance(field, ForeignKey | ManyToManyField):
                    continue
                target = field.related_model._meta.app_label
                if target != label and target in LEVEL and LEVEL[target] <= LEVEL[label]:
                    upwards.append(f"{label}.{model.__name__}.{field.name} -> {target}")
    assert upwards == []


def test_every_app_of_ours_has_its_layer() -> None:
    ours = {config.label for config in apps.get_app_configs() if Path(config.path).is_relative_to(ROOT)}
    ours -= {config.label for config in apps.get_app_configs() if ".venv" in config.path}
    assert ours - LEVEL.keys() == set()


# permissions


def test_every_permission_is_carried_by_a_role() -> None:
    assert {perm for perms in ROLES.values() for perm in perms} == set(Perm)


def test_every_permission_is_asked_for_somewhere() -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8") for path in python_files() if path != ROOT / "units" / "permissions.py"
    )
    assert [perm.name for perm in Perm if not re.search(rf"\bPerm\.{perm.name}\b", code)] == []


def test_every_permission_is_declared_on_its_model() -> None:
    assert {code for code, _name in Unit._meta.permissions} == {perm.value for perm in UNIT_PERMS}
    assert {code for code, _name in Cycle._meta.permissions} == {perm.value for perm in CYCLE_PERMS}


# flows and screens


def human_nodes() -> dict[str, Step]:
    return {
        f"{flow.app_name}.{node.name}": node
        for flow in (CycleFlow, DossierFlow, PlanTaskFlow)
        for node in flow.instance.nodes()
        if isinstance(node, Step)
    }


def test_every_human_step_has_a_page_and_a_label_and_no_page_lacks_its_step() -> None:
    assert sorted(ACTIONS) == sorted(human_nodes()) == sorted(LABELS)


def test_tasks_of_cycle_and_dossier_are_named_after_them() -> None:
    names = tuple(flow.app_name for flow in (CycleFlow, DossierFlow, PlanTaskFlow))
    assert names == ("cycle", "dossier", "plantask")


@pytest.mark.parametrize("node", sorted(ACTIONS))
def test_page_of_a_step_resolves_and_does_that_step(node: str) -> None:
    args = [1, 2] if node in PER_DOMAIN else [1]
    match = resolve(reverse(ACTIONS[node], args=args))
    assert match.url_name == ACTIONS[node]
    view = getattr(match.func, "view_class", None)
    if view is not None and issubclass(view, StepView):
        assert issubclass(view, KINDS[node.partition(".")[0]])
        assert f"{node.partition('.')[0]}.{view.node}" == node


def test_every_step_view_has_its_node() -> None:
    get_resolver().url_patterns  # noqa: B018  imports every view

    def leaves(view: type[StepView]) -> Iterator[type[StepView]]:
        for sub in view.__subclasses__():
            yield sub
            yield from leaves(sub)

    named = {f"{prefix}.{view.node}" for prefix, kind in KINDS.items() for view in leaves(kind) if view.node}
    assert named - human_nodes().keys() == set()


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_says_what_is_waited_for(stage: Stage) -> None:
    assert str(WAITING_FOR[stage]).strip() != ""


# language

# Vietnamese of several words that happens to need no diacritics, and names of products, go here.
PLAIN_VIETNAMESE: frozenset[str] = frozenset()
GETTEXT = {"_", "_l", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}


def called_name(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def python_messages(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and called_name(node) in GETTEXT:
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


QUOTED = re.compile(r"""(?:^(?:translate|trans)\s+|_\(\s*)(?:"([^"]*)"|'([^']*)')""")


def template_messages(path: Path) -> Iterator[str]:
    block: list[str] | None = None
    for token in Lexer(path.read_text(encoding="utf-8")).tokenize():
        if token.token_type in {TokenType.BLOCK, TokenType.VAR}:
            for double, single in QUOTED.findall(token.contents):
                yield double or single
        if token.token_type == TokenType.BLOCK and token.split_contents()[0] in {"blocktranslate", "blocktrans"}:
            block = []
        elif token.token_type == TokenType.BLOCK and token.contents.startswith("endblocktrans"):
            yield "".join(block or [])
            block = None
        elif block is not None and token.token_type == TokenType.TEXT:
            block.append(token.contents)


def looks_english(message: str) -> bool:
    """Two words or more without one Vietnamese letter."""
    text = re.sub(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|<[^>]*>|&\w+;", "", message).strip()
    return text.isascii() and re.search(r"[A-Za-z]+\s+[A-Za-z]+", text) is not None


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Please sign in", True),
        ("%(count)s items left", True),
        ("Đăng nhập", False),
        ("PDF", False),
        ("%(code)s %(name)s", False),
    ],
)
def test_english_is_recognised(message: str, expected: bool) -> None:
    assert looks_english(message) is expected


def test_messages_are_found_in_templates(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        '{% translate "One two" %}{% include "x.html" with a=_("Three four") %}'
        "{% blocktranslate %}Five {{ six }} seven{% endblocktranslate %}{{ b|default:_('Eight nine') }}",
        encoding="utf-8",
    )
    assert list(template_messages(page)) == ["One two", "Three four", "Five  seven", "Eight nine"]


def test_no_message_is_left_in_english() -> None:
    english = {
        f"{path.relative_to(ROOT)}: {message}"
        for source, paths in ((python_messages, python_files()), (template_messages, templates()))
        for path in paths
        for message in source(path)
        if looks_english(message) and message not in PLAIN_VIETNAMESE
    }
    assert sorted(english) == []


def visible_text(path: Path) -> Iterator[str]:
    """Text between tags, and attributes that people read or hear, that stand in a page without gettext."""
    source = path.read_text(encoding="utf-8")
    source = re.sub(r"\{%\s*blocktrans.*?endblocktrans\w*\s*%\}", " ", source, flags=re.DOTALL)
    source = re.sub(r"\{%\s*comment.*?endcomment\s*%\}|\{#.*?#\}", " ", source, flags=re.DOTALL)
    source = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", source, flags=re.DOTALL)
    source = re.sub(r"<(script|style|code|pre)\b.*?</\1>|<!--.*?-->", " ", source, flags=re.DOTALL | re.IGNORECASE)
    for name, value in re.findall(r'\b(title|alt|placeholder|aria-label)="([^"]*)"', source):
        yield f"{name}={value}"
    yield from re.findall(r">([^<>]+)<", source)


def test_no_page_shows_english_beside_its_messages() -> None:
    english = {
        f"{path.relative_to(ROOT)}: {text.strip()}"
        for path in templates()
        if path.suffix == ".html"
        for text in visible_text(path)
        if looks_english(text) and text.strip() not in PLAIN_VIETNAMESE
    }
    assert sorted(english) == []


def test_labels_of_stages_are_vietnamese() -> None:
    labels = [str(stage.label) for stages in (Stage, CycleStage) for stage in stages]
    assert [label for label in labels if looks_english(label)] == []
