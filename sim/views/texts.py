"""Every word on pictures and pages, in English and Chinese, in one place.

A text is looked up by its key; a column of a table that has no text of its own is shown by its
name, so that columns of custom rules appear as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.errors import UsageError
from sim.texts import language as language_in_use
from sim.views.further_texts import FURTHER_COLUMNS
from sim.views.live_texts import LIVE

__all__ = ["LANGUAGES", "TEXTS", "column", "language", "large", "text", "text_of"]

LANGUAGES = ("en", "zh")

COLUMNS: dict[str, tuple[str, str]] = {
    "week": ("week", "周"),
    "resellers_active": ("active resellers", "在册代理"),
    "joins": ("joins", "加入"),
    "exits": ("exits", "退出"),
    "sell_in": ("sell-in (into the channel)", "进货量（进入渠道）"),
    "sell_through": ("sell-through (to consumers)", "动销量（到消费者）"),
    "self_consumed": ("kept for own use", "自用"),
    "dumped": ("dumped by leavers", "退出者甩货"),
    "trials": ("given away to try", "品牌送出的试用装"),
    "direct_sales": ("sold by the brand itself", "品牌直销量"),
    "bought_back": ("bought back by the brand", "品牌回购"),
    "written_off": ("written off", "报废"),
    "lost_sales": ("lost sales", "缺货损失"),
    "produced": ("produced", "生产量"),
    "consumed": ("consumed", "消耗量"),
    "inventory_factory": ("factory", "工厂"),
    "inventory_transit": ("on the way", "在途"),
    "inventory_channel": ("channel inventory", "渠道库存"),
    "inventory_active": ("active resellers", "在册代理手中"),
    "inventory_leavers": ("leavers", "退出者手中"),
    "inventory_homes": ("homes", "消费者家中"),
    "weeks_of_supply": ("weeks of supply", "库存可售周数"),
    "fill_rate": ("fill rate", "满足率"),
    "price_list": ("list price", "标价"),
    "price_street_mean": ("street price, mean paid", "平均实付价"),
    "price_street_min": ("street price, lowest paid", "最低实付价"),
    "price_asked_mean": ("asking price, mean", "平均报价"),
    "price_wholesale_low": ("wholesale, lowest tier", "末级代理拿货价"),
    "revenue_brand": ("brand revenue", "品牌收入"),
    "profit_brand": ("brand: profit", "品牌：利润"),
    "revenue_retail": ("retail revenue", "零售收入"),
    "revenue_dumped": ("revenue of dumping", "甩货收入"),
    "retail_margin_resellers": ("resellers: retail margin", "代理：零售毛利"),
    "upline_payments": ("resellers: payments from downlines", "代理：来自下级的收入"),
    "entry_payments": ("entry payments", "入门款"),
    "recruiting_share": ("recruiting share of resellers' revenue", "代理收入中的招人占比"),
    "resellers_lost_money": ("resellers who lost money", "亏了钱的代理"),
    "resellers_earned_nothing": ("resellers who earned nothing", "分文未赚的代理"),
    "loss_share": ("not in profit, of all who ever joined", "历来加入者中未盈利的占比"),
    "awareness": ("awareness", "知晓率"),
    "trust_mean": ("trust in the channel", "对渠道的信任"),
    "quality_true": ("true quality", "真实品质"),
    "quality_perceived": ("perceived quality", "感知品质"),
    "satisfaction_mean": ("satisfaction of buyers", "买家满意度"),
    "muted_share": ("contacts who mute their seller", "屏蔽卖家的联系人"),
    "stage_stranger": ("strangers", "陌生人"),
    "stage_customer": ("customers", "顾客"),
    "stage_user": ("users", "用户"),
    "stage_fan": ("fans", "粉丝"),
    "stage_geek": ("geeks", "极客"),
    "communities": ("communities", "社群"),
    "customers_lost": ("customers lost", "流失顾客"),
    "new_customers": ("new customers", "新顾客"),
    "purchases_broadcast": ("heard from the brand", "来自品牌传播"),
    "purchases_seller": ("approached by a seller", "来自卖家推销"),
    "purchases_word_of_mouth": ("word of mouth", "来自口碑"),
    "purchases_legacy": ("legacy channel", "来自原有渠道"),
    "wom_reproduction": ("people convinced by one customer", "每位顾客带来的新顾客"),
    "wom_reproduction_unaware": (
        "people convinced by one customer, if nobody knew the product", "无人知晓产品时每位顾客带来的新顾客"),
    "knowledge": ("knowledge of customers", "对顾客的了解"),
    "forecast_error": ("forecast error", "预测误差"),
    "product_distance": ("distance of product to tastes", "产品与口味的距离"),
    "consumer_surplus": ("consumer surplus", "消费者剩余"),
    "profit_legacy": ("legacy channel", "原有渠道"),
    "bullwhip": ("bullwhip ratio", "牛鞭系数"),
    "resellers": ("resellers", "代理"),
    "inventory": ("inventory", "库存"),
    "orders": ("orders", "订货"),
    "profit": ("profit", "盈亏"),
    "cannibalised": ("taken from the legacy channel", "抢走的原渠道销量"),
    "members": ("community members", "社群成员"),
    "preorders": ("pre-orders", "预订"),
    "versions": ("product versions", "产品版本"),
    "service": ("service", "服务"),
    "quality_spread": ("spread of perceived quality", "感知品质的离散"),
    "data_shared": ("shared (community)", "共享数据（社群）"),
    "data_crowd": ("crowd-sourced (geeks)", "众包数据（极客）"),
    "data_experience": ("experience (fans)", "体验数据（粉丝）"),
    "data_behaviour": ("behaviour (users)", "行为数据（用户）"),
    "data_profile": ("customer profile", "全息客户画像"),
    **FURTHER_COLUMNS,
}

PICTURES: dict[str, tuple[str, str]] = {
    "inventory": ("Inventory by place", "各处库存"),
    "inventory_by_tier": ("Inventory of active resellers, by tier", "在册代理库存（按层级）"),
    "weeks_of_supply": ("Channel inventory in weeks of sales", "渠道库存可售周数"),
    "churn": ("Active resellers by tier", "在册代理人数（按层级）"),
    "joins_exits": ("Joins and exits", "加入与退出"),
    "still_selling": ("Still selling, by weeks since joining", "仍在销售的占比（按加入后周数）"),
    "goods_flow": ("Where the goods went", "货去哪了"),
    "money_flow": ("Where the money came from and went", "钱从哪来、到哪去"),
    "fan": ("Fan over the runs", "多次运行的扇形图"),
    "cannibalisation": ("The legacy channel, and what was bought elsewhere instead",
                        "原有渠道的销量与被抢走的销量"),
    "survival": ("Still selling, by quarter of joining", "留存率（按加入季度）"),
    "sell_through": ("Sell-in against sell-through", "进货与动销"),
    "sell_through_cumulative": ("Taken and sold by the channel so far", "渠道累计进货与卖出"),
    "sell_through_rate": ("Sell-through rate of the channel so far", "渠道累计动销率"),
    "live_resellers": ("Resellers", "代理人数"),
    "prices": ("Prices", "价格"),
    "money": ("Who has earned so far", "累计收益归谁"),
    "lorenz": ("How unequal resellers' income is", "代理收入的不平等（洛伦兹曲线）"),
    "loss_by_cohort": ("Who lost money, by quarter of joining", "亏钱占比（按加入季度）"),
    "profit_by_tier": ("Profit and loss of resellers, by tier", "代理盈亏（按层级）"),
    "recruiting": ("Recruiting, and who is not in profit", "招人收入与未盈利者"),
    "minds": ("Trust, satisfaction, muting", "信任、满意与屏蔽"),
    "quality": ("Perceived against true quality", "感知品质与真实品质"),
    "funnel": ("The five stages", "五个阶段"),
    "stages": ("Customers, users, fans, geeks", "顾客、用户、粉丝、极客"),
    "customer_flows": ("Customers won and lost", "顾客的获得与流失"),
    "sources": ("Purchases by where people heard of it", "购买来源"),
    "word_of_mouth": ("Word-of-mouth reproduction", "口碑裂变系数"),
    "learning": ("What the brand knows", "品牌的认知"),
    "data_stocks": ("Data that customers leave", "顾客留下的数据"),
    "forecasting": ("Forecast error", "预测误差"),
    "product": ("Product and tastes", "产品与口味"),
    "bullwhip": ("Bullwhip: variance of orders over demand", "牛鞭效应：订货方差与需求方差之比"),
    "tree": ("Sponsor tree", "推荐关系树"),
    "network": ("Part of the social network", "社交网络局部"),
    "rivals": ("Shares of the brand and its rivals", "本品牌与竞品的销量占比"),
    "rival_prices": ("Prices of the brand and its rivals", "本品牌与竞品的价格"),
    "funding": ("Money of the brand", "品牌的钱"),
    "fan_money": ("Money of its fans so far", "粉丝资金累计"),
    "traffic": ("Traffic a week", "每周流量费"),
    "followers": ("Who follow the brand's own media", "关注品牌自媒体的人"),
    "diverted": ("Units sold, diverted and dumped", "卖出、窜货与甩货"),
    "shown": ("Faked performance", "虚假业绩"),
    "circles": ("Four kinds of circles", "四类圈层"),
    "conversion": ("Who buys a week, by circle", "各圈层每周购买占比"),
    "orders_of_cells": ("Cells with an order of their own", "有自己订单的社群"),
    "range_bored": ("Who has bought the whole range", "买遍产品线的人"),
    "survey_answers": ("What surveys confirm, and the truth", "调研认同与真相"),
    "channels": ("Both channels", "两个渠道"),
    "equity": ("What the name has gathered", "品牌的积累"),
    "comparison": ("Comparison", "对比"),
    "difference": ("Paired difference", "配对差异"),
    "differences": ("Paired differences of key figures", "关键指标的配对差异"),
    "response": ("Response to a setting", "随参数的变化"),
    "phase_map": ("Phase map", "相图"),
}

WORDS: dict[str, tuple[str, str]] = {
    "units": ("units", "件"),
    "units a week": ("units a week", "件/周"),
    "persons": ("persons", "人"),
    "persons a week": ("persons a week", "人/周"),
    "share": ("share", "占比"),
    "weeks": ("weeks", "周"),
    "records": ("records per 1,000 persons", "条/千人"),
    "ratio": ("ratio", "倍"),
    "taste distance": ("taste distance", "口味距离"),
    "yuan": ("yuan", "元"),
    "thousand": ("thousand {unit}", "千{unit}"),
    "million": ("million {unit}", "百万{unit}"),
    "wan": ("ten thousand {unit}", "万{unit}"),
    "yi": ("hundred million {unit}", "亿{unit}"),
    "week axis": ("week", "周"),
    "month axis": ("month", "月"),
    "date": ("date", "日期"),
    "a week": (", a week", "（每周）"),
    "posterior": ("What is plausible once the data are seen (line: before)",
                  "看到数据之后哪些取值合理（横线：之前）"),
    "fit_title": ("Data (red) and what the plausible worlds bring (blue: 90 %)",
                  "数据（红）与合理世界的结果（蓝：90 %）"),
    "learnt_title": ("What the data told about each setting (grey: nothing)",
                     "数据对每项设置说明了多少（灰：没有）"),
    "learnt_axis": ("share of the prior variance taken away, %", "先验方差被消去的比例，%"),
    "weeks since joining": ("weeks since joining", "加入后的周数"),
    "joined in weeks": ("joined in weeks", "加入时间（周）"),
    "weeks a-b": ("weeks {a}–{b}", "第 {a}–{b} 周"),
    "all": ("all", "全部"),
    "gap": ("gap", "缺口"),
    "unsold": ("loaded, not sold", "压在渠道，未售出"),
    "rate now": ("{rate} sold", "已售 {rate}"),
    "tier n": ("tier {n}", "第 {n} 级"),
    "brand": ("brand", "品牌"),
    "left": ("left (hollow)", "已退出（空心）"),
    "shown of": ("{shown} of {all} resellers shown", "显示 {all} 名代理中的 {shown} 名"),
    "band": ("median and 10–90% of {n} runs", "中位数及 10–90% 区间（{n} 次运行）"),
    "thin lines": ("median of {n} runs; thin: single runs", "{n} 次运行的中位数；细线为单次运行"),
    "multiples": ("one plan a panel; grey: the other plans, medians",
                  "每格一个方案；灰线为其他方案的中位数"),
    "same luck": ("same persons, same luck", "相同的人群与随机数"),
    "median": ("median", "中位数"),
    "data": ("observed", "实际数据"),
    "fan outer": ("middle 90% of the runs", "中间 90% 的运行"),
    "fan inner": ("middle 50% of the runs", "中间 50% 的运行"),
    "half left": ("half have left after {n} weeks", "{n} 周后一半已退出"),
    "at risk": ("below: how many are watched that long", "下方数字：观察到该时长的人数"),
    "nobody joined": ("nobody became a reseller", "没有人成为代理"),
    "no legacy channel": ("there is no legacy channel in this market", "这个市场没有原有渠道"),
    "nothing left": ("no unit left the brand", "品牌没有发出一件货"),
    "flow direct": ("delivered by the brand", "品牌直接发货"),
    "flow channel": ("shipped to the channel", "发入渠道"),
    "flow bought": ("bought by consumers", "消费者买走"),
    "flow stock": ("still with resellers", "仍在代理手中"),
    "flow stuck": ("stuck with leavers", "积压在退出者手中"),
    "flow dumped": ("dumped by leavers", "退出者甩货"),
    "flow back": ("bought back by the brand", "品牌回购"),
    "flow rest": ("own use, spoilt, on the way", "自用、报废、在途"),
    "flow consumers": ("paid by consumers", "消费者支付"),
    "flow losers": ("lost by resellers", "代理亏掉的钱"),
    "flow brand money": ("the brand's own money", "品牌自己的钱"),
    "flow others": ("paid by others", "其他来源"),
    "flow brand": ("profit of the brand", "品牌利润"),
    "flow winners": ("gained by resellers", "代理赚到的钱"),
    "flow costs": ("goods, transport, media, others", "生产、物流、投放及其他"),
    "pot": ("", ""),
    "few seeds": ("{n} runs: median, thin lines single runs; areas: mean",
                  "{n} 次运行：中位数，细线为单次运行；面积为平均"),
    "many seeds": ("{n} runs: median, 10–90% band; areas: mean",
                   "{n} 次运行：中位数与 10–90% 区间；面积为平均"),
    "mean of seeds": ("mean of {n} runs", "{n} 次运行的平均"),
    "seed": ("seed {n}", "种子 {n}"),
    "market": ("{persons} persons, {weeks} weeks", "{persons} 人，{weeks} 周"),
    "equality": ("equality", "完全平等"),
    "share of resellers": ("share of resellers, poorest first", "代理累计占比（由少到多）"),
    "share of income": ("share of income", "收入累计占比"),
    "own_retail_margin": ("own retail margin", "自己的零售毛利"),
    "from downlines": ("payments from downlines", "来自下级的收入"),
    "gini": ("{what} (Gini {value})", "{what}（基尼 {value}）"),
    "over-estimated": ("over-estimated", "被高估"),
    "under-estimated": ("under-estimated", "被低估"),
    "one": ("1: no amplification", "1：无放大"),
    "fission": ("1: grows by itself", "1：可自我增长"),
    "minus": ("{a} minus {b}", "{a} 减 {b}"),
    "nothing": ("nothing to show", "没有可显示的内容"),
    "no stock": ("0 units: sellers hold no stock", "0 件：卖家不囤货"),
    "worth": ("cash in minus cash out; logarithmic beyond 1,000 yuan",
              "现金收入减现金支出；超过 1,000 元为对数刻度"),
    "event": ("{mark} week {week}: {note}", "{mark} 第 {week} 周：{note}"),
    "dated event": ("{mark} {week}: {note}", "{mark} {week}：{note}"),
    "change": ("settings change", "规则改变"),
    "partial": ("{done} of {all} runs", "已完成 {all} 次运行中的 {done} 次"),
    "in loss": ("lost money", "亏钱"),
    "ever joined n": ("{n} joined", "{n} 人加入"),
    "hollow": ("hollow: too young or too few to tell", "空心：时间太短或人数太少"),
    "bars": ("numbers on bars: people who joined", "柱上数字：加入人数"),
    "at week": ("week {week}", "第 {week} 周"),
    "joined in": ("joined in", "加入时间"),
    "stock_pressure": ("stock pressure", "压货力度"),
    "information_asymmetry": ("information asymmetry", "信息不对称"),
    "feedback": ("feedback", "反馈强度"),
    "regime from": ("{regime} from week {week}", "{regime}（第 {week} 周起）"),
    "of a sweep": ("the runs of a sweep have different settings and are no repetitions; draw one "
                   "setting (results.result(...)), or the figure of the sweep",
                   "扫描中的各次运行参数不同，不是重复运行；请只画一组参数（results.result(...)），或画扫描图"),
    "brand's money": ("Brand's money so far", "品牌累计利润"),
    "profit so far": ("Profit of the brand so far", "品牌累计利润"),
    "caption": ("weishang {version} · seeds {seeds} · model code {code} · a simulation, not a forecast",
                "weishang {version} · 种子 {seeds} · 模型代码 {code} · 模拟结果，并非预测"),
    "msg no stock": ("0 units in the channel: sellers hold no stock", "渠道 0 件：卖家不囤货"),
    "msg rate": ("The channel sold {rate} of what it took and kept", "渠道卖出了净进货的 {rate}"),
    "msg unsold": ("{stock} units lie in the channel, {share} of what it took and kept",
                   "渠道中压着 {stock} 件，占净进货的 {share}"),
    "msg churn": ("{joined} became resellers, {end} still sell at the end",
                  "{joined} 人成为代理，期末仍在销售的有 {end} 人"),
    "msg prices": ("People pay {street} yuan at the end (list price {list}); trust went from {before} to "
                   "{after}", "期末实付价 {street} 元（标价 {list} 元）；信任从 {before} 变为 {after}"),
    "msg money gain": ("The brand gains; {lost} of its resellers lose money",
                       "品牌盈利；{lost} 的代理亏钱"),
    "msg money loss": ("The brand loses; {lost} of its resellers lose money, too",
                       "品牌亏损；{lost} 的代理也亏钱"),
    "figure.inventory": ("Inventory", "库存"), "figure.churn": ("Resellers", "代理"),
    "figure.sell_through": ("Sell-in and sell-through", "进货与动销"),
    "figure.prices_and_trust": ("Prices and trust", "价格与信任"),
    "figure.money": ("Money", "资金"), "figure.customers": ("Customers", "顾客"),
    "figure.quality_and_learning": ("Quality and learning", "品质与学习"),
    "figure.lorenz_and_bullwhip": ("Inequality and bullwhip", "不平等与牛鞭效应"),
    "figure.goods_flow": ("Where the goods went", "货去哪了"),
    "figure.money_flow": ("Where the money went", "钱去哪了"),
    "figure.funding": ("Funding", "融资"), "figure.own_traffic": ("Own traffic", "自有流量"),
    "figure.diversion": ("Diversion and faked performance", "窜货与虚假业绩"),
    "figure.circles": ("Circles", "圈层"), "figure.sourcing": ("Supplier of its users", "自己用户的供应商"),
    "figure.channels": ("Channels", "渠道"), "figure.surveys": ("Surveys", "调研"),
    "cells": ("cells", "个社群"),
    "figure.rivals": ("Rival brands", "竞品"),
    "no such rule": ("no rule of this market is about that", "这个市场没有用到相关规则"),
    "figure.tree": ("Who recruited whom", "谁招了谁"),
    "sampled": ("dots: the settings that were run", "圆点：实际运行的参数"),
    "baseline": ("baseline", "基准"),
    "no picture": ("no picture '{name}'; {hint}there are: {names}",
                   "没有名为 '{name}' 的图；{hint}可选：{names}"),
    "no figure": ("no figure '{name}'; {hint}there are: {names}",
                  "没有名为 '{name}' 的组图；{hint}可选：{names}"),
    "did you mean": ("did you mean '{near}'? ", "是否指 '{near}'？"),
    "no scenario": ("no scenario '{name}' in the results; there are: {names}",
                    "结果中没有方案 '{name}'；可选：{names}"),
    "one scenario": ("this picture shows one scenario; choose one of: {names}",
                     "此图只显示一个方案；请从中选择：{names}"),
    "no table": ("this needs the table '{name}', which the results do not have",
                 "需要表 '{name}'，但结果中没有"),
    "no pairs": ("'{a}' and '{b}' share no seed and week: nothing to pair",
                 "'{a}' 与 '{b}' 没有共同的种子和周，无法配对"),
    "interval": ("mean and 95% interval", "均值及 95% 区间"),
    "points": ("percentage points", "百分点"),
    "relative": ("difference relative to {b}", "相对 {b} 的差异"),
    "turning points of": ("Turning points: {name}", "转折点：{name}"),
    "turning axis": ("week; a dot is one of {n} runs, the bar their median",
                     "周；每个圆点是 {n} 次运行之一，竖线为中位数"),
    "waterfall": ("One change at a time, in the given order", "按给定顺序逐项改变"),
    "worth on average": ("Worth on average over {n} orders", "{n} 种顺序下的平均作用"),
    "filled and hollow": ("dot: average with 95% interval; diamond: as the only change",
                          "圆点：平均值及 95% 区间；菱形：单独改变时"),
    "cause map": ("What acts on what", "什么影响什么"),
    "cause map key": ("colours: loops as beside; the wider, the larger the share; pale: may be chance",
                      "颜色对应右侧的回路；越粗贡献越大；浅色：可能只是运气"),
    "loop shares": ("Share of each loop, with 95% interval", "每个回路的贡献及 95% 区间"),
    "loop shares key": ("+ reinforces itself, − holds itself back", "+ 自我增强，− 自我抑制"),
    "decision values": ("bar: mean; diamond: worst tenth", "竖线：平均；菱形：最差的一成"),
    "decision regret": ("How far behind the best plan", "比最佳方案差多少"),
    "decision regret key": ("orange: mean with interval; grey: largest", "橙色：平均及区间；灰色：最大"),
    "decision chances": ("Chances, with 95% intervals", "概率及 95% 区间"),
    "decision best": ("is the best plan", "是最佳方案"),
    "decision met": ("meets the conditions", "满足条件"),
    "no box": ("there is no box to draw: no part of the space of worlds stands out",
               "没有可画的区域：世界的空间里没有哪一部分特别突出"),
    "box best": ("best there ({n} worlds)", "在那里最佳（{n} 个世界）"),
    "box beaten": ("beaten there ({n} worlds)", "在那里被超过（{n} 个世界）"),
    "box met": ("meets the conditions ({n} worlds)", "满足条件（{n} 个世界）"),
    "box missed": ("misses a condition ({n} worlds)", "不满足某个条件（{n} 个世界）"),
    "tornado": ("What moves it: {what}", "什么在影响：{what}"),
    "tornado axis": ("mean move over the setting's range, 95% interval; grey: cannot be told from luck",
                     "在参数范围内的平均变动及 95% 区间；灰色：与运气分不开"),
    "tornado sobol": ("share of the variation, 95% interval; dark: by the setting itself",
                      "占总变动的比例及 95% 区间；深色：参数自身的作用"),
    "tipping title": ("Where it tips: {what}", "在哪里翻转：{what}"),
    "tipping axis": ("seeds for which it holds, 95% intervals", "成立的种子占比及 95% 区间"),
    "tipping half": ("half of the seeds", "一半的种子"),
    "tipping crossing": ("crossing, 95% interval", "翻转处的 95% 区间"),
    "search best": ("best point", "最佳点"),
    "search nearest": ("nearest to the conditions", "最接近条件的点"),
    "search missed": ("misses the conditions", "不满足条件"),
    "search met": ("meets the conditions", "满足条件"),
    "pilot title": ("What a pilot is worth: {what}", "试点值多少：{what}"),
    "pilot fixed": ("without a pilot: {plan}", "不试点：{plan}"),
    "pilot tried": ("by the pilot", "由试点来选"),
    "pilot known": ("by who knows the best plan", "已知最佳方案"),
    "pilot regret key": ("orange: mean; grey: largest", "橙色：平均；灰色：最大"),
    "pilot dots": ("a dot is a world; bar: mean", "每个圆点是一个世界；竖线：平均"),
    "no turning point": ("no turning point was found", "没有找到转折点"),
}

TEXTS: dict[str, tuple[str, str]] = {
    **{f"column.{key}": value for key, value in COLUMNS.items()},
    **{f"picture.{key}": value for key, value in PICTURES.items()},
    **WORDS,
    **LIVE,
}


def large(size: float, unit: str, lang: str) -> str:
    """Return a size with thousands separators, or in millions (万 and 亿 in Chinese)."""
    if lang == "zh":
        for step, word in ((1e8, "亿"), (1e4, "万")):
            if size >= step:
                return f"{size / step:,.3g} {word}{unit}" if size < 1000 * step \
                    else f"{size / step:,.0f} {word}{unit}"
    elif size >= 1e6:
        return f"{size / 1e6:,.3g} million {unit}" if size < 1e9 \
            else f"{size / 1e6:,.0f} million {unit}"
    digits = 0 if size >= 100 or float(size).is_integer() else 1
    return f"{size:,.{digits}f} {unit}"


def language(lang: str | None) -> str:
    """Return ``en`` or ``zh``; ``None`` means the language in use.

    Raises
    ------
    UsageError
        For any other language.
    """
    if lang is None:
        return language_in_use()
    if lang not in LANGUAGES:
        # In English only: no other language is known here.
        raise UsageError(f"no language {lang!r}; there are: {', '.join(LANGUAGES)}")
    return lang


def text_of(value: Any, lang: str | None = None) -> str:
    """Return a text of a scenario, given alone or as ``{en: ..., zh: ...}``, in a language."""
    words = getattr(value, "words", None) or value
    if isinstance(words, Mapping) and words:
        return str(words.get(language(lang)) or next(iter(words.values())))
    return "" if value is None else str(value)


def text(key: str, lang: str | None = None, **values: Any) -> str:
    """Return the text of `key` with its gaps filled in."""
    found = TEXTS[key][LANGUAGES.index(language(lang))]
    return found.format(**values) if values else found


def column(name: str, lang: str | None = None) -> str:
    """Return what a column of a table is called on pictures."""
    key = f"column.{name}"
    return text(key, lang) if key in TEXTS else name.replace("_", " ")
