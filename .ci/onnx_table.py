#!/usr/bin/env python3
"""Compares the ONNX file of a table model, in ONNX Runtime, with what ndsl's own engine made of the same rows.

    onnx_table.py MODEL.onnx RAW.csv DATA.csv

RAW.csv is what `ndsl predict --raw` wrote for DATA.csv. The cells are made into numbers here by what the file says of itself
(`ndsl.signature`), and by nothing else: whoever has the file alone can do the same.
"""

import csv
import datetime
import json
import sys

import numpy
import onnx
import onnxruntime

TOLERANCE = 1e-4
TYPES = {"f32": numpy.float32, "i64": numpy.int64}
EPOCH = datetime.datetime(1970, 1, 1)


def rows(path):
    with open(path, newline="") as file:
        return [{name.strip(): cell.strip() for name, cell in row.items()} for row in csv.DictReader(file)]


def number(cell, column):
    """A cell as the number that stands for it."""
    kind, labels = column["kind"], column.get("labels")
    if cell == "":
        return float("nan") if column["null"] == "NaN" else int(column["null"])
    if kind == "enum":
        return labels.index(cell)
    if kind == "bool":
        return labels.index(cell.lower())
    if kind == "date":
        return (datetime.datetime.fromisoformat(cell) - EPOCH).days
    if kind == "datetime":
        return int((datetime.datetime.fromisoformat(cell) - EPOCH).total_seconds())
    if kind == "time":
        time = datetime.time.fromisoformat(cell)
        return time.hour * 3600 + time.minute * 60 + time.second
    return float(cell) if kind == "float" else int(cell)


def main(model, raw, data):
    onnx.checker.check_model(model, full_check=True)
    metadata = {entry.key: entry.value for entry in onnx.load(model).metadata_props}
    signature = json.loads(metadata["ndsl.signature"])
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    table = rows(data)
    inputs = {}
    for given in signature["inputs"]:
        column = given["column"]
        name = column["name"].rsplit(".", 1)[1]
        numbers = [number(row[name], column) for row in table]
        inputs[given["name"]] = numpy.array(numbers, dtype=TYPES[given["element"]])
    [found] = session.run(None, inputs)
    with open(raw, newline="") as file:
        ours = numpy.array([[float(cell) for cell in row] for row in list(csv.reader(file))[1:]])
    if found.shape != ours.shape:
        sys.exit(f"ONNX Runtime answers {found.shape}, ndsl {ours.shape}")
    largest = float(numpy.abs(found - ours).max())
    [answer] = signature["outputs"]
    print(f"{model}: {len(table)} rows of {len(inputs)} columns, largest difference {largest:.2e}; {answer['name']}: {answer['column']['meaning']}")
    if not largest <= TOLERANCE:
        sys.exit(f"the difference is above {TOLERANCE}")


main(*sys.argv[1:])
