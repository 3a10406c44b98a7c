"""Words of the live view, in English and Chinese."""

from __future__ import annotations

__all__ = ["LIVE"]

LIVE: dict[str, tuple[str, str]] = {
    "picture.live_stock": ("Stock with resellers", "渠道库存"),
    "picture.live_minds": ("Trust, and who made no profit", "信任与没赚到钱的人"),
    "picture.live_money": ("Brand's money so far", "品牌累计利润"),
    "column.brand_money": ("brand: profit so far", "品牌：累计利润"),
    "live": ("live view", "实时演示"),
    "live scenario": ("Scenario", "方案"),
    "live compare": ("Compare with (same luck)", "对照方案（相同随机数）"),
    "live nothing": ("nothing", "不对照"),
    "live seed": ("Seed (from the next start)", "随机种子（重新开始后生效）"),
    "live speed": ("Weeks a second", "每秒周数"),
    "live steer": ("Change the rules of {name}", "改变规则：{name}"),
    "live pending": ("Not in force yet: {what}", "尚未生效：{what}"),
    "live in force": ("The settings shown are in force.", "当前显示的参数均已生效。"),
    "live market a": ("Events", "事件"),
    "live export": ("Download", "下载"),
    "live export scenario": ("Scenario (YAML)", "方案（YAML）"),
    "live export tables": ("Tables (CSV)", "数据表（CSV）"),
    "live export picture": ("Picture (PNG)", "图片（PNG）"),
    "live end": ("Run to the end", "运行到底"),
    "live error": ("{name} cannot be shown: {why}", "无法显示 {name}：{why}"),
    "regime": ("Regime", "模式"),
    "regime pyramid": ("1.0 pyramid", "1.0 层级压货"),
    "regime prosumer": ("2.0 prosumer", "2.0 产消者"),
    "play": ("Play", "播放"),
    "pause": ("Pause", "暂停"),
    "step": ("One week", "前进一周"),
    "reset": ("Start again", "重新开始"),
    "apply": ("Apply from week {week}", "第 {week} 周起生效"),
    "at the end": ("The run is over.", "运行结束。"),
    "colour by": ("Colour of the tree", "关系树的颜色"),
    "gain": ("gain or loss", "盈亏"),
    "gained": ("in profit", "盈利"),
    "neither": ("neither", "不赚不亏"),
    "tier": ("tier", "层级"),
    "stage": ("stage", "阶段"),
    "left hollow": ("hollow: left", "空心：已退出"),
    "now": ("Week {week} of {weeks}: {joined} joined so far, {active} sell, {lost} have lost money; "
            "trust {trust}.",
            "第 {week}/{weeks} 周：累计加入 {joined} 人，在册 {active} 人，亏钱 {lost} 人；信任 {trust}。"),
}
