"""LibreOffice Calc: the workbook of calc_workbook.py, opened headless; timed is the recalculation of all formulas.

usage: calc_peer.py DIR REPS      (with a Python that can `import uno`; Linux)
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

import calc_workbook
import common


class Office:
    """A LibreOffice of our own, with a fresh profile, spoken to through a pipe."""

    def __init__(self, profile):
        self.pipe = f"fordel{os.getpid()}"
        options = ["--headless", "--norestore", "--nologo", f"-env:UserInstallation=file://{profile}"]
        self.started = subprocess.Popen(
            ["soffice", *options, f"--accept=pipe,name={self.pipe};urp;"], stderr=subprocess.DEVNULL
        )
        self.desktop = self.connect()
        self.process = self.find_process()

    def connect(self):
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        for _ in range(300):
            try:
                remote = resolver.resolve(f"uno:pipe,name={self.pipe};urp;StarOffice.ComponentContext")
                return remote.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", remote)
            except NoConnectException:
                time.sleep(0.2)
        sys.exit("LibreOffice did not answer within a minute")

    def find_process(self):
        """What was started is a launcher; the one that computes is its child."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                arguments = (folder / "cmdline").read_text()
            except OSError:
                continue
            if self.pipe in arguments and "soffice.bin" in arguments.split("\0")[0]:
                return folder.name
        sys.exit("the process of LibreOffice was not found")

    def cpu_ms(self):
        fields = Path(f"/proc/{self.process}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") * 1e3

    def open(self, path):
        hidden = PropertyValue("Hidden", 0, True, 0)
        return self.desktop.loadComponentFromURL(f"file://{path}", "_blank", 0, (hidden,))

    def close(self):
        self.desktop.terminate()
        self.started.wait(60)


def check(w, book):
    totals = [[0] * w["Y"] for _ in range(w["P"])]
    moments = [[0] * w["Y"] for _ in range(w["P"])]
    for measure in range(w["M"]):
        sheet = book.Sheets.getByName(f"m{measure}")
        top = calc_workbook.FIRST_ROW - 1
        cells = sheet.getCellRangeByPosition(0, top, 4 * w["Y"] - 1, top + w["P"] - 1).getDataArray()
        for party, row in enumerate(cells):
            for year, share in enumerate(row[3::4]):
                totals[party][year] += round(share)
                moments[party][year] += (measure + 1) * round(share)
    return common.result_id(w["first_year"], totals, moments)


def recalculate(w, office, path, reps):
    book = office.open(path)
    cpu_ms, wall_ms = [], []
    for _ in range(reps):
        cpu_before, wall_before = office.cpu_ms(), time.perf_counter()
        book.calculateAll()
        wall_ms.append((time.perf_counter() - wall_before) * 1e3)
        cpu_ms.append(office.cpu_ms() - cpu_before)
    peak = common.peak_mb(office.process)
    its_result_id = check(w, book)
    book.close(True)
    return cpu_ms, wall_ms, peak, its_result_id


def main():
    folder, reps = sys.argv[1], int(sys.argv[2])
    w = common.load(folder)
    said = subprocess.run(["soffice", "--version"], capture_output=True, text=True).stdout
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "book.xlsx"
        calc_workbook.write_book(path, calc_workbook.sheets(w))
        office = Office(Path(room) / "profile")
        try:
            results = recalculate(w, office, path, reps)
        finally:
            office.close()
    common.report("LibreOffice Calc", " ".join(said.split()[:2]), folder, *results)


if __name__ == "__main__":
    main()
