"""Makes the fixtures of this folder: what Keras 3 and PyTorch make of weights step by step, for the test `peers` to hold us against.

    python3 -m venv venv && venv/bin/pip install keras==3.15.1 jax==0.10.2 numpy==2.4.6 torch==2.11.0
    KERAS_BACKEND=jax venv/bin/python runtime/tests/peers/make.py

A case of `optimizers.json` is what a program says of its optimizer, and where two weights are after each of some steps with given
gradients, as many a step as it accumulates, and what is kept in their place; one of `schedules.json` is a schedule and the factor of the
learning rate at every step. A case of `watching.json` is what a program says of what is watched, and after which epoch the run stops, or the
learning rate of every epoch.
"""

import json
import os
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402

HERE = Path(__file__).parent
STEPS = 12
EPOCH, EPOCHS = 7, 6
random = np.random.default_rng(5)


def sixteenths(*shape):
    return (random.integers(-24, 25, shape) / 16).astype("float32")


START = [sixteenths(3), sixteenths(2)]
# A gradient of zero, and one much larger than the others, are met by everyone.
GRADIENTS = [[sixteenths(3), sixteenths(2)] for _ in range(STEPS)]
GRADIENTS[3][0][:] = 0
GRADIENTS[7][1][:] = 12


def by_keras(optimizer):
    variables = [keras.Variable(start) for start in START]
    path, averages = [], []
    for gradients in GRADIENTS:
        optimizer.apply([keras.ops.convert_to_tensor(g) for g in gradients], variables)
        path.append([variable.numpy().tolist() for variable in variables])
        if optimizer.use_ema:
            averages.append([mean.numpy().tolist() for mean in optimizer._model_variables_moving_average])
    return {"path": path, **({"averages": averages} if averages else {})}


def by_torch(make, clip_norm=None):
    weights = [torch.nn.Parameter(torch.tensor(start)) for start in START]
    optimizer = make(weights)
    path = []
    for gradients in GRADIENTS:
        for weight, gradient in zip(weights, gradients):
            weight.grad = torch.tensor(gradient)
        if clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(weights, clip_norm)
        optimizer.step()
        path.append([weight.detach().numpy().tolist() for weight in weights])
    return path


