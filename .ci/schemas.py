#!/usr/bin/env python3
"""Holds converted schemas to the databases and the validator of other people.

    schemas.py NDSL

`compiler/tests/convert/everything.ndsl` is converted by the command NDSL. The tables are made in SQLite, and in Postgres where one
can be reached (`NDSL_POSTGRES`, or `host=127.0.0.1 user=postgres`; within a transaction that is taken back). Good rows must go
in, and each bad row, which differs in one value, must be refused. The same rows as JSON are held to the JSON Schema by `jsonschema`. Where there is
`pg_dump`, what Postgres makes of the tables must come back as a schema with the same tables and columns.
"""

import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys

import jsonschema
import psycopg

PROGRAM = pathlib.Path(__file__).parent.parent / "compiler/tests/convert/everything.ndsl"
ID = "7f3d0c1e-2b4a-4c5d-8e6f-0123456789ab"

# A row of each table, in the order in which the tables are made.
ROWS = {
    "Customer": {
        "id": ID, "email": "ada@example.org", "age": 41, "plan": "team of many", "kind": "person", "income": 1234.5,
        "phone": None, "signup": "2020-02-29", "code": "ABC-1234", "sku": "it's", "bio": "Line\nbreaks.", "lucky": None,
        "share": 0.5, "is on": True, "tags": ["a", "b"], "lists": [[1], []], "extra": {"a": [1, None]}, "lat": 48.1,
        "country": "DE", "churned": False, "orders": 1, "label": "ada {free}",
    },
    "Order": {
        "id": 1, "customer": ID, "mail": "ada@example.org", "placed": "2020-02-29T10:00:00", "shipped": "2020-03-01T00:00:00",
        "day": "2024-12-24", "opens": "08:30:00", "quantity": 20, "price": 9.99, "total": 199.8,
    },
    "Author": {"id": 1, "best": None, "boss": 1},
    "Book": {"isbn": "9780000000000", "author": 1},
    "Line": {"order": 1, "no": 1, "book": "9780000000000"},
}

# What each row is made into that must be refused: by databases, and by JSON Schema, which knows neither keys nor checks.
BAD = [
    ("Customer", {"email": None}, "both"),
    ("Customer", {"age": 17}, "both"),
    ("Customer", {"age": 96}, "both"),
    ("Customer", {"plan": "gold"}, "both"),
    ("Customer", {"income": -1}, "both"),
    ("Customer", {"signup": "2018-12-31"}, "databases"),
    ("Customer", {"code": "abc"}, "postgres and JSON"),
    ("Customer", {"sku": "xyz"}, "databases"),
    ("Customer", {"sku": "ab"}, "both"),
    ("Customer", {"lucky": 3}, "both"),
    ("Customer", {"share": 1.5}, "both"),
    ("Customer", {"is on": False}, "both"),
    ("Customer", {"tags": []}, "postgres and JSON"),
    ("Customer", {"bio": "x" * 2001}, "both"),
    ("Customer", {}, "databases"),
    ("Order", {"customer": ID.replace("7f", "8f")}, "databases"),
    ("Order", {"placed": "2026-07-01T00:00:00", "shipped": None}, "databases"),
    ("Order", {"shipped": "2020-02-29T09:59:59"}, "databases"),
    ("Order", {"day": "2024-12-25"}, "databases"),
    ("Order", {"opens": "10:00:01"}, "databases"),
    ("Order", {"price": 0.5}, "databases"),
    ("Order", {"quantity": 21}, "both"),
    ("Book", {"isbn": "978"}, "both"),
    ("Line", {"no": 0}, "both"),
    ("Line", {"book": "9780000000001"}, "databases"),
]


def convert(ndsl, *arguments, text=None):
    done = subprocess.run([ndsl, "schema", "convert", *arguments], input=text, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"ndsl schema convert {' '.join(arguments)}: {done.returncode}\n{done.stderr}")
    return done.stdout


def insert(name, row, mark):
    columns = ", ".join(f'"{column}"' for column in row)
    table = "\"Order\"" if name == "Order" else name
    return f"INSERT INTO {table} ({columns}) VALUES ({', '.join([mark] * len(row))})"


def another(name, change, key):
    """The good row with a change, and with another key, so that only the change can be at fault."""
    row = dict(ROWS[name])
    if change:
        row |= key | change
    return row


KEYS = {
    "Customer": {"id": ID.replace("7f3d", "7f3e"), "email": "bob@example.org", "code": "ABC-1235"},
    "Order": {"id": 2, "placed": "2020-02-29T11:00:00"},
    "Book": {"isbn": "9780000000002"},
    "Line": {"no": 2, "book": "9780000000000"},
}


