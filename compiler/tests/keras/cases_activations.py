from keras import activations as A
from keras import layers as L
from make import x

PLAIN = """linear relu leaky_relu relu6 elu selu gelu silu mish sigmoid hard_sigmoid tanh softplus softsign celu
exponential hard_silu hard_tanh log_sigmoid sparse_plus sparse_sigmoid squareplus tanh_shrink hard_shrink soft_shrink
softmax log_softmax""".split()

SETTINGS = {
    "relu": [{"negative_slope": 0.1}, {"max_value": 1.0}, {"threshold": 0.3}, {"negative_slope": 0.1, "max_value": 1.0, "threshold": 0.3}],
    "leaky_relu": [{"negative_slope": 0.01}],
    "elu": [{"alpha": 0.5}],
    "celu": [{"alpha": 0.5}],
    "gelu": [{"approximate": True}],
    "squareplus": [{"b": 1.0}],
    "hard_shrink": [{"threshold": 0.2}],
    "soft_shrink": [{"threshold": 0.2}],
    "threshold": [{"threshold": 0.3, "default_value": -1.5}],
    "softmax": [{"axis": -2}],
    "log_softmax": [{"axis": -2}],
}


def written(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def add(cases):
    for name in PLAIN:
        cases.add(name, f"Activation({name}) as out", L.Activation(name), x(2, 16, low=-60, high=60))
    for name, all_settings in SETTINGS.items():
        for at, settings in enumerate(all_settings):
            given = ", ".join(f"{key}={written(value)}" for key, value in settings.items())
            function = getattr(A, name)
            layer = L.Activation(lambda value, function=function, settings=settings: function(value, **settings))
            cases.add(f"{name}_{at}", f"Activation({name}({given})) as out", layer, x(2, 16, low=-60, high=60))
            cases.add(f"{name}_{at}_called", f"{name}(it, {given}) as out", layer, x(2, 8, low=-60, high=60))
    cases.add("prelu", "PReLU() as out", L.PReLU(), x(3, 4))
    cases.add("prelu_shared", "PReLU(shared_axes=[-3, -2]) as out", L.PReLU(shared_axes=[1, 2]), x(3, 2, 4))
    cases.add("prelu_shared_one", "PReLU(shared_axes=-2) as out", L.PReLU(shared_axes=[1]), x(3, 4))
