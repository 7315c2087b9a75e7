"""Reads the files of `ndsl generate` with readers that are not ours: every format must hold the same rows.

    python rows_check.py FOLDER    FOLDER has one folder a format, each with the tables of the same program, seed and rows
"""

import decimal
import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas
import pyarrow
import pyarrow.feather
import pyarrow.parquet


def plain(value):
    """A value as all formats can have it: text, number or nothing."""
    if value is None or value is pandas.NaT or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, (decimal.Decimal, float, int, bool)):
        return float(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value)


def rows(table):
    """The rows of an Arrow table."""
    return [[plain(value) for value in row.values()] for row in table.to_pylist()]


def of_texts(table, texts):
    """Rows of texts, each read by the type of its column."""
    kinds = [field.type for field in table.schema]

    def read(kind, text):
        if text is None:
            return None
        if pyarrow.types.is_boolean(kind):
            return float(str(text).lower() in ("true", "t", "1"))
        if pyarrow.types.is_integer(kind) or pyarrow.types.is_floating(kind) or pyarrow.types.is_decimal(kind):
            return float(text)
        if pyarrow.types.is_timestamp(kind):
            return str(text).replace(" ", "T")
        return str(text)

    return [[read(kind, text) for kind, text in zip(kinds, row)] for row in texts]


def csv_of_pandas(path, table):
    frame = pandas.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
    assert list(frame.columns) == table.column_names, f"{path}: {list(frame.columns)}"
    return of_texts(table, [[None if cell != cell else cell for cell in row] for row in frame.itertuples(index=False)])


def csv_of_duckdb(path, table):
    read = f"read_csv('{path}', header=true, all_varchar=true, allow_quoted_nulls=false, null_padding=false, quote='\"', escape='\"')"
    return of_texts(table, duckdb.sql(f"SELECT * FROM {read}").fetchall())


def json_of(path, table):
    text = path.read_text(encoding="utf-8")
    objects = json.loads(text) if path.suffix == ".json" else [json.loads(line) for line in text.splitlines()]
    return of_texts(table, [list(one.values()) for one in objects])


def duckdb_of(path):
    return rows(duckdb.sql(f"SELECT * FROM '{path}'").to_arrow_table())


def sqlite_of(folder, tables):
    """What the script of a folder makes of an empty database, which is looked at with every constraint."""
    database = sqlite3.connect(":memory:")
    script = next(folder.glob("*.sql")).read_text(encoding="utf-8")
    if "CREATE TABLE" not in script:
        for name, table in tables.items():
            columns = ", ".join(f'"{column}"' for column in table.column_names)
            database.execute(f'CREATE TABLE "{name}" ({columns})')
    database.executescript(script)
    return rows_of_sqlite(database, tables)


def rows_of_sqlite(database, tables):
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    return {name: of_texts(table, database.execute(f'SELECT * FROM "{name}"').fetchall()) for name, table in tables.items()}


def main(folder):
    tables = {path.stem: pyarrow.parquet.read_table(path) for path in sorted((folder / "parquet").glob("*.parquet"))}
    assert tables, "there is no table"
    for name, table in tables.items():
        expected = rows(table)
        assert len(expected) == table.num_rows > 0
        found = {
            "Parquet, DuckDB": duckdb_of(folder / "parquet" / f"{name}.parquet"),
            "Arrow, PyArrow": rows(pyarrow.feather.read_table(folder / "arrow" / f"{name}.arrow", memory_map=True)),
            "CSV, DuckDB": csv_of_duckdb(folder / "csv" / f"{name}.csv", table),
            "JSON lines": json_of(folder / "jsonl" / f"{name}.jsonl", table),
            "JSON": json_of(folder / "json" / f"{name}.json", table),
        }
        for reader, got in found.items():
            for row, (one, other) in enumerate(zip(got, expected, strict=True)):
                assert one == other, f"{name}, {reader}, row {row}:\n{one}\n{other}"
        # For pandas an empty text is no value either.
        folded = [[None if value == "" else value for value in row] for row in expected]
        assert csv_of_pandas(folder / "csv" / f"{name}.csv", table) == folded, f"{name}: pandas has other rows"
        print(f"{name}: {table.num_rows} rows, {', '.join(found)} and pandas agree")
    of_sqlite = {
        "the script": sqlite_of(folder / "sql", tables),
        "the script of rows alone": sqlite_of(folder / "rows-alone", tables),
        "the file": rows_of_sqlite(sqlite3.connect(folder / "rows.db"), tables),
    }
    for what, found in of_sqlite.items():
        for name, got in found.items():
            assert got == rows(tables[name]), f"{name}: SQLite has other rows, of {what}"
        print(f"SQLite has the rows of {what}")
    psql(folder / "copy", tables)


def psql(folder, tables):
    """Reads the script into a schema of its own, which is gone afterwards."""
    if not shutil.which("psql") or subprocess.run(["psql", "-c", "SELECT 1"], capture_output=True).returncode != 0:
        print("SKIPPED: PostgreSQL, since there is no psql that reaches a server")
        return
    script = next(folder.glob("*.copy")).read_text(encoding="utf-8")
    head = ["CREATE SCHEMA rows_check;", "SET client_min_messages TO warning;", "SET search_path TO rows_check;"]
    try:
        read = "\n".join([*head, script])
        subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1"], input=read, text=True, check=True)
        for name, table in tables.items():
            asked = f'SELECT count(*) FROM rows_check.{name}'
            count = subprocess.run(["psql", "-At", "-c", asked], capture_output=True, text=True, check=True).stdout
            assert int(count) == table.num_rows, f"{name}: PostgreSQL has {count} rows"
        print("PostgreSQL has the rows of the script")
    finally:
        subprocess.run(["psql", "-q", "-c", "SET client_min_messages TO warning", "-c", "DROP SCHEMA IF EXISTS rows_check CASCADE"], check=True)


main(Path(sys.argv[1]))