def sqlite(script):
    database = sqlite3.connect(":memory:")
    database.execute("PRAGMA foreign_keys = ON")
    database.executescript(script)
    cell = lambda value: json.dumps(value) if isinstance(value, (list, dict)) else value
    for name, row in ROWS.items():
        database.execute(insert(name, row, "?"), [cell(value) for value in row.values()])
    missed = []
    for name, change, who in BAD:
        if who == "postgres and JSON":
            continue
        row = another(name, change, KEYS.get(name, {}))
        try:
            database.execute(insert(name, row, "?"), [cell(value) for value in row.values()])
            missed.append(f"SQLite takes {name} {change}")
        except sqlite3.IntegrityError:
            pass
    return missed


def postgres(script, ndsl):
    where = os.environ.get("NDSL_POSTGRES", "host=127.0.0.1 user=postgres dbname=postgres connect_timeout=3")
    try:
        connection = psycopg.connect(where, autocommit=True)
    except psycopg.OperationalError as error:
        print(f"SKIPPED: no Postgres can be reached ({str(error).splitlines()[0]}); NDSL_POSTGRES says where one is")
        return []
    space = f"ndsl_schemas_{os.getpid()}"
    missed = []
    cell = lambda value: psycopg.types.json.Jsonb(value) if isinstance(value, dict) else value
    cells = lambda row: [psycopg.types.json.Jsonb(value) if name == "lists" else cell(value) for name, value in row.items()]
    try:
        connection.execute(f"CREATE SCHEMA {space}")
        connection.execute(f"SET search_path = {space}")
        connection.execute(script)
        for name, row in ROWS.items():
            quoted = insert(name, row, "%s")
            connection.execute(quoted, cells(row))
        for name, change, _ in BAD:
            row = another(name, change, KEYS.get(name, {}))
            try:
                connection.execute(insert(name, row, "%s"), cells(row))
                missed.append(f"Postgres takes {name} {change}")
            except psycopg.errors.IntegrityError:
                pass
            except psycopg.errors.DataError:
                pass
        missed += dumped(where, space, ndsl)
    finally:
        connection.execute(f"DROP SCHEMA IF EXISTS {space} CASCADE")
    return missed


def dumped(where, space, ndsl):
    """What `pg_dump` says of the tables, read back."""
    if shutil.which("pg_dump") is None:
        print("SKIPPED: there is no pg_dump")
        return []
    dump = subprocess.run(["pg_dump", "--schema-only", f"--schema={space}", where], capture_output=True, text=True)
    if dump.returncode != 0:
        print(f"SKIPPED: pg_dump: {dump.stderr.strip()}")
        return []
    back = json.loads(convert(ndsl, "-", "--from", "sql", "--to", "json-schema", "--name", "Back", "--message-format", "json", text=dump.stdout))
    tables = json.loads(back["text"])["$defs"]
    missed = []
    for name, row in ROWS.items():
        found = tables.get(name.lower()) or tables.get(name)
        if found is None:
            missed.append(f"pg_dump: {name} does not come back")
        elif list(found["properties"]) != list(row):
            missed.append(f"pg_dump: the columns of {name} come back as {list(found['properties'])}")
        else:
            for error in jsonschema.Draft202012Validator(found).iter_errors(row):
                missed.append(f"pg_dump: {name}: {error.message}")
    return missed


def json_schema(text):
    schema = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(schema)
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    validator = jsonschema.Draft202012Validator(schema, format_checker=checker)
    whole = {name: [row] for name, row in ROWS.items()}
    missed = [f"JSON Schema refuses a good row: {error.message}" for error in validator.iter_errors(whole)]
    for name, change, who in BAD:
        if who == "databases":
            continue
        if validator.is_valid({name: [another(name, change, KEYS.get(name, {}))]}):
            missed.append(f"JSON Schema takes {name} {change}")
    return missed


def main():
    ndsl = os.path.abspath(sys.argv[1])
    program = str(PROGRAM)
    missed = sqlite(convert(ndsl, program, "--to", "sql", "--dialect", "sqlite"))
    missed += postgres(convert(ndsl, program, "--to", "sql"), ndsl)
    missed += json_schema(convert(ndsl, program, "--to", "json-schema"))
    if missed:
        sys.exit("\n".join(missed))
    print(f"{len(ROWS)} good rows were taken and {len(BAD)} bad ones refused")


if __name__ == "__main__":
    main()
