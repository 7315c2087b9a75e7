import numpy as np
from keras import layers as L
from keras import ops
from make import Input, mask, x

memory = lambda *row: Input("memory", "f32", *row)
other = lambda *row: Input("other", "f32", *row)


def rotated(x, base=10000.0):
    """Rotary positions of [N, T, heads, width], the first half turned against the second."""
    half = x.shape[-1] // 2
    speeds = base ** (-np.arange(half) / half)
    angles = np.arange(x.shape[1])[:, None] * speeds
    cosine, sine = (np.concatenate([f(angles)] * 2, -1)[None, :, None, :] for f in (np.cos, np.sin))
    first, second = ops.split(x, 2, axis=-1)
    return x * cosine + ops.concatenate([-second, first], axis=-1) * sine


def rotary(base):
    """Keras's layer with rotary positions, which it has not itself."""

    class Rotary(L.MultiHeadAttention):
        def _compute_attention(self, query, key, value, *args, **settings):
            query, key = rotated(query, base), rotated(key, base)
            return super()._compute_attention(query, key, value, *args, **settings)

    return Rotary


def add(cases):
    def attention(name, text, row, kind=L.MultiHeadAttention, **settings):
        call_settings = {key: settings.pop(key) for key in ["use_causal_mask"] if key in settings}
        layer = kind(**settings)
        cases.add(
            f"multiheadattention_{name}",
            f"MultiHeadAttention({text}) as out",
            layer,
            x(*row),
            call=lambda x, training: layer(x, x, training=training, **call_settings),
        )

    attention("plain", "2", [4, 6], num_heads=2, key_dim=3)
    attention("key_dim", "2, key_dim=2", [3, 5], num_heads=2, key_dim=2)
    # Without dropout, which does nothing in inference, Keras takes a way on JAX that wants both of one size.
    attention("value_dim", "2, key_dim=2, value_dim=4", [3, 5], num_heads=2, key_dim=2, value_dim=4, dropout=0.1)
    attention("no_bias", "3, use_bias=false", [3, 6], num_heads=3, key_dim=2, use_bias=False)
    attention("output", "2, output_shape=3", [3, 4], num_heads=2, key_dim=2, output_shape=3)
    attention("causal", "2, use_causal_mask=true", [5, 4], num_heads=2, key_dim=2, use_causal_mask=True)
    attention("dropout_in_inference", "2, dropout=0.5", [3, 4], num_heads=2, key_dim=2, dropout=0.5)
    attention("window", "2, sliding_window=2", [5, 4], num_heads=2, key_dim=2, sliding_window=2)
    attention("causal_window", "1, sliding_window=2, use_causal_mask=true", [5, 4], num_heads=1, key_dim=4, sliding_window=2, use_causal_mask=True)
    attention("gate", "2, use_gate=true", [3, 4], num_heads=2, key_dim=2, use_gate=True)
    attention("shared_heads", "4, num_kv_heads=2", [3, 8], kind=L.GroupQueryAttention, head_dim=2, num_query_heads=4, num_key_value_heads=2)
    attention("one_shared_head", "4, num_kv_heads=1, use_bias=false, use_causal_mask=true", [4, 8], kind=L.GroupQueryAttention, head_dim=2, num_query_heads=4, num_key_value_heads=1, use_bias=False, use_causal_mask=True)
    attention("rotary", "2, rope=true", [4, 8], kind=rotary(10000.0), num_heads=2, key_dim=4)
    attention("rotary_causal", "1, rope=true, use_causal_mask=true", [5, 4], kind=rotary(10000.0), num_heads=1, key_dim=4, use_causal_mask=True)

    attention("rotary_fast", "2, rope=true, rope_base=50", [4, 8], kind=rotary(50.0), num_heads=2, key_dim=4)

    def crossed(name, text, layer, inputs, call, first="x"):
        cases.add(f"multiheadattention_{name}", f"MultiHeadAttention({text}) as out", layer, *inputs, call=call, first=first)

    layer = L.MultiHeadAttention(2, 2)
    crossed("crossed", "2, key_dim=2, value=memory", layer, [x(3, 4), memory(5, 6)], lambda x, memory, training, layer=layer: layer(x, memory))
    layer = L.MultiHeadAttention(2, 2)
    crossed(
        "crossed_key", "2, value=memory, key=other", layer, [x(3, 4), memory(5, 6), other(5, 3)],
        lambda x, memory, other, training, layer=layer: layer(x, memory, other),
    )
    layer = L.MultiHeadAttention(2, 2)
    crossed(
        "masked_keys", "2, mask=mask", layer, [x(4, 4), mask(4)],
        lambda x, mask, training, layer=layer: layer(x, x, attention_mask=mask[:, None, :]),
    )
    layer = L.MultiHeadAttention(2, 2)
    crossed(
        "masked", "2, mask=mask", layer, [x(4, 4), mask(4, 4)],
        lambda x, mask, training, layer=layer: layer(x, x, attention_mask=mask),
    )
    def plain(kind, name, text, layer, inputs, call):
        cases.add(f"{kind.lower()}_{name}", f"{kind}({text}) as out", layer, *inputs, call=call, first="x")

    for kind in ["Attention", "AdditiveAttention"]:
        make = getattr(L, kind)
        layer = make()
        plain(kind, "self", "", layer, [x(3, 4)], lambda x, training, layer=layer: layer([x, x]))
        layer = make(use_scale=True)
        plain(kind, "scaled", "use_scale=true", layer, [x(3, 4)], lambda x, training, layer=layer: layer([x, x]))
        layer = make(use_scale=False)
        plain(kind, "crossed", "use_scale=false, value=memory", layer, [x(3, 4), memory(5, 4)], lambda x, memory, training, layer=layer: layer([x, memory]))
        layer = make()
        plain(kind, "keyed", "value=memory, key=other", layer, [x(3, 4), memory(5, 2), other(5, 4)], lambda x, memory, other, training, layer=layer: layer([x, memory, other]))
        layer = make(dropout=0.5)
        plain(kind, "dropout_in_inference", "dropout=0.5", layer, [x(3, 4)], lambda x, training, layer=layer: layer([x, x]))
        layer = make()
        plain(kind, "causal", "use_causal_mask=true", layer, [x(4, 3)], lambda x, training, layer=layer: layer([x, x], use_causal_mask=True))
        layer = make()
        plain(kind, "masked", "value=memory, mask=mask", layer, [x(3, 4), memory(5, 4), mask(5)], lambda x, memory, mask, training, layer=layer: layer([x, memory], mask=[None, ops.convert_to_tensor(mask)]))
    for scaled in [False, True]:
        layer = L.Attention(score_mode="concat", use_scale=scaled)
        text = f"score_mode=concat, use_scale={str(scaled).lower()}"
        plain("Attention", f"concat{'_scaled' if scaled else ''}", text, layer, [x(3, 4)], lambda x, training, layer=layer: layer([x, x]))

    # In training the weights of attention are dropped, each by itself.
    for kind in ["Attention", "AdditiveAttention"]:
        layer = getattr(L, kind)(dropout=0.5, seed=7)
        call = lambda x, training, layer=layer: layer([x, x], training=training)
        cases.noise(f"{kind.lower()}_dropout", f"{kind}(dropout=0.5) as out", layer, [32, 3], call)
    layer = L.MultiHeadAttention(1, key_dim=1, dropout=0.5, use_bias=False, kernel_initializer="ones", seed=7)
    text = "MultiHeadAttention(1, key_dim=1, dropout=0.5, use_bias=false, kernel_initializer=ones) as out"
    cases.noise("multiheadattention_dropout", text, layer, [32, 1], lambda x, training: layer(x, x, training=training))
