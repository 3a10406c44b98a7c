"""The terms of the field: one word for one thing, in English and in Chinese.

`docs/terms.md` is generated from this list, `weishang describe WORD` searches it, and a test checks that the
catalogues use no word listed under `never`.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.texts import language

__all__ = ["TERMS", "Term", "found"]


@dataclass(frozen=True)
class Term:
    """A concept, its word in each language, and where it occurs in the program."""

    en: str
    zh: str
    meaning_en: str
    meaning_zh: str
    also: tuple[str, ...] = ()
    """Other words by which people look for it."""
    never: tuple[str, ...] = ()
    """Words that our texts do not use for it."""
    see: tuple[str, ...] = ()
    """Settings, columns, measures, rules and effects about it."""

    @property
    def word(self) -> str:
        """Return the word in the language in use."""
        return self.zh if language() == "zh" else self.en

    @property
    def meaning(self) -> str:
        """Return the meaning in the language in use."""
        return self.meaning_zh if language() == "zh" else self.meaning_en

    def matches(self, query: str) -> bool:
        """Return whether somebody who looks for `query` may mean this."""
        wanted = query.strip().lower()
        return any(wanted == word.lower() or (len(wanted) > 2 and wanted in word.lower())
                   or (len(wanted) > 1 and not wanted.isascii() and wanted in word)
                   for word in (self.en, self.zh, *self.also))


def found(query: str) -> list[Term]:
    """Return the terms that a query may mean, exact matches first."""
    hits = [term for term in TERMS if term.matches(query)]
    wanted = query.strip().lower()
    return sorted(hits, key=lambda term: wanted not in (
        term.en.lower(), term.zh.lower(), *(word.lower() for word in term.also)))


TERMS: tuple[Term, ...] = (
    # Roles.
    Term("scenario", "方案", "What is simulated: a file of settings, events and checks.",
         "要模拟的内容：一份写明参数、事件和检验的文件。", ("plan",), ("场景文件", "情景", "父方案")),
    Term("setting", "参数", "One named value of a scenario, such as offer.list_price.",
         "方案里一个有名字的值，例如 offer.list_price。", ("parameter",), ("参量", "设定项")),
    Term("reseller", "代理", "A person who buys from the brand or an upline and sells on.",
         "从品牌或上级进货再卖出去的人。", ("dealer", "agent", "经销商", "微商"),
         ("经销者", "转售者", "在售代理", "在职代理"),
         ("resellers_active", "recruiting")),
    Term("tier", "层级", "A rung of the price ladder: the more the first order, the cheaper.",
         "价格阶梯的一级：首单越大，拿货价越低。", ("level", "rank", "代理等级", "级别"), (), ("tiers",)),
    Term("upline", "上级", "The reseller who recruited another one and earns on their orders.",
         "招来代理并从其订单里赚差价、拿奖励的人。", ("sponsor", "上线", "推荐人"), (),
         ("upline_payments", "sponsor_bonuses")),
    Term("downline", "下级", "The resellers whom a reseller recruited, and theirs in turn.",
         "某代理招来的代理，以及他们再招来的人。", ("下线", "recruits", "团队"), ("下线",),
         ("recruiting", "recruiting_income")),
    Term("founder", "首批代理", "A reseller whom the brand recruits before week 1.",
         "第 1 周之前由品牌自己招来的代理。", ("seed reseller", "创始代理"), (),
         ("recruiting.founders",)),
    Term("prosumer", "产消者", "A consumer who recommends, is paid for real sales and needs no stock.",
         "既消费又推荐的人：按实际成交拿佣金，不用囤货。", ("referrer", "消费商"), (),
         ("referral", "A11")),
    Term("fan", "粉丝", "A user who speaks for the product unasked.", "主动替产品说话的用户。",
         ("advocate", "铁杆", "死忠"), (), ("stage_fan", "A12")),
    Term("geek", "极客", "A fan who helps to make the product better.", "参与改进产品的粉丝。",
         ("lead user", "发烧友", "共创用户"), (), ("stage_geek", "A12")),
    # Goods.
    Term("sell-in", "渠道进货", "Units that the brand ships into the channel.",
         "品牌发进渠道的件数，还没卖到消费者手里。", ("sell in", "shipments", "出货", "进货"), (),
         ("sell_in",)),
    Term("sell-through", "动销", "Units that consumers bought; goods that really move.",
         "消费者真正买走的件数。动销率 = 卖给消费者的 / 渠道进的货。",
         ("sell through", "sell-out", "动销率", "终端销售", "走货"), (),
         ("sell_through", "sell_through_rate", "B5")),
    Term("stock pressure", "压货", "Quotas, promotions and threats that push orders beyond demand.",
         "用配额、促销和降级威胁，让代理的订货超过真实需求。",
         ("channel stuffing", "loading", "forced stocking", "囤货", "压库"), (),
         ("controls.stock_pressure", "ordering.pressure", "tiers.0.quota", "A7")),
    Term("channel stock", "渠道库存", "Units that resellers hold and have not sold.",
         "代理手里还没卖出去的货。", ("inventory", "库存", "压在渠道的货"), (),
         ("inventory_channel", "channel_stock", "unsold_share")),
    Term("quota", "配额", "Units a month that a tier is pressed to order.", "某一等级每月被要求进的件数。",
         ("target", "任务量", "月任务"), ("定额",), ("tiers.0.quota",)),
    Term("dumping", "甩货", "Leavers or overstocked resellers sell below the price list.",
         "退出或压货的代理低于价格表抛售。", ("fire sale", "抛货", "清库存", "低价甩卖"), (),
         ("dumped", "liquidation", "A16")),
    Term("diversion", "窜货", "Goods sold outside the ladder or the area they were meant for, below list.",
         "货不按等级或区域走，低于标价流到别处。",
         ("grey market", "cross-selling", "乱价", "跨区"), (), ("leaving", "liquidation", "A16")),
    Term("bullwhip", "牛鞭效应", "Orders swing more the further up the ladder they travel.",
         "订单越往上级波动越大。", ("bullwhip effect", "长鞭效应", "订单放大"), (),
         ("bullwhip", "ordering", "A7")),
    Term("lost sales", "缺货损失", "Units that consumers wanted and nobody had in stock.",
         "消费者想买而没货的件数。", ("stock-out", "断货", "缺货"), (), ("lost_sales",)),
    Term("self-consumed", "自用", "Units that leavers keep for themselves.", "退出的代理留下自己用的货。",
         ("自己用",), (), ("self_consumed",)),
    Term("buy-back", "回购", "The brand takes old stock back for a share of its price.",
         "品牌按一定比例收回旧库存。", ("return", "退货"), (),
         ("reseller_conversion.buy_back", "reseller_conversion.refund", "bought_back", "refunds")),
    # Money.
    Term("list price", "标价", "The price on the brand's own list.", "品牌价目表上的零售价。",
         ("retail price", "零售价", "建议零售价"), (), ("offer.list_price", "price_list")),
    Term("price paid", "实付价", "What consumers really pay, discounts included.",
         "消费者实际付的价格，含降价。", ("street price", "市价", "到手价"), ("街价", "街头价", "成交价"),
         ("street_price", "price_street_mean")),
    Term("purchase price", "拿货价", "What a tier pays for a unit.", "某一等级每件的进货价。",
         ("wholesale price", "进价", "批发价"), ("批发价", "自身进价"), ("tiers.0.price", "wholesale")),
    Term("first order", "首单", "Units that somebody must order to enter a tier.",
         "进入某一层级必须订的第一批货。",
         ("entry order", "首批进货", "起订量"), ("首批进货",), ("tiers.0.first_order", "recruiting.loading")),
    Term("legacy channel", "原有渠道", "Shops and websites through which the brand sold before.",
         "品牌在做微商之前就有的卖货渠道。", ("shops", "传统渠道"), ("旧渠道", "老渠道"),
         ("legacy_channel", "purchases_legacy")),
    Term("retail margin", "零售毛利", "What resellers earn on goods sold to consumers.",
         "代理把货卖给消费者赚的钱。", ("markup", "零售利润"), (), ("retail_margin",)),
    Term("joining fee", "入门费", "What people pay to become resellers: first order and fees.",
         "为当上代理付的钱：首单和交给品牌的费用。", ("entry payment", "entry fee", "入门款", "加盟费"),
         ("入门款",),
         ("entry_payments",)),
    Term("share", "占比", "A part of a whole, from 0 to 100%.", "占整体的比例，0 到 100%。",
         ("percentage", "比例"), ("份额",)),
    Term("price war", "价格战", "Sellers undercut each other until the margins are gone.",
         "互相压价，直到毛利消失。", ("undercutting", "乱价"), (), ("weeks_below_wholesale", "A16")),
    # People.
    Term("fission", "裂变", "Growth by people who bring people; each brings more than one.",
         "人带人的增长：平均每人带来一个以上。",
         ("viral growth", "word of mouth", "口碑", "转介绍", "拉新"), (),
         ("wom_reproduction", "word_of_mouth", "A17")),
    Term("repeat purchase", "复购", "A customer buys again.", "顾客再次购买。",
         ("repurchase", "repeat buying", "retention", "回购率", "复购率"), (),
         ("repeat", "consumption", "stage_user")),
    Term("churn", "流失", "Resellers or customers who leave.", "代理退出，或顾客不再购买。",
         ("attrition", "leaving", "退出", "离开", "退出率", "流失率"), (),
         ("left_in_year", "exits", "leaving", "B2")),
    Term("trust", "信任", "How far people believe the channel.", "人们对渠道的相信程度。",
         ("credibility", "信用"), (), ("trust_mean", "trust")),
    Term("perceived quality", "感知品质", "How good people believe the product to be.",
         "人们认为产品有多好，与真实品质不一定相同。", ("believed quality", "口碑品质"),
         ("感知质量", "认知质量"), ("quality_perceived", "quality_gap")),
    Term("tie", "关系", "Two persons who know each other; close or weak.",
         "两个认识的人之间的联系，有亲有疏。", ("relationship", "contact", "人情", "强关系", "弱关系"), (),
         ("network", "B10", "B12")),
    Term("sales pitch", "推销", "A reseller asks somebody to buy.", "代理向人开口卖货。",
         ("ask", "刷屏", "朋友圈推销"), (), ("prospecting.asks", "A8")),
    Term("mute", "屏蔽", "Somebody no longer sees what a seller posts.", "不再看某个卖家发的内容。",
         ("block", "拉黑"), (), ("muted_share", "A9")),
    Term("information asymmetry", "信息不对称", "How closed information is: claims, hidden prices, silence.",
         "信息有多封闭：夸大、隐瞒价格、压住差评。", ("closed information", "信息封闭"), (),
         ("controls.information_asymmetry", "A5", "A6")),
    Term("feedback", "反馈", "How far customers' data change product, forecast, community and price.",
         "顾客的数据和意见在多大程度上改变产品、预测、社群和价格。",
         ("demand loop", "需求反馈", "C2B"), (), ("controls.feedback", "A13")),
    Term("musical chairs", "击鼓传花", "A business that pays only while somebody new joins.",
         "只有不断有新人进来才赚钱的生意。", ("ponzi", "pyramid scheme", "传销", "接盘"), (),
         ("lost_money", "recruiting_income", "B1")),
    Term("community", "社群", "Users who are connected around a product.", "围绕产品联系起来的用户群。",
         ("group", "circle", "cell", "细胞", "社区", "微信群", "圈子"), (),
         ("brand_communities", "communities", "A14")),
    Term("pilot", "试点", "The same plan, small and short, before it is scaled.",
         "推广之前，先小规模、短时间试一试。", ("trial", "试销"), (), ("piloting", "B11")),
    Term("transition", "转型", "A 1.0 brand that turns to 2.0 with old stock and burnt trust.",
         "1.0 品牌带着旧库存和透支的信任转向 2.0。", ("conversion", "change", "转向"), (),
         ("reseller_conversion", "B3")),
    # Studies.
    Term("run", "运行", "One scenario with one seed, week by week to its end.",
         "一个方案用一个随机种子，从第一周算到最后一周。", ("simulation", "模拟", "仿真"), ()),
    Term("seed", "种子", "A number that fixes all luck of a run.", "决定一次运行全部运气的数。",
         ("random seed", "随机种子"), (), ("seed",)),
    Term("measure", "指标", "A number read out of a run, such as cumulative(sell_through).",
         "从一次运行里读出的一个数，例如 cumulative(sell_through)。", ("metric", "KPI", "outcome"), ()),
    Term("interval", "区间", "Where the true difference lies, with the confidence stated.",
         "真实差异所在的范围，附置信度。", ("confidence interval", "置信区间", "误差"), ()),
    Term("lever", "杠杆", "What a decision maker chooses.", "决策者能选的参数。", ("decision",), ()),
    Term("uncertainty", "不确定因素", "What nobody chooses and nobody knows well.",
         "没人能选、也没人说得准的参数。", ("unknown",), ()),
    Term("plausible world", "合理世界", "A set of values of what nobody knows that agrees with known facts.",
         "一组与已知事实相符的参数取值：没人说得准的参数在其中各有一个值。",
         ("world", "ensemble", "可能的市场")),
    Term("closed form", "解析解", "A result that mathematics gives exactly, to check the model by.",
         "数学上能精确算出的结果，用来检验模型。", ("analytical solution",), ("闭式解",)),
    Term("tipping point", "临界点", "Where a small change of a setting changes the outcome.",
         "参数稍变、结果就翻转的地方。", ("threshold", "拐点")),
)
"""Every term, by subject."""
