#!/usr/bin/env python3
"""Runs the peers on one size of the reference workload, one after another, each in a process of its own, and prints
what each took and whether its result is right. The exit code is 1 if a result is wrong or a peer broke down.

Make the workload first: python3 benches/peers/generate.py DATA_DIR
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

import common

HERE = Path(__file__).parent


@dataclass
class Peer:
    name: str
    script: str
    arguments: list = field(default_factory=list)
    environment: dict = field(default_factory=dict)
    package: str = ""
    # Sizes that take minutes; they are run only when asked for.
    slow_sizes: str = ""
    # A peer that does not split exactly is shown, and its result id is not held against it.
    is_exact: bool = True


PEERS = [
    Peer("plain Python, int", "plain_python.py", ["int"], slow_sizes="L"),
    Peer("plain Python, decimal", "plain_python.py", ["decimal"], slow_sizes="L"),
    Peer("numpy", "numpy_peer.py", package="numpy"),
    Peer("pandas", "pandas_peer.py", package="pandas"),
    Peer("polars, threads: 1", "polars_peer.py", environment={"POLARS_MAX_THREADS": "1"}, package="polars"),
    Peer("polars, threads: 2", "polars_peer.py", environment={"POLARS_MAX_THREADS": "2"}, package="polars"),
    Peer("DuckDB, threads: 1", "duckdb_peer.py", ["1"], package="duckdb"),
    Peer("DuckDB, threads: 2", "duckdb_peer.py", ["2"], package="duckdb"),
    Peer("OpenFisca, exact", "openfisca_peer.py", ["exact"], package="OpenFisca-Core"),
    Peer("OpenFisca, float32", "openfisca_peer.py", ["float32"], package="OpenFisca-Core", is_exact=False),
]
CALC = Peer("LibreOffice Calc", "calc_peer.py", slow_sizes="SML")


def run(peer, python, folder, reps):
    """The row that a peer printed; nothing if it broke down, whose reason is then on stderr."""
    command = [python, HERE / peer.script, folder, *peer.arguments, str(reps)]
    done = subprocess.run(command, env=os.environ | peer.environment, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        return None
    row = json.loads(done.stdout.splitlines()[-1])
    row["is_right"] = verdict(peer, row)
    return row


def verdict(peer, row):
    published = common.RESULT_IDS.get(row["size"])
    if not peer.is_exact or published is None:
        return None
    return row["result_id"] == published


def reason_to_skip(peer, size, with_slow):
    if peer.package and not is_installed(peer.package):
        return f"{peer.package} is not installed (pip install -r benches/peers/requirements.txt)"
    if size in peer.slow_sizes and not with_slow:
        return f"{peer.name} is slow at size {size} (--with-slow)"
    return None


def is_installed(package):
    try:
        metadata.distribution(package)
    except metadata.PackageNotFoundError:
        return False
    return True


def python_for_calc():
    """LibreOffice answers only to a Python with its own module, most often the system's."""
    office = shutil.which("soffice")
    if office is None:
        return None
    beside_it = Path(office).resolve().parent / "python"
    for python in (sys.executable, shutil.which("python3", path=os.defpath), beside_it):
        try:
            subprocess.run([python, "-c", "import uno"], check=True, capture_output=True)
        except (OSError, TypeError, subprocess.CalledProcessError):
            continue
        return python
    return None


def reason_to_skip_calc(size, with_slow, python):
    if size == "L":
        return "LibreOffice Calc would need some 28 GB at size L"
    if size not in common.RESULT_IDS and not with_slow:
        return "LibreOffice Calc is slow (--with-slow)"
    return reason_to_skip(CALC, size, with_slow) or (
        None if python else "LibreOffice Calc is not here (it needs soffice and a Python that can import uno)"
    )


def show(row):
    right = {True: "yes", False: "WRONG", None: "not exact"}[row["is_right"]]
    if row["size"] not in common.RESULT_IDS:
        right = "unpublished"
    memory = "" if row["peak_mb"] is None else f"{row['peak_mb']:.0f}"
    per_share = row["cpu_ms"] * 1e6 / row["shares"]
    figures = f"{row['cpu_ms']:11.1f} {row['wall_ms']:11.1f} {memory:>8} {right:>12} {per_share:9.1f}"
    print(f"{row['peer']:22} {row['version']:22} {figures}", flush=True)
    if "note" in row:
        print(f"  {row['note']}", flush=True)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data_dir", type=Path, metavar="DATA_DIR", help="where generate.py wrote the workload")
    parser.add_argument("--size", default="L", help="S, M, L (the default) or a folder of another size")
    parser.add_argument("--reps", type=int, default=3, help="how often to repeat; the median counts (3)")
    parser.add_argument("--with-slow", action="store_true", help="also what takes minutes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the rows, one JSON object a line")
    return parser.parse_args()


def main():
    asked = parse()
    folder = asked.data_dir / asked.size
    if not (folder / "meta.json").is_file():
        sys.exit(f"{folder} holds no workload (python3 benches/peers/generate.py {asked.data_dir} {asked.size})")
    calc_python = python_for_calc()
    print(f"size {asked.size}, median of {asked.reps}, times without reading the input")
    heading = f"{'CPU ms':>11} {'wall ms':>11} {'peak MB':>8} {'result id ok':>12} {'ns/share':>9}"
    print(f"{'peer':22} {'version':22} {heading}")
    rows, broken, said = [], [], set()
    for peer in [*PEERS, CALC]:
        if peer is CALC:
            python, skipped = calc_python, reason_to_skip_calc(asked.size, asked.with_slow, calc_python)
        else:
            python, skipped = sys.executable, reason_to_skip(peer, asked.size, asked.with_slow)
        if skipped:
            # Two rows of one package are skipped for one reason, said once.
            if skipped not in said:
                print(f"skipped: {skipped}", flush=True)
            said.add(skipped)
        elif row := run(peer, python, folder, asked.reps):
            rows.append(row)
            show(row)
        else:
            broken.append(peer.name)
            print(f"failed: {peer.name}", flush=True)
    if asked.json:
        asked.json.write_text("".join(json.dumps(row) + "\n" for row in rows))
    sys.exit(1 if broken or any(row["is_right"] is False for row in rows) else 0)


if __name__ == "__main__":
    main()
