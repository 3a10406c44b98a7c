"""weishang: an agent-based simulation of micro-commerce (微商) economics.

Names are imported when they are first used, so that ``import sim`` costs next to nothing.
"""

import importlib as _importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.agents import Brand as Brand
    from sim.agents import Consumer as Consumer
    from sim.agents import Reseller as Reseller
    from sim.agents import RivalBrand as RivalBrand
    from sim.face import calibrate as calibrate
    from sim.face import check as check
    from sim.face import dashboard as dashboard
    from sim.face import decide as decide
    from sim.face import describe as describe
    from sim.face import diff as diff
    from sim.face import estimate as estimate
    from sim.face import new as new
    from sim.face import optimise as optimise
    from sim.face import pilot as pilot
    from sim.face import report as report
    from sim.face import sensitivity as sensitivity
    from sim.face import sweep as sweep
    from sim.face import tipping as tipping
    from sim.kernel.columns import Column as Column
    from sim.kernel.settings import parameter as parameter
    from sim.market.outputs import Output as Output
    from sim.mechanisms.base import Mechanism as Mechanism
    from sim.mechanisms.roles import enlist as enlist
    from sim.mechanisms.roles import retire as retire
    from sim.model import MicroCommerce as MicroCommerce
    from sim.regimes import REGIMES as REGIMES
    from sim.regimes import Regime as Regime
    from sim.runs.folder import open_results as open_results
    from sim.runs.folder import resume as resume
    from sim.runs.folder import run_into as run_into
    from sim.runs.many import run_many as run_many
    from sim.runs.reproducing import reproduce as reproduce
    from sim.runs.result import Result as Result
    from sim.runs.run import run as run
    from sim.scenario.load import load as load
    from sim.scenario.schema import Scenario as Scenario
    from sim.studies.ablation import ablate as ablate
    from sim.studies.compare import compare as compare
    from sim.studies.explain import explain as explain
    from sim.studies.facts import facts as facts
    from sim.studies.forecast import forecast as forecast
    from sim.studies.ladder import ladder as ladder
    from sim.studies.loops import loops as loops
    from sim.studies.prove import prove as prove
    from sim.views.plots import plot as plot
    from sim.views.plots import save_figures as save_figures

__version__ = "0.1.0"

_PUBLIC = {
    # scenarios and runs
    "load": "sim.scenario.load",  # read a scenario by name or path
    "Scenario": "sim.scenario.schema",  # one frozen record of everything a run depends on
    "run": "sim.runs.run",  # one scenario, one seed: tables
    "Result": "sim.runs.result",  # the tables of one run
    "run_many": "sim.runs.many",  # scenarios x seeds on any executor
    "run_into": "sim.runs.folder",  # the same, into a results folder
    "open_results": "sim.runs.folder",  # a results folder
    "resume": "sim.runs.folder",  # go on with a results folder
    "reproduce": "sim.runs.reproducing",  # run a sample of a folder again and compare
    "plot": "sim.views.plots",  # one picture of a result
    # studies
    "compare": "sim.studies.compare",  # paired differences with intervals
    "sweep": "sim.face",  # a scenario over values of settings
    "sensitivity": "sim.face",  # which settings move a measure
    "as_model": "sim.face",  # a scenario as a function, for SALib and the EMA workbench
    "Model": "sim.studies.engines",  # what another engine has to offer to be explored
    "explore": "sim.studies.engines",  # any engine over samples of its ranges
    "tipping": "sim.face",  # where a condition changes
    "optimise": "sim.face",  # settings that make a measure best
    "calibrate": "sim.face",  # settings that meet given figures
    "forecast": "sim.studies.forecast",  # what may come after a history, and under plans
    "pilot": "sim.face",  # what trying small first is worth
    "loops": "sim.studies.loops",  # which feedback loop did it
    "ladder": "sim.studies.ladder",  # from one scenario to another, one change at a time
    "explain": "sim.studies.explain",  # turning points and flows in sentences
    "histories": "sim.studies.histories",  # week by week, a sample of resellers
    "decide": "sim.face",  # which plan to choose when nobody knows the world
    "ablate": "sim.studies.ablation",  # what each mechanism changes
    "prove": "sim.studies.prove",  # closed forms against the model
    "facts": "sim.studies.facts",  # stylised facts against the model
    # scenarios, pages
    "new": "sim.face",  # write a commented scenario file
    "check": "sim.face",  # what makes no sense in a scenario
    "diff": "sim.face",  # what two scenarios resolve to differently
    "describe": "sim.face",  # what settings and columns mean
    "estimate": "sim.face",  # seconds, memory and disk that runs will take
    "save_figures": "sim.views.plots",  # all pictures of a result as files
    "report": "sim.face",  # one page about results
    "dashboard": "sim.face",  # the live view in a browser
    # the model from inside
    "MicroCommerce": "sim.model",  # the Mesa model
    "Brand": "sim.agents",  # live view of the brand
    "Reseller": "sim.agents",  # live view of a reseller
    "RivalBrand": "sim.agents",  # live view of a rival brand, where there are any
    "Consumer": "sim.agents",  # live view of a person
    "Mechanism": "sim.mechanisms.base",  # what a custom rule derives from
    "parameter": "sim.kernel.settings",  # declare a parameter of a rule
    "Column": "sim.kernel.columns",  # declare a column that a rule brings
    "Output": "sim.market.outputs",  # declare a weekly column that a rule reports
    "enlist": "sim.mechanisms.roles",  # make resellers of persons
    "retire": "sim.mechanisms.roles",  # let resellers leave
    "Regime": "sim.regimes",  # an ordered composition of rules
    "REGIMES": "sim.regimes",  # the shipped regimes by name
}

__all__ = sorted(_PUBLIC)


if not TYPE_CHECKING:
    def __getattr__(name: str) -> object:
        if name in _PUBLIC:
            value = getattr(_importlib.import_module(_PUBLIC[name]), name)
            globals()[name] = value
            return value
        raise AttributeError(f"module 'sim' has no attribute '{name}'")

    def __dir__() -> list[str]:
        return sorted([*_PUBLIC, "__version__"])