def optimizers():
    keras_cases = {
        "optimizer: SGD(0.1)": keras.optimizers.SGD(0.1),
        "optimizer: SGD(0.1, momentum=0.9)": keras.optimizers.SGD(0.1, momentum=0.9),
        "optimizer: SGD(0.1, momentum=0.9, nesterov=true)": keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
        "optimizer: SGD(0.1, momentum=0.5, weight_decay=0.2)": keras.optimizers.SGD(0.1, momentum=0.5, weight_decay=0.2),
        "optimizer: Adam(0.05)": keras.optimizers.Adam(0.05),
        "optimizer: Adam(0.05, beta_1=0.8, beta_2=0.9, amsgrad=true)": keras.optimizers.Adam(
            0.05, beta_1=0.8, beta_2=0.9, amsgrad=True
        ),
        "optimizer: AdamW(0.05)": keras.optimizers.AdamW(0.05),
        "optimizer: AdamW(0.05, weight_decay=0.3, amsgrad=true)": keras.optimizers.AdamW(
            0.05, weight_decay=0.3, amsgrad=True
        ),
        "optimizer: Adamax(0.05)": keras.optimizers.Adamax(0.05),
        "optimizer: Nadam(0.05)": keras.optimizers.Nadam(0.05),
        "optimizer: Nadam(0.05, beta_1=0.7, beta_2=0.95, epsilon=1e-4)": keras.optimizers.Nadam(
            0.05, beta_1=0.7, beta_2=0.95, epsilon=1e-4
        ),
        "optimizer: RMSprop(0.05)": keras.optimizers.RMSprop(0.05),
        "optimizer: RMSprop(0.05, rho=0.8, momentum=0.5)": keras.optimizers.RMSprop(0.05, rho=0.8, momentum=0.5),
        "optimizer: RMSprop(0.05, centered=true, epsilon=1e-3)": keras.optimizers.RMSprop(
            0.05, centered=True, epsilon=1e-3
        ),
        "optimizer: RMSprop(0.05, momentum=0.9, centered=true, epsilon=1e-3)": keras.optimizers.RMSprop(
            0.05, momentum=0.9, centered=True, epsilon=1e-3
        ),
        "optimizer: Adagrad(0.1)": keras.optimizers.Adagrad(0.1),
        "optimizer: Adagrad(0.1, initial_accumulator_value=2, epsilon=1e-2)": keras.optimizers.Adagrad(
            0.1, initial_accumulator_value=2, epsilon=1e-2
        ),
        "optimizer: Adadelta(1.0)": keras.optimizers.Adadelta(1.0),
        "optimizer: Adadelta(0.5, rho=0.8, epsilon=1e-3)": keras.optimizers.Adadelta(0.5, rho=0.8, epsilon=1e-3),
        "optimizer: Lion(0.01)": keras.optimizers.Lion(0.01),
        "optimizer: Lion(0.01, beta_1=0.7, beta_2=0.8, weight_decay=0.5)": keras.optimizers.Lion(
            0.01, beta_1=0.7, beta_2=0.8, weight_decay=0.5
        ),
        "optimizer: SGD(0.1), clip_norm: 1": keras.optimizers.SGD(0.1, global_clipnorm=1.0),
        "optimizer: Adam(0.05), clip_norm: 2.5": keras.optimizers.Adam(0.05, global_clipnorm=2.5),
        "optimizer: SGD(0.1), clip_value: 0.5": keras.optimizers.SGD(0.1, clipvalue=0.5),
        "optimizer: Adam(0.05), clip_value: 1": keras.optimizers.Adam(0.05, clipvalue=1.0),
        "optimizer: SGD(0.1, momentum=0.9), gradient_accumulation: 3": keras.optimizers.SGD(
            0.1, momentum=0.9, gradient_accumulation_steps=3
        ),
        "optimizer: Adam(0.05), gradient_accumulation: 2, clip_value: 0.5": keras.optimizers.Adam(
            0.05, gradient_accumulation_steps=2, clipvalue=0.5
        ),
        "optimizer: SGD(0.1), ema: { decay: 0.9 }": keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.9),
        "optimizer: Adam(0.05), ema: { decay: 0.5 }": keras.optimizers.Adam(0.05, use_ema=True, ema_momentum=0.5),
    }
    for written, optimizer in keras_cases.items():
        yield {"peer": "keras", "written": written, **by_keras(optimizer)}

    # PyTorch adds epsilon to the root where Keras adds it below the root; there it is made too small to tell.
    optim = torch.optim
    torch_cases = {
        "optimizer: SGD(0.1, momentum=0.9)": (lambda w: optim.SGD(w, 0.1, momentum=0.9), None),
        "optimizer: SGD(0.1, momentum=0.9, nesterov=true)": (
            lambda w: optim.SGD(w, 0.1, momentum=0.9, nesterov=True),
            None,
        ),
        "optimizer: Adam(0.05, epsilon=1e-3)": (lambda w: optim.Adam(w, 0.05, eps=1e-3), None),
        "optimizer: Adam(0.05, beta_2=0.9, epsilon=1e-3, amsgrad=true)": (
            lambda w: optim.Adam(w, 0.05, betas=(0.9, 0.9), eps=1e-3, amsgrad=True),
            None,
        ),
        "optimizer: AdamW(0.05, weight_decay=0.3, epsilon=1e-3)": (
            lambda w: optim.AdamW(w, 0.05, weight_decay=0.3, eps=1e-3),
            None,
        ),
        "optimizer: RMSprop(0.05, rho=0.99, momentum=0.5, epsilon=1e-16)": (
            lambda w: optim.RMSprop(w, 0.05, alpha=0.99, momentum=0.5, eps=1e-8),
            None,
        ),
        "optimizer: Adagrad(0.1, epsilon=1e-16)": (lambda w: optim.Adagrad(w, 0.1, initial_accumulator_value=0.1, eps=1e-9), None),
        "optimizer: Adadelta(1.0, rho=0.9, epsilon=1e-3)": (
            lambda w: optim.Adadelta(w, 1.0, rho=0.9, eps=1e-3),
            None,
        ),
        "optimizer: SGD(0.1), clip_norm: 1": (lambda w: optim.SGD(w, 0.1), 1.0),
    }
    for written, (make, clip_norm) in torch_cases.items():
        yield {"peer": "torch", "written": written, "path": by_torch(make, clip_norm)}


