"""DuckDB: SQL with joins and windows. Amounts are kept as DECIMAL(18,2) kroner; the arithmetic is HUGEINT øre,
because dividing DECIMALs gives a DOUBLE, whereas HUGEINT // HUGEINT stays exact.

usage: duckdb_peer.py DIR THREADS REPS
"""

import sys

import duckdb

import common

TABLES = """
create table population as select * from read_csv('{folder}/population.csv', header = true,
    columns = {{'party': 'INT', 'year': 'INT', 'inhabitants': 'BIGINT'}});
create table measures as select * from read_csv('{folder}/measures.csv', header = true,
    columns = {{'measure': 'INT', 'kind': 'INT', 'cofund_bp': 'INT'}});
create table costs as
    select measure, year,
        (cost_ore::DECIMAL(20,2) / 100)::DECIMAL(18,2) cost,
        (award_ore::DECIMAL(20,2) / 100)::DECIMAL(18,2) award
    from read_csv('{folder}/costs.csv', header = true,
        columns = {{'measure': 'INT', 'year': 'INT', 'cost_ore': 'BIGINT', 'award_ore': 'BIGINT'}});
create table percent as select * from read_csv('{folder}/percent.csv', header = true,
    columns = {{'measure': 'INT', 'party': 'INT', 'ppm': 'BIGINT'}});
create table optin as select * from read_csv('{folder}/optin.csv', header = true,
    columns = {{'measure': 'INT', 'party': 'INT'}});
"""

# The carry-over in closed form: a running sum less its running minimum.
FUND = """
create or replace table funded as
with in_ore as (
    select measure, year, kind, cofund_bp, (cost * 100)::BIGINT cost, (award * 100)::BIGINT award
    from costs join measures using (measure)),
eligible as (select *, (cost * cofund_bp + 5000) // 10000 eligible from in_ore),
saved as (select *, sum(award - eligible) over (partition by measure order by year) saved from eligible),
carried as (
    select *, saved - least(0, min(saved) over (partition by measure order by year)) carried from saved),
drawn as (
    select *, award + coalesce(lag(carried) over (partition by measure order by year), 0) - carried drawn
    from carried)
select measure, year, kind, cost, drawn::BIGINT drawn, (cost - drawn)::BIGINT net from drawn;
"""

SPLIT = """
create or replace table by_year as
    select *, 4 * in_all + 6 * parties * inhabitants mixed
    from (select *, (sum(inhabitants) over (partition by year))::BIGINT in_all,
        (count(*) over (partition by year))::BIGINT parties from population);
create or replace table shares as
with weighed as (
    select f.measure, f.year, f.net, p.party, p.ppm weight
    from funded f join percent p on p.measure = f.measure and f.kind = 0
    union all
    select f.measure, f.year, f.net, p.party, p.mixed from funded f join by_year p on p.year = f.year and f.kind = 1
    union all
    select f.measure, f.year, f.net, p.party, p.inhabitants
    from funded f join by_year p on p.year = f.year and f.kind = 2
    union all
    select f.measure, f.year, f.net, p.party, 1 from funded f join optin p on p.measure = f.measure and f.kind = 3),
products as (
    select *, net::HUGEINT * weight product, sum(weight) over (partition by measure, year)::HUGEINT whole
    from weighed),
quotients as (select *, product // whole quotient, product % whole remainder from products),
ranked as (
    select *, net - sum(quotient) over (partition by measure, year) rest,
        row_number() over (partition by measure, year order by remainder desc, weight desc, party) place
    from quotients)
select measure, year, party, (quotient + case when place <= rest then 1 else 0 end)::BIGINT share from ranked;
create or replace table totals as select party, year, sum(share) total from shares group by all;
"""

ROWS_OPEN = """
select count(*) from (select measure, year, sum(share) paid from shares group by all)
full join funded using (measure, year) where paid is distinct from net
"""
SUMS = "select (select sum(total) from totals), sum(net), sum(cost) - sum(drawn) from funded"
CHECKSUM = """
select coalesce(total, 0), coalesce(moment, 0) from population
left join totals using (party, year)
left join (select party, year, sum((measure + 1) * share) moment from shares group by all) using (party, year)
order by party, year
"""


def load(folder, threads):
    database = duckdb.connect()
    database.execute(f"set threads to {threads}")
    database.execute(TABLES.format(folder=folder))
    return common.read_meta(folder) | {"database": database}


def compute(w):
    database = w["database"]
    database.execute(FUND)
    database.execute(SPLIT)
    (rows_open,) = database.execute(ROWS_OPEN).fetchone()
    paid, net, cost_less_drawn = database.execute(SUMS).fetchone()
    assert rows_open == 0 and paid == net == cost_less_drawn
    return database


def check(w, database):
    rows = database.execute(CHECKSUM).fetchall()
    totals, moments = zip(*rows)
    return common.result_id(w["first_year"], common.by_party(totals, w["years"]), common.by_party(moments, w["years"]))


def main():
    folder, threads, reps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    version = "duckdb " + duckdb.__version__
    read = lambda folder: load(folder, threads)
    common.measure(f"DuckDB, threads: {threads}", version, folder, reps, read, compute, check)


if __name__ == "__main__":
    main()
