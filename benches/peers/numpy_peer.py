"""numpy: whole measures at once in int64 arrays; the largest remainders by a stable sort of each row.

usage: numpy_peer.py DIR REPS
"""

import sys

import numpy as np

import common


def load(folder):
    """`pop` by year and party, `ppm` and `opt` with one row per measure of their kind."""
    w = common.load(folder)
    for name in ("pop", "cost", "award", "kind", "bp"):
        w[name] = np.array(w[name], dtype=np.int64)
    for name in ("ppm", "opt"):
        w[name] = np.array([w[name][measure] for measure in sorted(w[name])], dtype=np.int64)
    return w


def fund(w):
    """Net and drawn, by measure and year."""
    eligible = (w["cost"] * w["bp"][:, None] + 5000) // 10000
    carried = np.zeros(w["M"], dtype=np.int64)
    drawn = np.empty_like(eligible)
    for year in range(w["Y"]):
        available = w["award"][:, year] + carried
        drawn[:, year] = np.minimum(eligible[:, year], available)
        carried = available - drawn[:, year]
    return w["cost"] - drawn, drawn


def split(amounts, weights):
    """Splits every amount by one row of weights. N*w fits 64 bits in this workload."""
    whole = weights.sum()
    product = amounts[:, None] * weights
    quotient = product // whole
    remainder = product - quotient * whole
    rest = amounts - quotient.sum(1)
    # Columns by (weight descending, party); a stable sort by remainder then breaks ties as defined.
    order = np.broadcast_to(np.argsort(-weights, kind="stable"), remainder.shape)
    place = np.argsort(-np.take_along_axis(remainder, order, 1), axis=1, kind="stable")
    ranking = np.take_along_axis(order, place, 1)
    gains = (np.arange(len(weights)) < rest[:, None]).astype(np.int64)
    gained = np.empty_like(quotient)
    np.put_along_axis(gained, ranking, gains, 1)
    return quotient + gained


def compute(w):
    """Shares by measure, year and party; totals by party and year."""
    net, drawn = fund(w)
    shares = np.empty((w["M"], w["Y"], w["P"]), dtype=np.int64)
    for kind, weights in ((0, w["ppm"]), (3, w["opt"])):
        for row, measure in enumerate(np.nonzero(w["kind"] == kind)[0]):
            shares[measure] = split(net[measure], weights[row])
    mixed = 4 * w["pop"].sum(1)[:, None] + 6 * w["P"] * w["pop"]
    for year in range(w["Y"]):
        # Kinds follow each other: every fourth measure, from 1 and from 2 on.
        shares[1::4, year] = split(net[1::4, year], mixed[year])
        shares[2::4, year] = split(net[2::4, year], w["pop"][year])
    totals = shares.sum(0).T
    assert (shares.sum(2) == net).all()
    assert totals.sum() == net.sum() == w["cost"].sum() - drawn.sum()
    return shares, totals


def check(w, result):
    shares, totals = result
    moments = np.tensordot(np.arange(1, w["M"] + 1), shares, (0, 0)).T
    return common.result_id(w["first_year"], totals.tolist(), moments.tolist())


if __name__ == "__main__":
    version = "numpy " + np.__version__
    common.measure("numpy", version, sys.argv[1], int(sys.argv[2]), load, compute, check)
