"""polars: long tables, lazy, with joins and windows. The number of threads comes from POLARS_MAX_THREADS.

usage: polars_peer.py DIR REPS
"""

import os
import sys
from pathlib import Path

import polars as pl
from polars import col

import common

ROW = ["measure", "year"]


def load(folder):
    w = common.read_meta(folder)
    for name in ("population", "measures", "costs", "percent", "optin"):
        w[name] = pl.read_csv(Path(folder) / f"{name}.csv").cast(pl.Int64)
    return w


def fund(w):
    """A row per measure and year. The carry-over in closed form, because a running minimum needs no loop."""
    carried_before = col("carried").shift(1, fill_value=0).over("measure")
    return (
        w["costs"]
        .lazy()
        .join(w["measures"].lazy(), on="measure")
        .sort("measure", "year")
        .with_columns(eligible=(col("cost_ore") * col("cofund_bp") + 5000) // 10000)
        .with_columns(saved=(col("award_ore") - col("eligible")).cum_sum().over("measure"))
        .with_columns(carried=col("saved") - pl.min_horizontal(col("saved").cum_min().over("measure"), pl.lit(0)))
        .with_columns(drawn=col("award_ore") + carried_before - col("carried"))
        .with_columns(net=col("cost_ore") - col("drawn"))
        .collect()
    )


def weigh(w, rows):
    """A row per measure, year and party, with its weight."""
    by_year = w["population"].lazy().with_columns(in_all=col("inhabitants").sum().over("year"))
    mixed = 4 * col("in_all") + 6 * w["parties"] * col("inhabitants")
    inhabitants = by_year.select("year", "party", weight="inhabitants")
    of_kind = lambda kind: rows.lazy().filter(col("kind") == kind).select("measure", "year", "net")
    parts = [
        of_kind(0).join(w["percent"].lazy().rename({"ppm": "weight"}), on="measure"),
        of_kind(1).join(by_year.select("year", "party", weight=mixed), on="year"),
        of_kind(2).join(inhabitants, on="year"),
        of_kind(3).join(w["optin"].lazy().with_columns(weight=pl.lit(1, dtype=pl.Int64)), on="measure"),
    ]
    return pl.concat([part.select("measure", "year", "net", "party", "weight") for part in parts])


def compute(w):
    rows = fund(w)
    shares = (
        weigh(w, rows)
        .with_columns(product=col("net") * col("weight"), whole=col("weight").sum().over(ROW))
        .with_columns(quotient=col("product") // col("whole"))
        .with_columns(
            remainder=col("product") - col("quotient") * col("whole"),
            rest=col("net") - col("quotient").sum().over(ROW),
        )
        .sort([*ROW, "remainder", "weight", "party"], descending=[False, False, True, True, False])
        .with_columns(rank=pl.int_range(pl.len()).over(ROW))
        .select(*ROW, "party", share=col("quotient") + (col("rank") < col("rest")).cast(pl.Int64))
        .collect()
    )
    totals = shares.group_by("party", "year").agg(col("share").sum()).sort("party", "year")
    proof = shares.group_by(ROW).agg(col("share").sum()).join(rows, on=ROW)
    assert (proof["share"] == proof["net"]).all() and proof.height == rows.height
    assert totals["share"].sum() == rows["net"].sum() == rows["cost_ore"].sum() - rows["drawn"].sum()
    return shares, totals


def check(w, result):
    shares, totals = result
    moment = ((col("measure") + 1) * col("share")).sum()
    moments = shares.group_by("party", "year").agg(moment=moment)
    table = w["population"].select("party", "year")
    for part in (totals, moments):
        table = table.join(part, on=["party", "year"], how="left")
    table = table.sort("party", "year").fill_null(0)
    lists = [by_party(w, table[name]) for name in ("share", "moment")]
    return common.result_id(w["first_year"], *lists)


def by_party(w, column):
    return common.by_party(column.to_list(), w["years"])


if __name__ == "__main__":
    threads = os.environ.get("POLARS_MAX_THREADS", "all")
    version = "polars " + pl.__version__
    common.measure(f"polars, threads: {threads}", version, sys.argv[1], int(sys.argv[2]), load, compute, check)
