"""The files that pages load: complete, without references to what is not shipped, replaced as a whole."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from fontTools.ttLib import TTFont

from config import assets
from config.assets import MissingAsset

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "node_modules"
ICON_TAG = re.compile(r"""{%\s*icon\s+["']([a-z0-9-]+)["']""")


def templates() -> list[Path]:
    """Every template of the project."""
    return [*(ROOT / "templates").rglob("*.html"), *ROOT.glob("*/templates/**/*.html")]


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
        for weight in (400, 600)
    ]
    assert names == [
        "be-vietnam-pro/LICENSE",
        *fonts,
        "bootstrap/LICENSE",
        "bootstrap/bootstrap-grid.min.css",
        "bootstrap/bootstrap-reboot.min.css",
        "icons/LICENSE",
        "icons/icons.svg",
        "tinos/LICENSE",
        "tinos/Tinos_400Regular.ttf",
        "tinos/Tinos_400Regular_Italic.ttf",
        "tinos/Tinos_700Bold.ttf",
        "tinos/Tinos_700Bold_Italic.ttf",
    ]


def widths(font: TTFont) -> dict[int, int]:
    """How far each letter moves the line."""
    return {letter: font["hmtx"][glyph][0] for letter, glyph in font.getBestCmap().items()}


def test_screen_font_keeps_every_letter_in_half_the_bytes(collected: Path) -> None:
    for shipped in (MODULES / "@fontsource" / "be-vietnam-pro" / "files").glob("*-[46]00-normal.woff2"):
        made = collected / "be-vietnam-pro" / "files" / shipped.name
        if "-ext-" in shipped.name:
            continue
        with TTFont(shipped) as before, TTFont(made) as after:
            assert widths(after) == widths(before)
        assert made.stat().st_size < 0.6 * shipped.stat().st_size


def test_first_load_of_the_scoring_sheet_fits_in_100_kilobytes(collected: Path) -> None:
    """All but the page itself, compressed as it is served: a page of 30 criteria is left 15 kB."""
    static = ROOT / "static"
    scripts = ("app", "say", "sheet", "rows", "outbox", "queue", "queue_line", "send", "keys", "parts", "paste")
    compressed = [
        *(collected / "bootstrap" / f"bootstrap-{part}.min.css" for part in ("reboot", "grid")),
        collected / "icons" / "icons.svg",
        *(static / "css" / f"{name}.css" for name in ("app", "unit")),
        *(static / "js" / f"{name}.js" for name in scripts),
        *(static / "img" / f"{name}.svg" for name in ("mark", "favicon")),
    ]
    fonts = (collected / "be-vietnam-pro" / "files").glob("*.woff2")
    size = sum(len(gzip.compress(path.read_bytes())) for path in compressed)
    assert size + sum(path.stat().st_size for path in fonts) <= 85_000


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
    with pytest.raises(MissingAsset, match=r"bootstrap-reboot\.min\.css"):
        assets.collect(tmp_path / "nothing", target)
    assert (target / "old.js").read_text(encoding="utf-8") == "x"


def test_bootstrap_names_no_source_map(collected: Path) -> None:
    for name in ("bootstrap-reboot.min.css", "bootstrap-grid.min.css"):
        assert "sourceMappingURL" not in (collected / "bootstrap" / name).read_text(encoding="utf-8")


def test_stylesheet_names_only_shipped_files(collected: Path) -> None:
    sheet = (ROOT / "static" / "css" / "app.css").read_text(encoding="utf-8")
    names = re.findall(r"""url\(["']?\.\./vendor/([^"')]+)""", sheet)
    assert len(names) == 4
    assert [name for name in names if not (collected / name).is_file()] == []


def test_templates_name_only_shipped_files(collected: Path) -> None:
    pattern = re.compile(r"""{%\s*static\s+["']vendor/([^"']+)""")
    names = {name for path in templates() for name in pattern.findall(path.read_text(encoding="utf-8"))}
    assert [name for name in sorted(names) if not (collected / name).is_file()] == []


def test_icons_sprite_holds_exactly_the_list(collected: Path) -> None:
    sprite = ElementTree.parse(collected / "icons" / "icons.svg").getroot()
    assert [symbol.attrib["id"] for symbol in sprite] == assets.icon_names()


def test_icons_list_is_sorted_without_repeats() -> None:
    names = assets.icon_names()
    assert names == sorted(set(names))


def test_icons_named_in_templates_are_in_the_list() -> None:
    used = {name for path in templates() for name in ICON_TAG.findall(path.read_text(encoding="utf-8"))}
    assert used - set(assets.icon_names()) == set()
