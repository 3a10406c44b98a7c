"""Make the font of our pictures: a subset of Noto Sans CJK SC, kept beside this file.

Run once, on a machine with Debian's package fonts-noto-cjk and fontTools:
``python sim/views/fonts/make.py``. It keeps GB 2312 (everyday simplified Chinese), ASCII and
Latin-1, and the few symbols that our labels use; hinting and layout tables are dropped.
"""

from __future__ import annotations

import sys
from pathlib import Path

SOURCE = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
SIMPLIFIED_CHINESE = "Noto Sans CJK SC"
FAMILY = "Weishang Sans"
SIGNS = "–—‘’“”…‰€−×±≤≥≠≈→←↑↓·•△▲▼●○■□◆◇★☆αβγδΔλμσΣ①②③④⑤⑥⑦⑧⑨⑩¥￥°²³½κρ"


def characters() -> set[int]:
    """Return the code points that the subset keeps."""
    kept = set(range(0x20, 0x7F)) | set(range(0xA0, 0x100)) | {ord(sign) for sign in SIGNS}
    for row in range(0xA1, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                kept.add(ord(bytes([row, cell]).decode("gb2312")))
            except UnicodeDecodeError:
                continue
    return kept


def main(source: Path = SOURCE) -> None:
    """Write WeishangSans-Regular.otf beside this file."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTCollection

    font = next(
        face for face in TTCollection(source).fonts
        if face["name"].getDebugName(1) == SIMPLIFIED_CHINESE
    )
    options = Options(
        hinting=False, layout_features=[], glyph_names=False, notdef_outline=True,
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 7, 13, 14], name_languages=[0x409],
        drop_tables=["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG"],
        desubroutinize=False,
    )
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters())
    subsetter.subset(font)
    # The licence asks for another name for a modified font; ours also never clashes with an
    # installed font of the same name.
    for record in font["name"].names:
        if record.nameID in (1, 3, 4):
            record.string = FAMILY if record.nameID != 3 else f"{FAMILY} (GB 2312 subset)"
        if record.nameID == 6:
            record.string = FAMILY.replace(" ", "") + "-Regular"
    top = font["CFF "].cff
    top.fontNames[0] = FAMILY.replace(" ", "") + "-Regular"
    target = Path(__file__).with_name("WeishangSans-Regular.otf")
    font["head"].modified = font["head"].created
    font.recalcTimestamp = False
    font.save(target)
    sys.stdout.write(f"{target.name}: {target.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