def schedules():
    total = EPOCH * EPOCHS
    decays = keras.optimizers.schedules
    keras_cases = {
        "cosine": decays.CosineDecay(1.0, total),
        "cosine(final=0.1)": decays.CosineDecay(1.0, total, alpha=0.1),
        "linear(final=0.25)": decays.PolynomialDecay(1.0, total, end_learning_rate=0.25),
        "polynomial(power=2)": decays.PolynomialDecay(1.0, total, end_learning_rate=0.0, power=2.0),
        "exponential(factor=0.8)": decays.ExponentialDecay(1.0, EPOCH, 0.8, staircase=True),
        "cosine(restarts=2)": decays.CosineDecayRestarts(1.0, total // 3, t_mul=1.0),
    }
    for written, schedule in keras_cases.items():
        yield {"peer": "keras", "written": written, "factors": [float(schedule(step)) for step in range(total)]}

    rates = torch.optim.lr_scheduler
    # PyTorch's go on by epochs where ours do.
    torch_cases = {
        "step(every=2, factor=0.5)": (lambda o: rates.StepLR(o, 2 * EPOCH, gamma=0.5)),
        "exponential(factor=0.8)": (lambda o: rates.StepLR(o, EPOCH, gamma=0.8)),
        "cosine(final=0.2)": (lambda o: rates.CosineAnnealingLR(o, total, eta_min=0.2)),
        "polynomial(power=3)": (lambda o: rates.PolynomialLR(o, total, power=3.0)),
        "one_cycle": (
            lambda o: rates.OneCycleLR(
                o, 1.0, total_steps=total, div_factor=25.0, final_div_factor=10_000 / 25, cycle_momentum=False
            )
        ),
        "one_cycle(rise=0.5, start=10, end=100)": (
            lambda o: rates.OneCycleLR(
                o, 1.0, total_steps=total, pct_start=0.5, div_factor=10.0, final_div_factor=10.0, cycle_momentum=False
            )
        ),
    }
    for written, make in torch_cases.items():
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 1.0)
        schedule = make(optimizer)
        factors = []
        for _ in range(total):
            factors.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()
        yield {"peer": "torch", "written": written, "factors": factors}


class Watched:
    """As much of a model as a callback touches."""

    def __init__(self):
        self.stop_training = False
        self.optimizer = keras.optimizers.SGD(1.0)

    def get_weights(self):
        return []


VALUES = [1.0, 0.9, 0.95, 0.85, 0.849, 0.86, 0.87, 0.84, 0.84, 0.845, 0.9, 0.7, 0.71, 0.72, 0.73, 0.74, 0.75, 0.76, 0.77, 0.78]


def watching():
    callbacks = keras.callbacks
    stopping = {
        "{ patience: 1 }": dict(patience=1),
        "{ patience: 0 }": dict(patience=0),
        "{ patience: 3 }": dict(patience=3),
        "{ patience: 3, min_delta: 0.02 }": dict(patience=3, min_delta=0.02),
        "{ patience: 5, start: 12 }": dict(patience=5, start_from_epoch=12),
        "{ patience: 4, baseline: 0.5 }": dict(patience=4, baseline=0.5),
        "{ patience: 6, baseline: 0.85 }": dict(patience=6, baseline=0.85),
        "{ patience: 2, mode: max }": dict(patience=2, mode="max"),
        "{ patience: 30 }": dict(patience=30),
    }
    for written, given in stopping.items():
        callback = callbacks.EarlyStopping(**{"monitor": "loss", "mode": "min", **given})
        model = Watched()
        callback.set_model(model)
        callback.on_train_begin()
        stopped = None
        for epoch, value in enumerate(VALUES):
            callback.on_epoch_end(epoch, {"loss": value})
            if model.stop_training:
                stopped = epoch + 1
                break
        yield {"peer": "keras", "written": f"early_stopping: {written}", "stopped": stopped}
    plateaus = {
        "patience=1": dict(patience=1),
        "patience=2, factor=0.5": dict(patience=2, factor=0.5),
        "patience=3, factor=0.5, min_delta=0.02": dict(patience=3, factor=0.5, min_delta=0.02),
        "patience=1, factor=0.2, floor=0.01": dict(patience=1, factor=0.2, min_lr=0.01),
        "patience=2, mode=max, factor=0.3": dict(patience=2, mode="max", factor=0.3),
    }
    for written, given in plateaus.items():
        callback = callbacks.ReduceLROnPlateau(**{"monitor": "loss", "mode": "min", **given})
        model = Watched()
        callback.set_model(model)
        callback.on_train_begin()
        rates = []
        for epoch, value in enumerate(VALUES):
            rates.append(float(model.optimizer.learning_rate))
            callback.on_epoch_end(epoch, {"loss": value})
        yield {"peer": "keras", "written": f"schedule: plateau({written})", "rates": rates}


def write(name, head, cases):
    lines = ",\n".join("  " + json.dumps(case) for case in cases)
    head = "".join(f"{json.dumps(key)}: {json.dumps(value)},\n" for key, value in head.items())
    (HERE / name).write_text(f"{{{head}\"cases\": [\n{lines}\n]}}\n")


def lists(arrays):
    return [array.tolist() for array in arrays]


write("optimizers.json", {"start": lists(START), "gradients": [lists(g) for g in GRADIENTS]}, optimizers())
write("schedules.json", {"epoch": EPOCH, "epochs": EPOCHS}, schedules())
write("watching.json", {"values": VALUES}, watching())
