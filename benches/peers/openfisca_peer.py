"""OpenFisca: a tax-benefit system with one person entity per party, costs and awards as parameters, and a formula for
every measure's funding, carry-over, net and share.

float32  the library as it is: amounts are float32, and each share is rounded by itself. It has no largest remainder,
         so shares do not add up and the result id cannot be right; how far off it is comes with the result.
exact    amounts patched to float64, and the largest remainder written in numpy inside every share's formula: exact,
         but by means that the library does not offer.

usage: openfisca_peer.py DIR float32|exact REPS
"""

import sys
from importlib.metadata import version

import numpy as np
from openfisca_core import entities, periods, taxbenefitsystems, variables
from openfisca_core.parameters import ParameterNode
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.variables import config

import common
import plain_python

PARTY = entities.build_entity(key="party", plural="parties", label="party", is_person=True)
COUNCIL = entities.build_entity(
    key="council", plural="councils", label="council", roles=[{"key": "member", "plural": "members", "label": "m"}]
)


def split_exactly(net, weights):
    amount, weights = int(round(net * 100)), weights.astype(np.int64)
    whole = weights.sum()
    product = amount * weights
    quotient = product // whole
    remainder = product - quotient * whole
    rest = int(amount - quotient.sum())
    ranking = np.lexsort((np.arange(len(weights)), -weights, -remainder))
    quotient[ranking[:rest]] += 1
    return quotient / 100.0


def split_each_by_itself(net, weights):
    return np.round(net * (weights / weights.sum()), 2)


def variable(name, entity, formula=None):
    attributes = {
        "value_type": float,
        "entity": entity,
        "definition_period": periods.DateUnit.YEAR,
        "label": name,
    }
    if formula:
        attributes["formula"] = formula
    return type(name, (variables.Variable,), attributes)


def system(w, split):
    built = taxbenefitsystems.TaxBenefitSystem([PARTY, COUNCIL])
    built.add_variable(variable("population", PARTY))
    for measure in range(w["M"]):
        add_measure(built, w, measure, split)
    years = range(w["first_year"], w["first_year"] + w["Y"])

    def in_kroner(row):
        return {"values": {f"{year:04d}-01-01": {"value": ore / 100} for year, ore in zip(years, row)}}

    parameters = {
        f"m{measure}": {"cost": in_kroner(w["cost"][measure]), "award": in_kroner(w["award"][measure])}
        for measure in range(w["M"])
    }
    built.parameters = ParameterNode("", data={"measures": parameters})
    return built


def add_measure(built, w, measure, split):
    kind, bp, first_year = w["kind"][measure], w["bp"][measure], w["first_year"]

    def carried_before(council, period):
        return council(f"carried_{measure}", period.last_year) if period.start.year > first_year else 0

    def drawn(council, period, parameters):
        own = parameters(period).measures[f"m{measure}"]
        # Without `rint` the binary fraction of a krone decides about half an øre.
        eligible = np.floor(np.rint(own.cost * 100) * bp / 10000 + 0.5) / 100
        return np.minimum(eligible, own.award + carried_before(council, period)) + np.zeros(council.count)

    def carried(council, period, parameters):
        award = parameters(period).measures[f"m{measure}"].award
        return award + carried_before(council, period) - council(f"drawn_{measure}", period)

    def net(council, period, parameters):
        cost = parameters(period).measures[f"m{measure}"].cost
        return cost - council(f"drawn_{measure}", period) if bp else cost + np.zeros(council.count)

    def share(party, period, parameters):
        if kind in (0, 3):
            weights = party(f"weight_{measure}", period)
        else:
            pop = party("population", period)
            weights = pop if kind == 2 else 4 * pop.sum() + 6 * len(pop) * pop
        amount = party.council(f"net_{measure}", period)
        return split(amount[0], weights)

    if kind in (0, 3):
        built.add_variable(variable(f"weight_{measure}", PARTY))
    if bp:
        built.add_variable(variable(f"drawn_{measure}", COUNCIL, drawn))
        built.add_variable(variable(f"carried_{measure}", COUNCIL, carried))
    built.add_variable(variable(f"net_{measure}", COUNCIL, net))
    built.add_variable(variable(f"share_{measure}", PARTY, share))


def load(folder, split):
    w = common.load(folder)
    w["system"] = system(w, split)
    w["population"] = np.array(w["pop"], dtype=float)
    w["weights"] = {measure: np.array(row, dtype=float) for measure, row in (w["ppm"] | w["opt"]).items()}
    return w


def simulation(w):
    builder = SimulationBuilder()
    builder.create_entities(w["system"])
    builder.declare_person_entity("party", range(w["P"]))
    council = builder.declare_entity("council", ["council"])
    builder.join_with_persons(council, ["council"] * w["P"], roles=["member"] * w["P"])
    built = builder.build(w["system"])
    # By default a chain of carry-overs longer than one year silently gives 0.
    built.max_spiral_loops = w["Y"] + 1
    return built


def compute(w):
    """Shares by year, measure and party; totals by year and party; net by measure and year. All in kroner."""
    measures, years = range(w["M"]), range(w["first_year"], w["first_year"] + w["Y"])
    run = simulation(w)
    for index, year in enumerate(years):
        run.set_input("population", str(year), w["population"][index])
        for measure, weights in w["weights"].items():
            run.set_input(f"weight_{measure}", str(year), weights)
    shares, totals = [], []
    for year in years:
        rows = [run.calculate(f"share_{measure}", str(year)) for measure in measures]
        shares.append(rows)
        totals.append(np.sum(rows, axis=0, dtype=np.float64))
    net = [[run.calculate(f"net_{measure}", str(year))[0] for year in years] for measure in measures]
    return shares, np.array(totals), np.array(net)


def in_ore(shares):
    return np.rint(np.array(shares, dtype=np.float64) * 100).astype(np.int64)


def check(w, result):
    shares = in_ore(result[0])
    moments = np.tensordot(shares, np.arange(1, w["M"] + 1), (1, 0)).T
    return common.result_id(w["first_year"], shares.sum(1).T.tolist(), moments.tolist())


def deviation(w, result):
    """How far the library as it is comes out from the exact result."""
    shares = in_ore(result[0])
    exact = np.array(plain_python.compute_int(w)[0]).transpose(1, 0, 2)
    off = np.abs(shares - exact)
    gaps = np.abs(shares.sum(2) - exact.sum(2))
    cells = f"{(off > 0).sum()} of {off.size} shares are wrong, by up to {off.max()} øre"
    return {"note": f"{cells}; {(gaps > 0).sum()} of {gaps.size} rows do not add up, by up to {gaps.max()} øre"}


def main():
    folder, mode, reps = sys.argv[1], sys.argv[2], int(sys.argv[3])
    name, release = f"OpenFisca, {mode}", "OpenFisca-Core " + version("OpenFisca-Core")
    if mode == "exact":
        config.VALUE_TYPES[float]["dtype"] = np.float64
        read = lambda folder: load(folder, split_exactly)
        common.measure(name, release, folder, reps, read, compute, check)
    else:
        read = lambda folder: load(folder, split_each_by_itself)
        common.measure(name, release, folder, reps, read, compute, check, deviation)


if __name__ == "__main__":
    main()
