"""Former names of rules and parameters: scenario files and code that use them still work.

Each use raises one friendly notice, a `RenamedWarning`. If a custom rule has such a name, the name
means that rule.
"""

from __future__ import annotations

import importlib
import sys
import types
import warnings
from collections.abc import Container, Iterable, Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any

from sim.texts import _

__all__ = [
    "PARAMETERS", "RULES", "RenamedWarning", "current_name", "current_parameter", "current_path",
    "current_settings",
]

RULES = {
    "adopting": "adoption",
    "anchoring": "anchored_ordering",
    "approaching": "prospecting",
    "belonging": "loyalty_stages",
    "choosing": "purchase_choice",
    "clearing": "liquidation",
    "collecting": "customer_data",
    "connecting": "legacy_channel",
    "converting": "reseller_conversion",
    "creating": "product_development",
    "experiencing": "product_experience",
    "gathering": "brand_communities",
    "lapsing": "customer_attrition",
    "listening": "belief_updating",
    "noticing": "brand_awareness",
    "promoting": "tier_promotion",
    "referring": "referral",
    "rewarding": "sponsor_bonuses",
    "serving": "customer_service",
    "sharing": "word_of_mouth",
    "staffing": "fixed_sellers",
    "streaming": "demand_process",
    "supplying": "supply_chain",
    "using": "consumption",
}
"""Current name of each renamed rule (and so of its section, module and class), by its former name."""

PARAMETERS = {
    "belief_updating": {"weight": "voice_weight"},
    "brand_awareness": {"sellers": "seller_weight", "voices": "voice_weight"},
    "brand_communities": {
        "belonging": "utility", "satisfaction": "member_satisfaction", "largest": "max_size"},
    "customer_data": {"half": "half_saturation"},
    "leaving": {
        "shortfall": "shortfall_weight", "idle": "idle_weight", "contagion": "contagion_weight",
        "sunk": "sunk_weight", "binding": "binding_weight"},
    "legacy_channel": {"handed": "handed_over", "distinct": "distinctness"},
    "liquidation": {"lowest": "floor"},
    "product_experience": {
        "performance": "performance_weight", "gain": "gain_weight", "loss": "loss_weight",
        "learning": "smoothing"},
    "purchase_choice": {
        "risk": "risk_weight", "anchoring": "assimilation", "plausible": "plausible_range"},
    "recruiting": {
        "credulity": "credulity_weight", "trust": "trust_weight", "hype": "hype_weight",
        "saturation": "saturation_weight", "warning": "warning_weight",
        "least_entry": "minimum_outlay"},
    "supply_chain": {"sharing": "information_sharing"},
}
"""Current name of each renamed parameter by its former one, by the current name of the rule."""


class RenamedWarning(FutureWarning):
    """A former name was used; it still works."""


def _tell(former: str, current: str) -> None:
    # All from one line, so that Python's own filter shows each notice once.
    warnings.warn(_("'{former}' is now called '{current}'; the former name still works").format(
        former=former, current=current), RenamedWarning, stacklevel=1)


def current_name(rule: str, known: Container[str] = ()) -> str:
    """Return the current name of a rule; names in `known` are current."""
    if rule in known or rule not in RULES:
        return rule
    _tell(rule, RULES[rule])
    return RULES[rule]


def current_parameter(rules: Iterable[str], name: str, known: Container[str] = ()) -> str:
    """Return the current name of a parameter; `rules` are its rule and those it derives from."""
    if name not in known:
        for rule in rules:
            if name in PARAMETERS.get(rule, {}):
                _tell(f"{rule}.{name}", f"{rule}.{PARAMETERS[rule][name]}")
                return PARAMETERS[rule][name]
    return name


def current_path(path: str, known: Container[str] = ()) -> str:
    """Return the current name of a setting: of its section, and of the parameter in it."""
    former, *rest = path.split(".")
    rule = former if former in known else RULES.get(former, former)
    if rest:
        rest[0] = PARAMETERS.get(rule, {}).get(rest[0], rest[0])
    current = ".".join([rule, *rest])
    if current != path:
        _tell(path, current)
    return current


def current_settings(data: Mapping[str, Any], known: Sequence[str] = ()) -> dict[str, Any]:
    """Return sections of settings under their current names."""
    renamed: dict[str, Any] = {}
    for former, section in data.items():
        rule = current_name(former, known)
        if isinstance(section, Mapping):
            section = {current_parameter([rule], name): value for name, value in section.items()}
        renamed[rule] = section
    return renamed


class _FormerModules(MetaPathFinder, Loader):
    """Finds ``sim.mechanisms.OLD``, where code still imports a rule under its former name."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """Return how to load the module, if it is one of a renamed rule."""
        package, _dot, name = fullname.rpartition(".")
        return ModuleSpec(fullname, self) if package == __package__ and name in RULES else None

    def exec_module(self, module: types.ModuleType) -> None:
        """Fill the module from the current one, with the class under both names."""
        former = module.__name__.rpartition(".")[2]
        today = importlib.import_module(f"{__package__}.{current_name(former)}")
        vars(module).update(
            (name, value) for name, value in vars(today).items() if not name.startswith("__"))
        setattr(module, _class(former), getattr(today, _class(RULES[former])))


def _class(rule: str) -> str:
    return "".join(part.capitalize() for part in rule.split("_"))


sys.meta_path.append(_FormerModules())
