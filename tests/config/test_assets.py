"""The files that pages load: complete, without references to what is not shipped, replaced as a whole."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from config import assets
from config.assets import MissingAsset

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "node_modules"
ICON_TAG = re.compile(r"""{%\s*icon\s+["']([a-z0-9-]+)["']""")


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("static") / "vendor"
    assets.collect(MODULES, target)
    return target


def test_collect_every_file_is_named(tmp_path: Path) -> None:
    files = assets.collect(MODULES, tmp_path / "vendor")
    names = [str(path.relative_to(tmp_path / "vendor")) for path in files]
    fonts = [
        f"be-vietnam-pro/files/be-vietnam-pro-{subset}-{weight}-normal.woff2"
        for subset in ("latin", "vietnamese")
        for weight in (400, 500, 600, 700)
    ]
    assert names == [
        "be-vietnam-pro/LICENSE",
        *fonts,
        "be-vietnam-pro/fonts.css",
        "bootstrap/LICENSE",
        "bootstrap/bootstrap.bundle.min.js",
        "bootstrap/bootstrap.min.css",
        "icons/LICENSE",
        "icons/icons.svg",
        "tinos/LICENSE",
        "tinos/Tinos_400Regular.ttf",
        "tinos/Tinos_400Regular_Italic.ttf",
        "tinos/Tinos_700Bold.ttf",
        "tinos/Tinos_700Bold_Italic.ttf",
    ]


def test_collect_again_removes_what_is_no_longer_used(tmp_path: Path) -> None:
    target = tmp_path / "vendor"
    target.mkdir()
    (target / "old.js").write_text("x", encoding="utf-8")
    assets.collect(MODULES, target)
    assert (target / "old.js").exists() is False


def test_collect_missing_package_leaves_the_old_copy(tmp_path: Path) -> None:
    target = tmp_path / "vendor"
    target.mkdir()
    (target / "old.js").write_text("x", encoding="utf-8")
    with pytest.raises(MissingAsset, match=r"bootstrap\.min\.css"):
        assets.collect(tmp_path / "nothing", target)
    assert (target / "old.js").read_text(encoding="utf-8") == "x"


def test_bootstrap_names_no_source_map(collected: Path) -> None:
    for name in ("bootstrap.min.css", "bootstrap.bundle.min.js"):
        assert "sourceMappingURL" not in (collected / "bootstrap" / name).read_text(encoding="utf-8")


def test_fonts_every_address_is_a_shipped_file(collected: Path) -> None:
    folder = collected / "be-vietnam-pro"
    addresses = re.findall(r"url\(([^)]*)\)", (folder / "fonts.css").read_text(encoding="utf-8"))
    assert len(addresses) == 8
    assert [address for address in addresses if not (folder / address).is_file()] == []


def test_icons_sprite_holds_exactly_the_list(collected: Path) -> None:
    sprite = ElementTree.parse(collected / "icons" / "icons.svg").getroot()
    assert [symbol.attrib["id"] for symbol in sprite] == assets.icon_names()


def test_icons_list_is_sorted_without_repeats() -> None:
    names = assets.icon_names()
    assert names == sorted(set(names))


def test_icons_named_in_templates_are_in_the_list() -> None:
    templates = [*(ROOT / "templates").rglob("*.html"), *ROOT.glob("*/templates/**/*.html")]
    used = {name for path in templates for name in ICON_TAG.findall(path.read_text(encoding="utf-8"))}
    assert used - set(assets.icon_names()) == set()
