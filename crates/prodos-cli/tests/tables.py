"""Reads the tables of a result folder with every library a user may come with.

    python tables.py RESULT_FOLDER

Types, units and descriptions in the metadata, nulls, and equal values from Parquet and CSV.
"""

import sys
from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow.parquet

folder = Path(sys.argv[1])
TABLES = [
    "summary.parquet",
    "events.parquet",
    "series/city.parquet",
    "series/sectors.parquet",
    "series/teams.parquet",
    "series/operators.parquet",
]


def expect(holds, what):
    if not holds:
        raise SystemExit(f"FAILED: {what}")


for name in TABLES:
    path = folder / name
    arrow = pyarrow.parquet.read_table(path)
    frame = pandas.read_parquet(path)
    lazy = polars.read_parquet(path)
    counted = duckdb.sql(f"select count(*) from '{path}'").fetchall()[0][0]
    rows = {arrow.num_rows, len(frame), lazy.height, counted}
    expect(len(rows) == 1 and rows != {0}, f"{name}: rows {rows}")
    names = arrow.column_names
    expect(list(frame.columns) == names == lazy.columns, f"{name}: columns differ")
    for field in arrow.schema:
        told = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
        expect(told.get("description"), f"{name}: {field.name} says nothing of itself")
        kind = str(field.type)
        expect(kind in ("double", "int64", "string"), f"{name}: {field.name} is {kind}")
        expect(told.get("unit"), f"{name}: {field.name} has no unit")
        # What is missing is null, not a number that is none.
        nulls = arrow[field.name].null_count
        expect(nulls == int(frame[field.name].isna().sum()), f"{name}: {field.name} hides nulls")
        expect(nulls == lazy[field.name].null_count(), f"{name}: {field.name} has other nulls in polars")

events = pandas.read_parquet(folder / "events.parquet")
causes = events["cause_event"].dropna()
expect(set(causes) <= set(events["event"]), "a cause is no event")

summary = pandas.read_parquet(folder / "summary.parquet")
text = pandas.read_csv(folder / "summary.csv")
expect(list(text.columns) == list(summary.columns), "summary.csv has other columns")
for column in summary.select_dtypes("number"):
    pairs = zip(summary[column], pandas.to_numeric(text[column]))
    expect(all(a == b or (a != a and b != b) for a, b in pairs), f"summary.csv differs in {column}")
print(f"{len(TABLES)} tables read with pyarrow, pandas, polars and DuckDB")
