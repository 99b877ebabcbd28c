"""pandas: one long table of shares, merged, grouped and sorted as one writes it in a notebook.

usage: pandas_peer.py DIR REPS
"""

import sys

import numpy as np
import pandas as pd

import common
from numpy_peer import load


def fund(w):
    """A row per measure and year. The carry-over in closed form, because a running minimum needs no loop."""
    measures, years = w["M"], w["Y"]
    rows = pd.DataFrame(
        {
            "measure": np.repeat(np.arange(measures), years),
            "year": np.tile(np.arange(years), measures),
            "cost": w["cost"].ravel(),
            "award": w["award"].ravel(),
        }
    )
    eligible = (rows.cost * w["bp"][rows.measure] + 5000) // 10000
    saved = (rows.award - eligible).groupby(rows.measure).cumsum()
    carried = saved - saved.groupby(rows.measure).cummin().clip(upper=0)
    rows["drawn"] = rows.award + carried.groupby(rows.measure).shift(fill_value=0) - carried
    rows["net"] = rows.cost - rows.drawn
    rows["kind"] = w["kind"][rows.measure]
    return rows


def weigh(w, rows):
    """A row per measure, year and party, with its weight."""
    parties, years = w["P"], w["Y"]
    by_year = pd.DataFrame(
        {
            "year": np.repeat(np.arange(years), parties),
            "party": np.tile(np.arange(parties), years),
            "inhabitants": w["pop"].ravel(),
        }
    )
    in_all = by_year.groupby("year")["inhabitants"].transform("sum")
    by_year["mixed"] = 4 * in_all + 6 * parties * by_year["inhabitants"]
    parts = []
    for kind, weights in ((0, w["ppm"]), (3, w["opt"])):
        own = np.nonzero(w["kind"] == kind)[0]
        by_measure = pd.DataFrame(
            {
                "measure": np.repeat(own, parties),
                "party": np.tile(np.arange(parties), len(own)),
                "weight": weights.ravel(),
            }
        )
        parts.append(rows.loc[rows.kind == kind, ["measure", "year", "net"]].merge(by_measure, on="measure"))
    for kind, column in ((1, "mixed"), (2, "inhabitants")):
        weights = by_year[["year", "party", column]].rename(columns={column: "weight"})
        parts.append(rows.loc[rows.kind == kind, ["measure", "year", "net"]].merge(weights, on="year"))
    return pd.concat(parts, ignore_index=True)


def compute(w):
    rows = fund(w)
    shares = weigh(w, rows)
    row = shares.measure * w["Y"] + shares.year
    whole = shares.weight.groupby(row).transform("sum")
    product = shares.net * shares.weight
    shares["quotient"] = product // whole
    shares["remainder"] = product - shares.quotient * whole
    shares["rest"] = shares.net - shares.quotient.groupby(row).transform("sum")
    shares["row"] = row
    shares = shares.sort_values(["row", "remainder", "weight", "party"], ascending=[True, False, False, True])
    shares["share"] = shares.quotient + (shares.groupby("row").cumcount() < shares.rest)
    totals = shares.groupby(["party", "year"])["share"].sum().unstack()
    assert (shares.groupby(["measure", "year"])["share"].sum().to_numpy() == rows.net.to_numpy()).all()
    assert totals.to_numpy().sum() == rows.net.sum() == rows.cost.sum() - rows.drawn.sum()
    return shares, totals


def check(w, result):
    shares, totals = result
    moments = ((shares.measure + 1) * shares.share).groupby([shares.party, shares.year]).sum().unstack()
    return common.result_id(w["first_year"], totals.to_numpy().tolist(), moments.to_numpy().tolist())


if __name__ == "__main__":
    version = "pandas " + pd.__version__
    common.measure("pandas", version, sys.argv[1], int(sys.argv[2]), load, compute, check)
