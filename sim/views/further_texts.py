"""What pictures call the weekly columns of rules that few markets have, and what figures of few say."""

from __future__ import annotations

__all__ = ["FURTHER_COLUMNS", "FURTHER_MESSAGES"]

FURTHER_COLUMNS: dict[str, tuple[str, str]] = {
    "rival_sales": ("sales of rival brands", "竞品销量"),
    **{f"rival_{n}_sales": (f"rival brand {n}", f"竞品{n}") for n in (1, 2, 3)},
    **{f"rival_{n}_price": (f"price of rival brand {n}", f"竞品{n}的价格") for n in (1, 2, 3)},
    "rival_profit": ("profit of rival brands", "竞品利润"),
    "rival_carriers": ("resellers who sell a rival as well", "兼卖竞品的代理"),
    "rival_awareness": ("persons who know a rival", "知道竞品的人"),
    "brand_share": ("brand, of all decided for", "选本品牌的占比"),
    "taken_by_rivals": ("buyers taken by rivals", "被竞品抢走的买家"),
    "brand_sales": ("brand", "本品牌"),
    "brand_cash": ("money of the brand", "品牌的钱"),
    "fans_owed": ("of that, owed to fans", "其中欠粉丝的"),
    "fans_advanced": ("advanced by fans", "粉丝垫付"),
    "fans_repaid": ("paid back to fans", "已还粉丝"),
    "fans_lost": ("lost by fans", "粉丝损失"),
    "batch_cut": ("not begun for want of money", "因缺钱未投产"),
    "brand_bust": ("brand is bust", "品牌已倒闭"),
    "diverted": ("diverted", "窜货"),
    "diverters": ("resellers who divert", "窜货的代理"),
    "revenue_diverted": ("revenue of diversion", "窜货收入"),
    "performance_shown": ("income shown, times the real one", "展示收入是真实的几倍"),
    "found_out": ("fake is found out", "造假被揭穿"),
    "followers": ("followers", "关注者"),
    "traffic_bought": ("bought traffic", "买流量"),
    "traffic_saved": ("saved by own traffic", "自有流量省下"),
    "traffic_passed_on": ("passed on to followers", "让利给关注者"),
    "bored": ("bored of the range", "对产品线已腻的人"),
    "range_cost": ("upkeep of the range", "产品线维护费"),
    "survey_confirmed": ("confirm the idea", "认同该想法"),
    "survey_true": ("whom it really fits", "真正合适的人"),
    "survey_batch": ("begun after the survey", "凭调研投产"),
    "brand_equity": ("equity of the name", "品牌资产"),
    "circle_die_hard": ("die-hard users", "铁杆用户"),
    "circle_spokesperson": ("spokespersons", "产品代言"),
    "circle_single_product_seller": ("single-product sellers", "单品分销"),
    "circle_partner": ("partners", "合伙人"),
    "cells_sourced": ("with an order of their own", "有自己订单的社群"),
    "sourced_sales": ("bought by these cells", "这些社群买的"),
    "sourced_saving": ("saved by bids", "竞标省下"),
    "served_by_both": ("served by both channels", "两个渠道都服务的顾客"),
    "channel_payments": ("paid to the legacy channel", "付给原有渠道"),
    "personal_gain": ("satisfaction gained", "增加的满意度"),
}

FURTHER_MESSAGES: dict[str, tuple[str, str]] = {
    "msg unequal": ("The top tenth of resellers has {retail} of the retail margin and {uplines} of what "
                    "downlines bring", "收入最高的一成代理拿走零售毛利的 {retail}、下级所带收入的 {uplines}"),
    "msg unequal retail": ("The top tenth of resellers has {retail} of the retail margin; downlines bring "
                           "nothing", "收入最高的一成代理拿走零售毛利的 {retail}；下级不带来收入"),
    "msg unequal uplines": ("The top tenth of resellers has {uplines} of what downlines bring; nobody has a "
                            "retail margin",
                            "收入最高的一成代理拿走下级所带收入的 {uplines}；无人有零售毛利"),
    "msg tree": ("{none} of the resellers recruited nobody; the tree is {levels} levels deep",
                 "{none} 的代理没有招到任何人；推荐关系树深 {levels} 级"),
    "msg tree none": ("No reseller recruited another", "没有代理招到别的代理"),
    "msg turning": ("{first} came first (week {a}), {last} last (week {b})",
                    "最先出现的是{first}（第 {a} 周），最后是{last}（第 {b} 周）"),
    "msg turning same": ("{first} and {last} came in the same week ({a})",
                         "{first}与{last}出现在同一周（第 {a} 周）"),
    "msg turning one": ("{first} came in week {a}", "{first}出现在第 {a} 周"),
    "msg posterior": ("The data told most about {setting}: {share} of what was open is known now",
                      "数据对 {setting} 说明得最多：未知的部分减少了 {share}"),
    "msg posterior nothing": ("The data told little about any setting", "数据对任何参数都没有说明多少"),
    "msg fit": ("The worlds meet {met} of {all} figures of the data",
                "合理世界符合 {all} 项数据中的 {met} 项"),
    "msg learnt": ("The data told something about {some} of {all} settings",
                   "数据对 {all} 项参数中的 {some} 项有所说明"),
    "msg rivals": ("Rivals sell {share} of the units in the last {late} weeks",
                   "最后 {late} 周竞品占销量的 {share}"),
    "msg funding": ("Fans advanced {given} and got {back} back with rewards; {owed} are owed to them at the "
                    "end", "粉丝共垫付 {given}，连奖励已还 {back}；期末尚欠 {owed}"),
    "msg funding bust": ("The brand goes bust: fans advanced {given}, got {back} back with rewards and lost "
                         "{lost}", "品牌倒闭：粉丝垫付 {given}，连奖励收回 {back}，损失 {lost}"),
    "msg funding some": ("The brand goes bust in {hit} of {runs} runs; fans advanced {given} and got {back} "
                         "back with rewards",
                         "{runs} 次运行中有 {hit} 次品牌倒闭；粉丝垫付 {given}，连奖励收回 {back}"),
    "msg funding none": ("Fans advanced nothing", "粉丝没有垫付"),
    "msg funding bust alone": ("The brand goes bust; fans had advanced nothing", "品牌倒闭；粉丝没有垫付"),
    "msg traffic": ("{followers} persons follow the brand at the end; that spared {share} of the cost of "
                    "traffic", "期末有 {followers} 人关注品牌；由此省下 {share} 的流量费"),
    "msg diverted": ("{share} of the units that consumers bought were diverted",
                     "消费者买到的货中有 {share} 是窜货"),
    "msg circles": ("{total} persons are in a circle at the end, {share} of them {kind}",
                    "期末有 {total} 人在圈层中，其中 {share} 为{kind}"),
    "msg sourcing": ("{sourced} of {cells} cells have an order of their own at the end",
                     "期末 {cells} 个社群中有 {sourced} 个有自己的订单"),
    "msg channels": ("Customers of the legacy channel bought {share} of their units elsewhere",
                     "原有渠道的顾客有 {share} 的购买量转到了别处"),
    "msg surveys": ("{confirmed} confirm the idea in the last survey; it really fits {true}",
                    "最近一次调研中 {confirmed} 认同该想法；真正合适的只占 {true}"),
}
"""Messages of `sim.views.further_messages`."""
