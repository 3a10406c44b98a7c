"""A made-up face-mask brand: its scenario, and rosters as its office might keep them."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

SCENARIO: dict[str, Any] = {
    "persons": 2000, "weeks": 8, "calendar": {"first_week": "2025-01-06"},
    "tiers": [
        {"name": {"en": "chief", "zh": "总代"}, "price": 60.0, "first_order": 300},
        {"name": {"en": "first", "zh": "一级"}, "price": 75.0, "first_order": 100},
        {"name": {"en": "second", "zh": "二级"}, "price": 90.0, "first_order": 30},
        {"name": {"en": "agent", "zh": "特约"}, "price": 110.0, "first_order": 10},
    ],
    "offer": {"list_price": 198.0, "unit_cost": 12.0},
}
TIERS = ("总代", "一级", "二级", "特约")


def roster_rows(count: int, seed: int = 1) -> list[list[str]]:
    """Return a roster of `count` resellers with Chinese headings."""
    luck = random.Random(seed)
    rows = [["编号", "上级", "级别", "库存", "加入日期"]]
    for number in range(count):
        rung = min(3, int(4 * number / count) if number else 0)
        above = [other for other in range(number) if int(4 * other / count) < rung]
        stock = luck.randrange(0, (600, 200, 60, 20)[rung])
        rows.append([
            f"A{number:05}", f"A{luck.choice(above):05}" if above else "", TIERS[rung],
            f"{stock / 10_000}万" if stock >= 500 else f"{stock:,}",
            f"2024/{luck.randrange(1, 13)}/{luck.randrange(1, 29)}"])
    return rows


def write_csv(path: Path, rows: list[list[str]], encoding: str = "utf-8-sig") -> Path:
    """Write rows as a comma-separated table."""
    path.write_bytes("\r\n".join(
        ",".join(f'"{cell}"' if "," in cell else cell for cell in row) for row in rows
    ).encode(encoding))
    return path
