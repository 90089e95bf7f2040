"""Copies the few files that pages and documents load from `node_modules` to `static/vendor`.

Run by `make setup` as `python -m config.assets`, before Django is asked for anything. There is no build step:
what a page loads is what the package ships, less the source maps and what the screen font does not need there, and
the chosen icons as one sprite.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

BASE_DIR = Path(__file__).resolve().parent.parent
ICON_LIST = Path(__file__).with_name("icons.txt")
BOOTSTRAP_PARTS = ("reboot", "grid")
FONT_WEIGHTS = (400, 600)
FONT_SUBSETS = ("vietnamese", "latin")
FONT_FEATURES = ("ccmp", "locl", "kern", "mark", "mkmk")
DOCUMENT_FONTS = ("400Regular", "400Regular_Italic", "700Bold", "700Bold_Italic")
SVG = "http://www.w3.org/2000/svg"
_SOURCE_MAP = re.compile(r"^/[/*]# sourceMappingURL=.*$\n?", re.MULTILINE)


class MissingAsset(Exception):
    """A package does not hold a file that pages need; the message names it."""


def collect(modules: Path, target: Path) -> list[Path]:
    """Replace `target` by a fresh copy of every asset and return the files written.

    Raises MissingAsset, leaving the old copy in place, when a package lacks a file.
    """
    staging = target.with_name(f"{target.name}.new")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    _bootstrap(modules / "bootstrap", staging / "bootstrap")
    _screen_font(modules / "@fontsource" / "be-vietnam-pro", staging / "be-vietnam-pro")
    _document_font(modules / "@expo-google-fonts" / "tinos", staging / "tinos")
    _icons(modules / "bootstrap-icons", staging / "icons")
    shutil.rmtree(target, ignore_errors=True)
    staging.rename(target)
    return sorted(path for path in target.rglob("*") if path.is_file())


def icon_names() -> list[str]:
    """Names in `icons.txt`; a template may use only these."""
    return ICON_LIST.read_text(encoding="utf-8").split()


def _read(path: Path) -> str:
    if not path.is_file():
        raise MissingAsset(f"Thiếu {path}: chạy `npm ci` trước.")
    return path.read_text(encoding="utf-8")


def _copy(source: Path, target: Path) -> None:
    if not source.is_file():
        raise MissingAsset(f"Thiếu {source}: chạy `npm ci` trước.")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _bootstrap(package: Path, target: Path) -> None:
    target.mkdir(parents=True)
    for part in BOOTSTRAP_PARTS:
        name = f"bootstrap-{part}.min.css"
        # The manifest storage refuses a reference to a source map that is not collected.
        content = _SOURCE_MAP.sub("", _read(package / "dist" / "css" / name))
        (target / name).write_text(content, encoding="utf-8")
    _copy(package / "LICENSE", target / "LICENSE")


def _screen_font(package: Path, target: Path) -> None:
    """Every glyph of the package without instructions for coarse screens and without fractions: half the bytes."""
    options = Options(flavor="woff2", hinting=False, layout_features=FONT_FEATURES, notdef_outline=True)
    for weight in FONT_WEIGHTS:
        for subset in FONT_SUBSETS:
            name = f"be-vietnam-pro-{subset}-{weight}-normal.woff2"
            _copy(package / "files" / name, target / "files" / name)
            with TTFont(target / "files" / name) as font:
                subsetter = Subsetter(options)
                subsetter.populate(unicodes=font.getBestCmap())
                subsetter.subset(font)
                font.flavor = "woff2"
                font.save(target / "files" / name)
    _copy(package / "LICENSE", target / "LICENSE")


def _document_font(package: Path, target: Path) -> None:
    for style in DOCUMENT_FONTS:
        _copy(package / style / f"Tinos_{style}.ttf", target / f"Tinos_{style}.ttf")
    _copy(package / "LICENSE_FONT", target / "LICENSE")


def _icons(package: Path, target: Path) -> None:
    ElementTree.register_namespace("", SVG)
    sprite = ElementTree.Element(f"{{{SVG}}}svg")
    for name in icon_names():
        icon = ElementTree.fromstring(_read(package / "icons" / f"{name}.svg"))  # noqa: S314 (hash-locked package)
        symbol = ElementTree.SubElement(
            sprite,
            f"{{{SVG}}}symbol",
            {"id": name, "viewBox": icon.attrib["viewBox"], "fill": "currentColor"},
        )
        symbol.extend(list(icon))
    target.mkdir(parents=True, exist_ok=True)
    ElementTree.indent(sprite, space="")
    ElementTree.ElementTree(sprite).write(target / "icons.svg", encoding="utf-8")
    _copy(package / "LICENSE", target / "LICENSE")


def main() -> int:
    """Collect and say what was written; 1 with the reason when a package is incomplete."""
    try:
        files = collect(BASE_DIR / "node_modules", BASE_DIR / "static" / "vendor")
    except MissingAsset as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"static/vendor: {len(files)} tệp, {sum(f.stat().st_size for f in files) // 1024} kB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
