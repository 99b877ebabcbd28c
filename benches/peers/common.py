"""What the peers share: reading the workload, the result id, the clock and the one JSON line that each prints."""

import csv
import gc
import hashlib
import json
import statistics
import time
from pathlib import Path

# benches/WORKLOAD.md, section 4.
RESULT_IDS = {
    "S": "8fb8a152e329b79b468ee3903fb656e515d0476e03a37f3d14002c69da7631c0",
    "M": "ca02986da2cc5eafc51a4984c77b25bf27cff3b866ac7570ef40878bd40e49b8",
    "L": "5e54d94d19e7f5bc5b91a81719c6fe0c43af75859ed2e1579869e90ccaf2122b",
}


def read_meta(folder):
    return json.loads((Path(folder) / "meta.json").read_text())


def read_table(folder, name):
    with open(Path(folder) / name, newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for row in rows:
            yield tuple(map(int, row))


def load(folder):
    """The workload in lists: `pop` by year and party, `cost` and `award` by measure and year, the weights of `ppm`
    (kind 0) and `opt` (kind 3) by party under each measure's number."""
    meta = read_meta(folder)
    parties, measures, years = meta["parties"], meta["measures"], meta["years"]
    first_year = meta["first_year"]
    pop = [[0] * parties for _ in range(years)]
    for party, year, inhabitants in read_table(folder, "population.csv"):
        pop[year - first_year][party] = inhabitants
    kind, bp = [0] * measures, [0] * measures
    for measure, its_kind, its_bp in read_table(folder, "measures.csv"):
        kind[measure], bp[measure] = its_kind, its_bp
    cost = [[0] * years for _ in range(measures)]
    award = [[0] * years for _ in range(measures)]
    for measure, year, its_cost, its_award in read_table(folder, "costs.csv"):
        cost[measure][year - first_year], award[measure][year - first_year] = its_cost, its_award
    ppm, opt = {}, {}
    for measure, party, part in read_table(folder, "percent.csv"):
        ppm.setdefault(measure, [0] * parties)[party] = part
    for measure, party in read_table(folder, "optin.csv"):
        opt.setdefault(measure, [0] * parties)[party] = 1
    return {
        "P": parties,
        "M": measures,
        "Y": years,
        "first_year": first_year,
        "pop": pop,
        "kind": kind,
        "bp": bp,
        "cost": cost,
        "award": award,
        "ppm": ppm,
        "opt": opt,
    }


def result_id(first_year, totals, moments):
    """The checksum of benches/WORKLOAD.md; both tables by party and year."""
    digest = hashlib.sha256()
    for party, (party_totals, party_moments) in enumerate(zip(totals, moments)):
        for year, (total, moment) in enumerate(zip(party_totals, party_moments), first_year):
            digest.update(f"{party},{year},{int(total)},{int(moment)}\n".encode())
    return digest.hexdigest()


def by_party(column, years):
    """A column ordered by party and year, cut into one list per party."""
    return [column[start : start + years] for start in range(0, len(column), years)]


def peak_mb(process="self"):
    """The most memory a process has held so far, in MiB; nothing where the system does not say."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return None
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def measure(peer, version, folder, reps, load, compute, check, describe=lambda workload, result: {}):
    """Times `compute` alone: loading is done before, the checksum and what else there is to say of it after."""
    workload = load(folder)
    cpu_ms, wall_ms, result = [], [], None
    for _ in range(reps):
        result = None
        gc.collect()
        cpu_before, wall_before = time.process_time(), time.perf_counter()
        result = compute(workload)
        wall_ms.append((time.perf_counter() - wall_before) * 1e3)
        cpu_ms.append((time.process_time() - cpu_before) * 1e3)
    peak = peak_mb()
    its_result_id, more = check(workload, result), describe(workload, result)
    report(peer, version, folder, cpu_ms, wall_ms, peak, its_result_id, **more)


def report(peer, version, folder, cpu_ms, wall_ms, peak, its_result_id, **more):
    meta = read_meta(folder)
    line = {
        "peer": peer,
        "version": version,
        "size": meta["size"],
        "cpu_ms": round(statistics.median(cpu_ms), 3),
        "cpu_min_ms": round(min(cpu_ms), 3),
        "wall_ms": round(statistics.median(wall_ms), 3),
        "reps": len(cpu_ms),
        "peak_mb": peak and round(peak, 1),
        "shares": meta["parties"] * meta["measures"] * meta["years"],
        "result_id": its_result_id,
    }
    print(json.dumps(line | more), flush=True)
