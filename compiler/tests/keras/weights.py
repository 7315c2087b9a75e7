"""Keras's weights under our names and in our layout: outputs first, as PyTorch has them."""

import keras
import numpy as np
from keras import layers as L

CONVOLUTIONS = (L.Conv1D, L.Conv2D, L.Conv3D, L.Conv1DTranspose, L.Conv2DTranspose, L.Conv3DTranspose)


def draw(random, variable):
    """Sixteenths; of a variance positive ones."""
    low = 4 if "variance" in variable.path else -16
    return (random.integers(low, 17, variable.shape) / 16).astype("float32")


def turned(kernel):
    """[…size, in, out] as [out, in, …size]."""
    kernel = np.asarray(kernel)
    axes = kernel.ndim - 2
    return kernel.transpose(axes + 1, axes, *range(axes))


def apart(kernel):
    """[…size, in, multiplier] as [in * multiplier, 1, …size]."""
    kernel = np.asarray(kernel)
    axes = kernel.ndim - 2
    kernel = kernel.transpose(axes, axes + 1, *range(axes))
    return kernel.reshape(-1, 1, *kernel.shape[2:])


def gates(kernel):
    """Columns z, r, h as r, z, h."""
    z, r, h = np.split(np.asarray(kernel), 3, axis=-1)
    return np.concatenate([r, z, h], axis=-1)


def heads(dense, part):
    """[features, heads, width] as [heads * width, features]."""
    kernel = np.asarray(dense.kernel)
    found = {f"{part}.weight": kernel.transpose(1, 2, 0).reshape(-1, kernel.shape[0])}
    if dense.bias is not None:
        found[f"{part}.bias"] = np.asarray(dense.bias).reshape(-1)
    return found


def attention(layer):
    found = heads(layer._query_dense, "query") | heads(layer._key_dense, "key") | heads(layer._value_dense, "value")
    if layer._use_gate if hasattr(layer, "_use_gate") else layer.use_gate:
        found |= heads(layer._gate_dense, "gate")
    kernel = np.asarray(layer._output_dense.kernel)
    found["output.weight"] = kernel.transpose(2, 0, 1).reshape(kernel.shape[2], -1)
    if layer._output_dense.bias is not None:
        found["output.bias"] = np.asarray(layer._output_dense.bias)
    return found


def recurrent(layer):
    cell = layer.cell
    gated = gates if isinstance(layer, L.GRU) else np.asarray
    found = {"weight_ih": gated(cell.kernel).T, "weight_hh": gated(cell.recurrent_kernel).T}
    if cell.bias is not None:
        bias = gated(cell.bias)
        if bias.ndim == 2:
            found |= {"bias_ih": bias[0], "bias_hh": bias[1]}
        else:
            found["bias_ih"] = bias
    return found


def stored(layer):
    """The layer's weights by the names and in the layout of a model file."""
    named = lambda **names: {
        ours: np.asarray(getattr(layer, keras_name))
        for ours, keras_name in names.items()
        if getattr(layer, keras_name, None) is not None
    }
    match layer:
        case L.Dense():
            return named(weight="kernel", bias="bias") | {"weight": np.asarray(layer.kernel).T}
        case L.DepthwiseConv1D() | L.DepthwiseConv2D():
            return named(bias="bias") | {"weight": apart(layer.kernel)}
        case L.SeparableConv1D() | L.SeparableConv2D():
            return named(bias="bias") | {
                "depthwise.weight": apart(layer.depthwise_kernel),
                "pointwise.weight": turned(layer.pointwise_kernel),
            }
        case _ if isinstance(layer, CONVOLUTIONS):
            return named(bias="bias") | {"weight": turned(layer.kernel)}
        case L.BatchNormalization():
            return named(weight="gamma", bias="beta", running_mean="moving_mean", running_var="moving_variance")
        case L.LayerNormalization() | L.GroupNormalization():
            return named(weight="gamma", bias="beta")
        case L.RMSNormalization():
            return named(weight="scale")
        case L.Embedding():
            return named(weight="embeddings")
        case L.EinsumDense():
            return named(weight="kernel", bias="bias")
        case L.PReLU():
            return named(weight="alpha")
        case L.SimpleRNN() | L.LSTM() | L.GRU():
            return recurrent(layer)
        case L.Bidirectional():
            parts = {"forward": layer.forward_layer, "backward": layer.backward_layer}
            return {f"{part}.{key}": value for part, inner in parts.items() for key, value in stored(inner).items()}
        case L.TimeDistributed():
            return {f"layer.{key}": value for key, value in stored(layer.layer).items()}
        case L.MultiHeadAttention() | L.GroupQueryAttention():
            return attention(layer)
        case L.AdditiveAttention():
            return named(scale="scale")
        case L.Attention():
            found = named(scale="scale", concat_score_weight="concat_score_weight")
            return {key: value.reshape(1) for key, value in found.items()}
        case _:
            assert not [v for v in layer.weights if v.dtype == "float32"], type(layer)
            return {}


def statistics(layer):
    """What a step of training leaves of the running statistics."""
    match layer:
        case L.BatchNormalization():
            return {"running_mean": np.asarray(layer.moving_mean), "running_var": np.asarray(layer.moving_variance)}
        case _:
            return {}


assert keras.__version__ == "3.15.1", keras.__version__
