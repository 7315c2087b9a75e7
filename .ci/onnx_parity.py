#!/usr/bin/env python3
"""Compares a trained model's ONNX file, in ONNX Runtime, with what ndsl's own engine made of the same rows.

    onnx_parity.py MODEL.onnx RAW.csv DATA.csv [OTHER.onnx ...]

RAW.csv is what `ndsl predict --raw` wrote for DATA.csv: one column a number of the model's output. The files named after it
must pass the checker and open in ONNX Runtime.
"""

import csv
import sys

import numpy
import onnx
import onnxruntime

TOLERANCE = 1e-4


def rows(path):
    with open(path, newline="") as file:
        table = list(csv.reader(file))
    return table[0], table[1:]


def opened(path):
    onnx.checker.check_model(path, full_check=True)
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def main(model, raw, data, *others):
    session = opened(model)
    [given] = session.get_inputs()
    header, table = rows(data)
    pixels = [index for index, name in enumerate(header) if name.startswith("pixel_")]
    label = header.index("label")
    images = numpy.array([[float(row[index]) for index in pixels] for row in table], dtype=numpy.float32)
    images = images.reshape(len(table), *given.shape[1:]) / 16
    [found] = session.run(None, {given.name: images})
    ours = numpy.array([[float(cell) for cell in row] for row in rows(raw)[1]], dtype=numpy.float64)
    if found.shape != ours.shape:
        sys.exit(f"ONNX Runtime answers {found.shape}, ndsl {ours.shape}")
    largest = float(numpy.abs(found - ours).max())
    accuracy = float((found.argmax(1) == numpy.array([int(row[label]) for row in table])).mean())
    for rows_at_once in (1, 3):
        [part] = session.run(None, {given.name: images[:rows_at_once]})
        largest = max(largest, float(numpy.abs(part - ours[:rows_at_once]).max()))
    metadata = {entry.key for entry in onnx.load(model).metadata_props}
    print(f"{model}: {len(table)} rows, largest difference {largest:.2e}, accuracy {accuracy:.4f}, metadata {sorted(metadata)}")
    for other in others:
        opened(other)
        print(f"{other}: passes the checker and opens")
    if not largest <= TOLERANCE:
        sys.exit(f"the difference is above {TOLERANCE}")
    print(f"{1 + len(others)} passed, 0 failed")


main(*sys.argv[1:])
