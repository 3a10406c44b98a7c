"""Columns of a history: the series that a brand may have kept, and their names."""

from __future__ import annotations

from sim.market.outputs import TIERS, WEEKLY

__all__ = ["CALLED", "OF_TIERS", "TIMES", "how_read"]

TIMES: dict[str, tuple[str, ...]] = {
    "month": ("月份", "月", "年月", "统计月份"),
    "week": ("周", "周次", "week beginning", "日期", "date"),
}
"""Columns that hold the month or week of a row, and what else they are called."""

CALLED: dict[str, tuple[str, ...]] = {
    "sell_in": ("出货量", "发货量", "渠道进货量", "进货量", "渠道进货", "出货", "发货"),
    "sell_through": ("终端销量", "动销量", "实销量", "零售量", "动销"),
    "resellers_active": ("代理数", "代理人数", "在册代理数", "在册代理", "活跃代理数"),
    "joins": ("新增代理数", "新增代理", "新代理数", "加入代理数", "加入"),
    "exits": ("流失代理数", "退出代理数", "流失代理", "退代人数", "退出"),
    "inventory_channel": ("渠道库存", "代理库存", "社会库存"),
    "inventory_factory": ("总部库存", "工厂库存", "公司库存"),
    "price_street_mean": ("市场价", "实际售价", "平均零售价", "实付价", "平均实付价", "成交价"),
    "price_street_min": ("最低价", "最低实付价", "最低成交价"),
    "revenue_brand": ("品牌收入", "公司收入", "回款", "营业收入"),
    "profit_brand": ("品牌利润", "公司利润"),
    "new_customers": ("新客数", "新增客户数", "新增顾客"),
    "direct_sales": ("直营销量", "官方销量"),
    "bought_back": ("回购量", "退货量"),
    "refunds": ("回购款", "退货款"),
    "lost_sales": ("缺货量",),
    "awareness": ("知名度", "认知率"),
    "trust_mean": ("信任度", "信任", "对渠道的信任"),
    "satisfaction_mean": ("满意度",),
    "members": ("社群人数", "会员数"),
    "orders": ("订货量", "订单量"),
    "inventory": ("库存",),
    "resellers": ("代理",),
}
"""Chinese names of weekly columns, in addition to their own names."""

OF_TIERS = {"sell_in": "shipments", "sell_through": "sales", "resellers_active": "resellers",
            "inventory_channel": "inventory"}
"""Columns of the table of tiers for series of the whole market: ``sell_in@TIER`` reads ``shipments``."""

STOCKS = frozenset({
    "resellers_active", "resellers_lost_money", "resellers_earned_nothing", "members", "preorders",
    "communities", "resellers", "inventory",
    *(column.name for column in WEEKLY if column.name.startswith(("inventory_", "stage_", "form_")))})
"""Stocks, of which a month has the last value; flows and money are summed, all others are averaged."""


def how_read(column: str) -> str:
    """Return how the weeks of a month are combined: ``end``, ``sum`` or ``mean``."""
    if column in STOCKS:
        return "end"
    units = {one.name: one.unit for one in (*WEEKLY, *TIERS)}
    adds = units.get(column) in ("persons", "units", "fen") and not column.startswith("price_") \
        and column != "wom_reproduction"
    return "sum" if adds else "mean"
