"""The words of the report page, in English and Chinese."""

from __future__ import annotations

from sim.texts.numbers import tidy
from sim.views.texts import LANGUAGES, language

__all__ = ["TEXTS", "say"]

TEXTS: dict[str, tuple[str, str]] = {
    "report": ("Report", "报告"),
    "verdict": ("What happened", "结论"),
    "verdict compare": ("What differs", "差异结论"),
    "verdict study": ("What the study found", "研究结论"),
    "picture of study": ("Picture of what the study found", "研究结论的图"),
    "verdict sweep": ("What the sweep found", "扫描结论"),
    "charts": ("Curves", "曲线"),
    "charts hint": (
        "Point at a curve to read the same week in all charts; the sliders narrow the weeks.",
        "指向任一曲线，所有图同步显示该周数值；拖动滑块可缩小时间范围。"),
    "from week": ("from week", "起始周"),
    "to week": ("to week", "结束周"),
    "figures": ("Key figures", "关键指标"),
    "timeline": ("Timeline", "时间线"),
    "months": ("Month by month", "逐月数字"),
    "months note": (
        "Medians of the runs. Flows add up over the month, stocks are those at its end, prices are means; a "
        "month with * is not whole.",
        "各次运行的中位数。流量为当月合计，存量为月末值，价格为平均值；带 * 的月份不完整。"),
    "parameters": ("Settings that differ from the default", "与默认值不同的参数"),
    "compliance": ("Compliance indicators", "合规指标"),
    "compliance note": (
        "Read off the simulated sponsor tree and books; an indication, no legal advice.",
        "由模拟的推荐关系和账目计算得出，仅供参考，不构成法律意见。"),
    "compliance seed": (" Of the run with seed {n}.", "取自种子 {n} 的那次运行。"),
    "made": ("How this was made", "生成方式"),
    "week": ("Week", "周"), "what": ("What", "事项"), "setting": ("Setting", "参数"),
    "value": ("Value", "取值"), "default": ("Default", "默认值"), "meaning": ("Meaning", "含义"),
    "figure": ("Figure", "指标"), "threshold": ("Threshold", "门槛"),
    "first week": ("First week crossed", "首次越线的周"),
    "first date": ("First crossed in the week of", "首次越线的周（起始日）"), "never": ("never", "未越线"),
    "difference": ("Difference", "差异"), "interval": ("95% interval", "95% 区间"),
    "agree": ("Pairs that agree", "方向一致的配对"),
    "median range": ("median (10–90% of {n} runs)", "中位数（{n} 次运行的 10–90%）"),
    "no scripts": (
        "The charts need JavaScript; all figures below are readable without it.",
        "图表需要 JavaScript；下方的数字无需脚本即可阅读。"),
    "all defaults": ("Nothing: every setting has its default.", "无：所有参数均为默认值。"),
    "no events": ("Nothing is changed during the run.", "运行期间没有任何改变。"),
    "from then": ("from {week} on", "自 {week} 起"),
    "every": (", every {weeks} weeks", "，每 {weeks} 周一次"),
    "moving over": (" (moving over {weeks} weeks)", "（在 {weeks} 周内逐渐变化）"),
    "program": ("weishang {version}; model code {code}", "weishang {version}；模型代码 {code}"),
    "runs": (
        "{n} runs; seeds {seeds}. The same scenario, seed and version give the same numbers.",
        "{n} 次运行；种子 {seeds}。相同的方案、种子和版本得到相同的数字。"),
    "again": ("To repeat: ", "重现方法："),
    "partial": ("Only {done} of {all} planned runs are done; figures may change.",
                "计划的 {all} 次运行只完成了 {done} 次，数字可能变化。"),
    "market": ("{persons} persons, {weeks} weeks, regime {regime}",
               "{persons} 人，{weeks} 周，模式 {regime}"),
    "of": ("{name}: ", "{name}："),
    "foretold": (
        "A forecast by simulation: it holds as far as its assumptions and the history do.",
        "这是由模拟得出的预测：它成立的程度取决于假设与历史数据。"),
    "best guess": (
        "A simulation, not a forecast: it says what follows from its assumptions.",
        "这是模拟而非预测：它说明由假设推出的结果。"),

    # the first sheet
    "h gain": ("The brand gains {profit}.", "品牌盈利 {profit}。"),
    "h loss": ("The brand loses {profit}.", "品牌亏损 {profit}。"),
    "h gain nobody": ("Nobody became a reseller; the brand gains {profit}.",
                      "没有人成为代理；品牌盈利 {profit}。"),
    "h loss nobody": ("Nobody became a reseller; the brand loses {profit}.",
                      "没有人成为代理；品牌亏损 {profit}。"),
    "h gain lost": ("The brand gains {profit}; {lost} of its resellers lose money.",
                    "品牌盈利 {profit}；{lost} 的代理亏钱。"),
    "h loss lost": ("The brand loses {profit}; {lost} of its resellers lose money.",
                    "品牌亏损 {profit}；{lost} 的代理亏钱。"),
    "h best": ("{best} pays the brand most ({profit}); with {fair} fewest resellers lose money ({lost}).",
               "{best}让品牌赚得最多（{profit}）；{fair}的代理亏钱最少（{lost}）。"),
    "h best both": ("{best} pays the brand most ({profit}), and fewest of its resellers lose money "
                    "({lost}).", "{best}让品牌赚得最多（{profit}），亏钱的代理也最少（{lost}）。"),
    "h best only": ("{best} pays the brand most ({profit}).", "{best}让品牌赚得最多（{profit}）。"),
    "h open": ("Which of {names} pays the brand most cannot be told from these runs.",
               "从这些运行无法判断 {names} 中哪个让品牌赚得最多。"),
    "tile brand": ("Brand", "品牌"), "tile resellers": ("Resellers", "代理"),
    "tile consumers": ("Consumers", "消费者"), "tile law": ("Law", "合规"),
    "short brand_profit": ("profit", "利润"), "short sell_through": ("units sold", "卖出件数"),
    "short lost_money": ("lost money", "亏钱占比"),
    "short resellers_profit": ("all together", "合计盈亏"),
    "short trust": ("trust the channel", "对渠道的信任"),
    "short street_price": ("pay at the end", "期末实付价"),
    "short recruiting_income": ("income from recruiting", "招人收入占比"),
    "short entry_payments": ("paid to enter", "入门费"),
    "horizon": ("after {week} weeks", "{week} 周后"),
    "ahead": ("Who is ahead", "谁领先"), "over time": ("Over time", "随时间变化"),
    "who": ("For", "对谁而言"),
    "equal": ("equal", "相同"),
    "ahead sure": ("{best} ({value})", "{best}（{value}）"),
    "ahead near": ("{best} ({value}); perhaps as good: {near}", "{best}（{value}）；{near} 可能同样好"),
    "ahead unsure": ("{best} ({value}), may be luck", "{best}（{value}），可能只是运气"),
    "ahead few": ("{best} ({value}), too few runs to be sure", "{best}（{value}），运行太少，无法确定"),
    "change": ("What would change this", "什么会改变结论"),
    "h after": ("After {week} weeks: ", "{week} 周时："),
    "unequal weeks here": ("The plans run for different times: what stands here is after {week} weeks.",
                           "各方案的周数不同：这里的数字均为 {week} 周时。"),
    "unequal persons here": ("The markets are of different size: only shares and prices compare.",
                             "各市场规模不同：只有占比和价格可以比较。"),
    "of few": ("{some} of {all}", "{all} 人中 {some} 人"),
    "each": ("{said} each", "各 {said}"),
    "change seeds": ("More runs: {n} say little about luck; take ten or more.",
                     "更多次运行：{n} 次难以区分运气，建议十次以上。"),
    "change seed": ("More runs: one says little about luck; take ten or more.",
                    "更多次运行：一次难以区分运气，建议十次以上。"),
    "change shortest": ("A longer view: the shortest plan ends with week {weeks}, and no comparison goes "
                        "further.", "更长的时间：最短的方案到第 {weeks} 周为止，之后无从比较。"),
    "reading runs": ("Numbers and curves are medians of {n} runs; a band holds the middle 80% of them.",
                     "数字和曲线为 {n} 次运行的中位数；色带为中间 80%。"),
    "reading events": ("Dashed lines: {events}.", "虚线：{events}。"),
    "change horizon": ("A longer view: nothing is known beyond week {weeks}.",
                       "更长的时间：第 {weeks} 周之后未知。"),
    "change sources": ("Your own figures: no setting of {name} has a source of its own.",
                       "自己的数据：{name} 的参数没有注明来源。"),
    "sources": ("Sources of the assumptions", "假设的来源"), "source": ("Source", "来源"),
    "checks": ("Reality checks", "现实检验"), "check": ("Check", "检验"),
    "runs held": ("Held in runs", "成立的运行"), "verdict check": ("Verdict", "结论"),
    "held": ("holds", "成立"), "not held": ("does not hold", "不成立"),
    "no checks": ("The scenario has no reality checks.", "方案没有写现实检验。"),
    "notices": ("Good to know about the scenario", "关于方案需要知道的"),
    "no notices": ("Nothing unusual.", "没有特别之处。"),
    "no sources": ("The scenario names no source of its own.", "方案没有注明来源。"),
    "unsourced": ("– (no source)", "–（没有注明来源）"),
    "glossary": ("What the figures mean", "指标说明"),
    "download": ("Save the curves as CSV", "将曲线保存为 CSV"),
    "s several": ("Medians of {n} runs with different luck.",
                  "以上为 {n} 次不同随机运行的中位数。"),

    # sentences of a comparison
    "s differs": (
        "{measure}: {difference} {way} under {a} than under {b} (95% interval {low} to {high}; "
        "{agree} of {n} pairs agree).",
        "{measure}：{a} 比 {b} {way} {difference}（95% 区间 {low} 至 {high}；"
        "{n} 对中 {agree} 对方向一致）。"),
    "s differs always": (
        "{measure}: {difference} {way} under {a} than under {b}, in each of {n} pairs.",
        "{measure}：{a} 比 {b} {way} {difference}，{n} 对无一例外。"),
    "way count up": ("more", "多"), "way count down": ("fewer", "少"),
    "way week up": ("later", "晚"), "way week down": ("earlier", "早"),
    "way up": ("higher", "高"), "way down": ("lower", "低"),
    "s same": ("Identical in every pair: {measures}.", "每一对都完全相同：{measures}。"),
    "s unclear": ("No clear difference: {measures}.", "没有明确差异：{measures}。"),
    "s few pairs": (
        "{n} pairs of runs, and an interval needs {least}: the differences may be luck. Use "
        "--seeds 10 or more.",
        "只有 {n} 对运行，给出区间至少需要 {least} 对：以下差异可能只是运气。请使用 --seeds 10 或更多。"),
    "s unequal weeks": (
        "The plans run for different times ({sizes} weeks): sums and ends do not compare.",
        "各方案的周数不同（{sizes} 周）：累计值和期末值不可直接比较。"),
    "s unequal persons": (
        "The plans have markets of different size ({sizes} persons): only shares and prices compare.",
        "各方案的市场规模不同（{sizes} 人）：只有占比和价格可以比较。"),
    "s range": (
        "{measure} runs from {low} (at {at_low}) to {high} (at {at_high}).",
        "{measure}：最低 {low}（{at_low}），最高 {high}（{at_high}）。"),
    "points": ("points", "个百分点"),

    # compliance
    "c tiers": ("rungs of the price ladder", "价格层级数"),
    "c tiers limit": ("at most 3 distribution levels (platform rule)", "平台规则：分销不超过 3 级"),
    "c levels": ("levels of the sponsor tree", "推荐关系层级"),
    "c heads": ("people in the sponsor tree at its largest", "推荐关系中的最多人数"),
    "c filing": ("30 people and 3 levels, who pay to enter and are paid for recruits: criminal "
                 "filing (China)",
                 "立案追诉标准：30 人以上且 3 级以上，并收取入门费、按人头或团队计酬"),
    "c entry": ("joining fees", "入门费/首单款"),
    "c entry limit": ("art. 7 of the 2005 rules on pyramid selling: pay to enter",
                      "《禁止传销条例》第七条：缴纳入门费"),
    "c team": ("payments for downlines' orders or recruits", "按下级业绩或人头计酬"),
    "c team limit": ("art. 7: pay for heads or for the team's sales", "第七条：拉人头、团队计酬"),
    "c recruiting": ("recruiting share of earnings, last 26 weeks", "最近 26 周招人收入占比"),
    "c recruiting limit": ("more than half", "超过一半"),
    "c seventy": ("share of the goods shipped in that was sold or used",
                  "已发货物中售出或自用的比例"),
    "c seventy limit": ("70% rule, read for the whole channel: nothing reordered below 70%",
                        "70% 规则（按整个渠道）：售出不足 70% 不得再进货"),
}


def say(key: str, lang: str | None = None, **values: object) -> str:
    """Return a text of the report with its gaps filled in."""
    found = TEXTS[key][LANGUAGES.index(language(lang))]
    return tidy(found.format(**values)) if values else found
