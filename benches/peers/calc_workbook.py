"""The workbook that a spreadsheet user would build: one sheet per measure; in it, for every year, the columns weight,
quotient, remainder and share. The largest remainders by RANK and COUNTIF.

Written by hand as an .xlsx file, because formulas are all that is needed of the format.
"""

import zipfile

TYPES = """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
<Override PartName="/workbook.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"""
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
FIRST_ROW = 4


def letters(column):
    """0 is A, 25 is Z, 26 is AA."""
    text = ""
    column += 1
    while column:
        column, last = divmod(column - 1, 26)
        text = chr(65 + last) + text
    return text


def write_book(path, sheets):
    """A workbook of named sheets; a sheet is rows of cells, and a cell is nothing, a number or a formula."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        names = []
        for name, rows in sheets:
            names.append(name)
            cells = "".join(map(row_xml, rows))
            sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'
            book.writestr(f"sheet{len(names)}.xml", sheet)
        numbered = list(enumerate(names, 1))
        listed = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in numbered)
        related = "".join(
            f'<Relationship Id="r{n}" Type="{OFFICE}/worksheet" Target="sheet{n}.xml"/>' for n, _ in numbered
        )
        root = f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="workbook.xml"/>'
        book.writestr("[Content_Types].xml", TYPES)
        book.writestr("_rels/.rels", f'<Relationships xmlns="{RELATIONS}">{root}</Relationships>')
        book.writestr("_rels/workbook.xml.rels", f'<Relationships xmlns="{RELATIONS}">{related}</Relationships>')
        content = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>'
        book.writestr("workbook.xml", content)


def row_xml(cells):
    return "<row>" + "".join(map(cell_xml, cells)) + "</row>"


def cell_xml(cell):
    if cell is None:
        return "<c/>"
    if isinstance(cell, int):
        return f"<c><v>{cell}</v></c>"
    return "<c><f>" + cell.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") + "</f></c>"


def sheets(w):
    """The book for one workload."""
    years = range(w["Y"])
    pop = [[w["pop"][year][party] for year in years] for party in range(w["P"])]
    yield "Pop", [*pop, [f"SUM({letters(year)}1:{letters(year)}{w['P']})" for year in years]]
    yield "Cost", [row for measure in range(w["M"]) for row in funding_rows(w, measure)]
    for measure in range(w["M"]):
        yield f"m{measure}", measure_rows(w, measure)


def funding_rows(w, measure):
    """Six rows: cost, award, eligible, drawn, carried, net."""
    above = 6 * measure
    cost, award, eligible, drawn, carried, net = range(above + 1, above + 7)
    rows = [w["cost"][measure], w["award"][measure], [], [], [], []]
    for year in range(w["Y"]):
        own = letters(year)
        available = f"{own}{award}" + (f"+{letters(year - 1)}{carried}" if year else "")
        rows[2].append(f"ROUND({own}{cost}*{w['bp'][measure]}/10000,0)")
        rows[3].append(f"MIN({own}{eligible},{available})")
        rows[4].append(f"{available}-{own}{drawn}")
        rows[5].append(f"{own}{cost}-{own}{drawn}")
    return rows


def measure_rows(w, measure):
    """Net, sum of the weights and what is left in the first three rows, then a row per party."""
    last_row = FIRST_ROW + w["P"] - 1
    net, whole, rest = [], [], []
    for year in range(w["Y"]):
        weight, quotient = letters(4 * year), letters(4 * year + 1)
        net += [f"Cost!{letters(year)}{6 * measure + 6}", None, None, None]
        whole += [f"SUM({weight}{FIRST_ROW}:{weight}{last_row})", None, None, None]
        rest += [f"{weight}1-SUM({quotient}{FIRST_ROW}:{quotient}{last_row})", None, None, None]
    yield from (net, whole, rest)
    for party in range(w["P"]):
        row = FIRST_ROW + party
        cells = []
        for year in range(w["Y"]):
            wt, q, r = (letters(4 * year + column) for column in range(3))
            place = f"RANK({r}{row},{r}${FIRST_ROW}:{r}${last_row})+COUNTIF({r}${FIRST_ROW - 1}:{r}{row - 1},{r}{row})"
            cells += [
                weight_cell(w, measure, year, party),
                f"INT({wt}$1*{wt}{row}/{wt}$2)",
                f"{wt}$1*{wt}{row}/{wt}$2-{q}{row}",
                f"{q}{row}+IF({place}<={wt}$3,1,0)",
            ]
        yield cells


def weight_cell(w, measure, year, party):
    kind = w["kind"][measure]
    if kind == 0:
        return w["ppm"][measure][party]
    if kind == 3:
        return w["opt"][measure][party]
    column, row = letters(year), party + 1
    if kind == 2:
        return f"Pop!{column}{row}"
    return f"4*Pop!{column}${w['P'] + 1}+{6 * w['P']}*Pop!{column}{row}"
