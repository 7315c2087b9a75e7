#!/usr/bin/env python3
"""Checks the ONNX files of a folder with other people's tools.

Each `NAME.onnx` must pass the `onnx` package's checker and its strict shape inference, open in ONNX Runtime, and run at
batches of 1 and 3 rows with outputs of the shapes it declares. Where there is a `NAME.json`, its
inputs must give its outputs:

    {"runs": [{"inputs": {NAME: TENSOR}, "outputs": {NAME: TENSOR}, "sizes": {SYMBOL: SIZE}}], "tolerance": 1e-4}
    TENSOR = {"type": "f32" | "i64" | "u8" | "bool", "shape": [rows, ...], "data": [numbers in row-major order]}

The tolerance is the largest absolute difference of any number; with "relative" in its place, that difference as a part of the
largest number of the output, which must not be 0. An output without "data" is drawn at random, and only its type and shape are compared. Where
runs say the sizes of the symbols, the file is run at those alone, and at batches of 1 and 3 rows otherwise.
"""

import argparse
import json
import pathlib
import sys

import numpy
import onnx
import onnxruntime

TYPES = {"f32": numpy.float32, "i64": numpy.int64, "u8": numpy.uint8, "bool": numpy.bool_}
RUNTIME_TYPES = {
    "tensor(float)": numpy.float32,
    "tensor(int64)": numpy.int64,
    "tensor(uint8)": numpy.uint8,
    "tensor(bool)": numpy.bool_,
}
TOLERANCE = 1e-4


class Wrong(Exception):
    """What is wrong with a file."""


def tensor(described):
    # What is drawn at random is described by its shape alone.
    data = numpy.array(described.get("data", numpy.zeros(described["shape"])), dtype=numpy.float64)
    return data.reshape(described["shape"]).astype(TYPES[described["type"]])


def size(dim, sizes):
    """A dimension as a number: it may be a formula of the inputs' symbols, such as `2 * T - 1`."""
    return dim if isinstance(dim, int) else int(eval(dim, {"__builtins__": {}}, sizes))


def symbols(session, batch):
    """Sizes for the symbols that stand alone in the inputs; `H` stands for what must come out even."""
    dims = [dim for argument in session.get_inputs() for dim in argument.shape if isinstance(dim, str)]
    return {dim: {"N": batch, "H": 4 * batch}.get(dim, batch + 4) for dim in dims if dim.isidentifier()}


def drawn(argument, sizes, random):
    shape = [size(dim, sizes) for dim in argument.shape]
    kind = RUNTIME_TYPES[argument.type]
    if kind == numpy.float32:
        return random.uniform(-1, 1, shape).astype(kind)
    return random.integers(0, 2, shape).astype(kind)


def run_at(session, batch):
    random = numpy.random.default_rng(batch)
    sizes = symbols(session, batch)
    sizes.setdefault("T", batch + 4)
    inputs = {argument.name: drawn(argument, sizes, random) for argument in session.get_inputs()}
    for argument, found in zip(session.get_outputs(), session.run(None, inputs)):
        shape = [size(dim, sizes) for dim in argument.shape]
        if list(found.shape) != shape:
            raise Wrong(f"`{argument.name}` is {list(found.shape)} with {sizes}, declared {argument.shape}")
        if found.dtype != RUNTIME_TYPES[argument.type]:
            raise Wrong(f"`{argument.name}` is {found.dtype}, declared {argument.type}")


def difference(run, session, tolerance, relative):
    """The largest difference between what a run expects and what it gives."""
    names = [argument.name for argument in session.get_outputs()]
    if sorted(names) != sorted(run["outputs"]):
        raise Wrong(f"its outputs are {names}, expected {list(run['outputs'])}")
    inputs = {name: tensor(described) for name, described in run["inputs"].items()}
    largest = 0.0
    for name, found in zip(names, session.run(names, inputs)):
        expected = tensor(run["outputs"][name])
        if found.shape != expected.shape or found.dtype != expected.dtype:
            raise Wrong(f"`{name}` is {found.dtype}{list(found.shape)}, expected {expected.dtype}{list(expected.shape)}")
        declared = next(argument.shape for argument in session.get_outputs() if argument.name == name)
        if "sizes" in run and list(found.shape) != [size(dim, run["sizes"]) for dim in declared]:
            raise Wrong(f"`{name}` is {list(found.shape)} with {run['sizes']}, declared {declared}")
        if expected.size == 0 or "data" not in run["outputs"][name]:
            continue
        found, expected = found.astype(numpy.float64), expected.astype(numpy.float64)
        if not numpy.array_equal(numpy.isnan(found), numpy.isnan(expected)):
            raise Wrong(f"`{name}` is not a number where one is expected, or the other way round")
        # Equal infinities differ by nothing, and so do two that are not numbers.
        equal = (found == expected) | numpy.isnan(expected)
        apart = numpy.where(equal, 0, numpy.abs(found - expected))
        if relative:
            scale = float(numpy.abs(expected[numpy.isfinite(expected)]).max(initial=0.0))
            if scale == 0.0:
                raise Wrong(f"`{name}` is all zeros, which tells nothing")
            apart = apart / scale
        largest = max(largest, float(apart.max()))
        if (apart > tolerance).any():
            raise Wrong(f"`{name}` differs by {apart.max():.3g}, more than {tolerance:g}")
    return largest


def check(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    expected = path.with_suffix(".json")
    cases = json.loads(expected.read_text()) if expected.exists() else None
    if cases is not None and not cases["runs"]:
        raise Wrong(f"{expected.name} holds no run")
    if cases is None or not all("sizes" in run for run in cases["runs"]):
        for batch in (1, 3):
            run_at(session, batch)
    if cases is None:
        return None
    relative = "relative" in cases
    tolerance = cases["relative"] if relative else cases.get("tolerance", TOLERANCE)
    return max(difference(run, session, tolerance, relative) for run in cases["runs"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    paths = sorted(parser.parse_args().folder.glob("*.onnx"))
    if not paths:
        sys.exit("there is no ONNX file to check")
    failed = 0
    for path in paths:
        try:
            largest = check(path)
            compared = "not compared" if largest is None else f"max abs difference {largest:.2e}"
            print(f"ok      {path.name}: {compared}")
        except Exception as error:  # Whatever a tool raises is a fault of the file.
            failed += 1
            print(f"FAILED  {path.name}: {error}")
    print(f"{len(paths) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
