"""Plain Python, as one writes it without any package: øre as `int`, or kroner as `decimal.Decimal`.

usage: plain_python.py DIR int|decimal REPS
"""

import platform
import sys
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, getcontext

import common

ORE = Decimal("0.01")


def split_int(amount, weights):
    whole = sum(weights)
    shares, remainders = [], []
    for weight in weights:
        share, remainder = divmod(amount * weight, whole)
        shares.append(share)
        remainders.append(remainder)
    return give_rest(shares, remainders, weights, amount - sum(shares), 1)


def split_decimal(amount, weights):
    whole = sum(weights)
    shares, remainders = [], []
    for weight in weights:
        product = amount * weight
        share = (product / whole).quantize(ORE, ROUND_DOWN)
        shares.append(share)
        remainders.append(product - share * whole)
    return give_rest(shares, remainders, weights, int((amount - sum(shares)) / ORE), ORE)


def give_rest(shares, remainders, weights, rest, ore):
    if rest:
        order = sorted(range(len(weights)), key=lambda p: (-remainders[p], -weights[p], p))
        for party in order[:rest]:
            shares[party] += ore
    return shares


def weights(w, measure, year):
    kind = w["kind"][measure]
    if kind == 0:
        return w["ppm"][measure]
    if kind == 3:
        return w["opt"][measure]
    pop = w["pop"][year]
    if kind == 2:
        return pop
    # 40 % equally and 60 % by inhabitants over a common denominator, so that nothing is rounded.
    equally, by_head = 4 * sum(pop), 6 * w["P"]
    return [equally + by_head * inhabitants for inhabitants in pop]


def eligible_int(cost, bp):
    return (cost * bp + 5000) // 10000


def eligible_decimal(cost, rate):
    return (cost * rate).quantize(ORE, ROUND_HALF_UP)


def compute(w, split, eligible, zero):
    """Shares by measure, year and party; totals by party and year."""
    totals = [[zero] * w["Y"] for _ in range(w["P"])]
    shares, net_in_all, drawn_in_all = [], zero, zero
    for measure in range(w["M"]):
        of_measure, carried = [], zero
        for year in range(w["Y"]):
            cost = w["cost"][measure][year]
            available = w["award"][measure][year] + carried
            drawn = min(eligible(cost, w["bp"][measure]), available)
            carried = available - drawn
            net = cost - drawn
            row = split(net, weights(w, measure, year))
            assert sum(row) == net
            for party, share in enumerate(row):
                totals[party][year] += share
            of_measure.append(row)
            net_in_all += net
            drawn_in_all += drawn
        shares.append(of_measure)
    assert sum(map(sum, totals)) == net_in_all == sum(map(sum, w["cost"])) - drawn_in_all
    return shares, totals


def compute_int(w):
    return compute(w, split_int, eligible_int, 0)


def compute_decimal(w):
    return compute(w, split_decimal, eligible_decimal, Decimal("0.00"))


def load_decimal(folder):
    # Products of amounts and weights have up to 20 digits; the quotient must not be rounded up to a whole øre.
    getcontext().prec = 50
    w = common.load(folder)
    for name in ("cost", "award"):
        w[name] = [[Decimal(ore).scaleb(-2) for ore in row] for row in w[name]]
    w["pop"] = [[Decimal(inhabitants) for inhabitants in row] for row in w["pop"]]
    for name in ("ppm", "opt"):
        w[name] = {measure: [Decimal(x) for x in row] for measure, row in w[name].items()}
    w["bp"] = [Decimal(bp) / 10000 for bp in w["bp"]]
    return w


def check(w, result, ore_per_unit=1):
    shares, totals = result
    moments = [[0] * w["Y"] for _ in range(w["P"])]
    for measure, of_measure in enumerate(shares):
        for year, row in enumerate(of_measure):
            for party, share in enumerate(row):
                moments[party][year] += (measure + 1) * share
    in_ore = lambda table: [[amount * ore_per_unit for amount in row] for row in table]
    return common.result_id(w["first_year"], in_ore(totals), in_ore(moments))


def main():
    folder, mode, reps = sys.argv[1], sys.argv[2], int(sys.argv[3])
    version = "CPython " + platform.python_version()
    if mode == "int":
        common.measure("plain Python, int", version, folder, reps, common.load, compute_int, check)
    else:
        in_kroner = lambda w, result: check(w, result, 100)
        common.measure("plain Python, decimal", version, folder, reps, load_decimal, compute_decimal, in_kroner)


if __name__ == "__main__":
    main()
