#!/usr/bin/env python3
"""Writes the tables of the reference workload (benches/WORKLOAD.md, section 2): the same bytes on every machine.

usage: generate.py FOLDER [SIZE...]

SIZE is S, M or L (all three when left out), or PARTIES,MEASURES,YEARS for any other size.
Each goes to a folder of its own, FOLDER/M or FOLDER/20_100_5. Only the standard library is needed.
"""

import hashlib
import json
import sys
from pathlib import Path

SIZES = {"S": (16, 40, 4), "M": (357, 200, 10), "L": (357, 1000, 30)}
SEED = 20260101
FIRST_YEAR = 2026
BIG_CITY_INHABITANTS = 717_710


class Dice:
    """A linear congruential generator of 64 bits; its order of draws is part of the definition."""

    def __init__(self, seed):
        self.state = seed

    def roll(self, below):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % below


def generate(parties, measures, years):
    """The tables, each by the name of its file: a heading and rows."""
    dice = Dice(SEED)
    tables = {
        "population.csv": ("party,year,inhabitants", population(dice, parties, years)),
        "measures.csv": ("measure,kind,cofund_bp", []),
        "costs.csv": ("measure,year,cost_ore,award_ore", []),
        "percent.csv": ("measure,party,ppm", []),
        "optin.csv": ("measure,party", []),
    }
    rows = {name: table[1] for name, table in tables.items()}
    for measure in range(measures):
        kind, is_funded = measure % 4, measure % 3 == 0
        base = 1_000_000 + dice.roll(500_000_000)
        rows["measures.csv"].append((measure, kind, 5000 if is_funded else 0))
        for year in range(FIRST_YEAR, FIRST_YEAR + years):
            zero, percent, odd = dice.roll(16), 90 + dice.roll(21), dice.roll(10000)
            award_percent = 30 + dice.roll(41)
            cost = 0 if zero == 0 else base * percent // 100 + odd
            award = base * award_percent // 100 if is_funded else 0
            rows["costs.csv"].append((measure, year, cost, award))
        if kind == 0:
            ppm = enumerate(parts_per_million(dice, parties))
            rows["percent.csv"] += [(measure, party, part) for party, part in ppm]
        elif kind == 3:
            rows["optin.csv"] += [(measure, party) for party in range(parties) if dice.roll(100) < 80]
    return tables


def population(dice, parties, years):
    rows = []
    for party in range(parties):
        draw = dice.roll(1000)
        inhabitants = BIG_CITY_INHABITANTS if party == 0 else 200 + draw**3 // 15000
        growth = dice.roll(31) - 10
        for year in range(FIRST_YEAR, FIRST_YEAR + years):
            rows.append((party, year, inhabitants))
            inhabitants = inhabitants * (1000 + growth) // 1000
    return rows


def parts_per_million(dice, parties):
    """Fixed percentages that add up exactly: what is missing goes to the first parties."""
    raw = [1 + dice.roll(1000) for _ in range(parties)]
    whole = sum(raw)
    ppm = [1_000_000 * part // whole for part in raw]
    for party in range(1_000_000 - sum(ppm)):
        ppm[party] += 1
    return ppm


def write(folder, size, parties, measures, years):
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    for name, (heading, rows) in generate(parties, measures, years).items():
        lines = [heading, *(",".join(map(str, row)) for row in rows)]
        content = "".join(line + "\n" for line in lines).encode()
        (folder / name).write_bytes(content)
        digest.update(content)
    meta = {
        "size": size,
        "parties": parties,
        "measures": measures,
        "years": years,
        "first_year": FIRST_YEAR,
        "seed": SEED,
        "input_sha256": digest.hexdigest(),
    }
    (folder / "meta.json").write_text(json.dumps(meta, indent=1))
    print(json.dumps(meta))


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    for size in sys.argv[2:] or list(SIZES):
        parties, measures, years = SIZES.get(size) or map(int, size.split(","))
        name = size.replace(",", "_")
        write(folder / name, name, parties, measures, years)


if __name__ == "__main__":
    main()
