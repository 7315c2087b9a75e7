"""Makes the fixtures of this folder: what Keras 3 makes of a layer, for the test `keras` to hold the compiler against.

    python3 -m venv venv && venv/bin/pip install keras==3.15.1 jax==0.10.2 numpy==2.4.6
    KERAS_BACKEND=jax venv/bin/python compiler/tests/keras/make.py

Each family of layers is a module `cases_*.py` beside this one and becomes a file `<family>.json` with one case a line:
a program, weights under our names and in our layout, inputs, and Keras's outputs in inference and, where they differ, in
training. Inputs and weights are sixteenths, so that they are exact and short.
"""

import importlib
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402

import weights  # noqa: E402

HERE = Path(__file__).parent
BATCH = 2


class Input:
    """A value that goes in: its name, element type and the shape of one row."""

    def __init__(self, name, element, *row, low=-24, high=24):
        self.name, self.element, self.row = name, element, row
        self.low, self.high = low, high

    def draw(self, random):
        shape = (BATCH, *self.row)
        if self.element == "i64":
            return random.integers(self.low, self.high, shape)
        if self.element == "bool":
            return random.integers(0, 4, shape) > 0
        return (random.integers(self.low, self.high + 1, shape) / 16).astype("float32")

    def declaration(self):
        dims = f"[{', '.join(map(str, self.row))}]" if self.row else ""
        return f"input {self.name}: {self.element}{dims}"


def x(*row, **bounds):
    return Input("x", "f32", *row, **bounds)


def y(*row, **bounds):
    return Input("y", "f32", *row, **bounds)


def tokens(*row, count):
    return Input("x", "i64", *row, low=0, high=count)


def mask(*row):
    return Input("mask", "bool", *row)


class Cases:
    """The cases of one family."""

    def __init__(self, family):
        self.family, self.lines, self.names = family, [], set()

    def add(self, name, text, layer, *inputs, call=None, training=False, first=None):
        """A layer, or several under the names the program gives them, on inputs. Without `call` it is applied to them all;
        without names it is called `y` in the program."""
        assert name not in self.names, name
        self.names.add(name)
        # The same numbers whatever cases stand before.
        random = np.random.default_rng(list(f"{self.family}/{name}".encode()))
        values = [given.draw(random) for given in inputs]
        layers = layer if isinstance(layer, dict) else {"out": layer}
        layers = {key: value for key, value in layers.items() if value is not None}
        call = call or (lambda *values, training: list(layers.values())[0](*values, training=training))
        run = lambda training: call(*values, training=training)
        run(False)
        for layer in layers.values():
            for variable in layer.variables:
                if variable.dtype == "float32":
                    variable.assign(weights.draw(random, variable))
        line = {
            "name": name,
            "program": program(inputs, text, first),
            "inputs": {given.name: number(value, given.element) for given, value in zip(inputs, values)},
            "weights": {
                f"{key}.{name}": number(value, "f32")
                for key, layer in layers.items()
                for name, value in weights.stored(layer).items()
            },
            "parameters": [
                sum(count(layer.weights) for layer in layers.values()),
                sum(count(layer.trainable_weights) for layer in layers.values()),
            ],
            "output": output(run(False)),
        }
        if training:
            line["training"] = output(run(True))
            line["statistics"] = {
                f"{key}.{name}": output(value)
                for key, layer in layers.items()
                for name, value in weights.statistics(layer).items()
            }
        self.lines.append(json.dumps(line, separators=(",", ":")))

    def noise(self, name, text, layer, row, call=None):
        """What a layer that draws numbers makes of ones in training, in figures. Its weights are what it starts with."""
        made = np.asarray((call or layer)(np.ones((64, *row), "float32"), training=True))
        distinct = np.unique(made.round(5))
        axes = [axis for axis in range(1, made.ndim) if np.all(made == made.take([0], axis))]
        line = {
            "name": name,
            "program": program([x(*row)], text, None),
            "mean": float(f"{made.mean():.6g}"),
            "deviation": float(f"{made.std():.6g}"),
            "values": [float(f"{value:.6g}") for value in distinct] if len(distinct) < 5 else None,
            "constant_along": axes,
        }
        self.lines.append(json.dumps(line, separators=(",", ":")))

    def write(self):
        path = HERE / f"{self.family}.json"
        path.write_text("[\n" + ",\n".join(self.lines) + "\n]\n")
        print(f"{path.name}: {len(self.lines)} cases, {path.stat().st_size:,} bytes")


def program(inputs, text, first):
    lines = [given.declaration() for given in inputs]
    if len(inputs) > 1:
        lines.append(first or inputs[0].name)
    lines += text.split("\n")
    return "model Case {\n" + "".join(f"    {line}\n" for line in lines) + "}\n"


def count(variables):
    # Seeds of random layers are no numbers of a model.
    return int(sum(np.prod(v.shape) for v in variables if v.dtype == "float32"))


def number(value, element):
    value = np.asarray(value)
    scaled = value * 16 if element == "f32" else value
    return {"element": element, "shape": list(value.shape), "data": [int(item) for item in scaled.reshape(-1)]}


def output(value):
    value = np.asarray(value)
    return {"shape": list(value.shape), "data": [float(f"{item:.8g}") for item in value.reshape(-1).astype("float64")]}


def main():
    sys.path.insert(0, str(HERE))
    keras.utils.set_random_seed(1)
    wanted = sys.argv[1:]
    for path in sorted(HERE.glob("cases_*.py")):
        family = path.stem.removeprefix("cases_")
        if not wanted or family in wanted:
            cases = Cases(family)
            importlib.import_module(path.stem).add(cases)
            cases.write()


if __name__ == "__main__":
    sys.modules["make"] = sys.modules["__main__"]
    main()
