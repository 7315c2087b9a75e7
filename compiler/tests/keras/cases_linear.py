from keras import layers as L
from make import tokens, x


def add(cases):
    cases.add("dense", "Dense(5) as out", L.Dense(5), x(7))
    cases.add("dense_no_bias", "Dense(5, use_bias=false) as out", L.Dense(5, use_bias=False), x(7))
    cases.add("dense_activation", "Dense(3, activation=softmax) as out", L.Dense(3, activation="softmax"), x(6))
    cases.add("dense_sequence", "Dense(4, activation=gelu) as out", L.Dense(4, activation="gelu"), x(3, 5))
    cases.add("dense_image", "Dense(2) as out", L.Dense(2), x(2, 3, 4))
    frozen = L.Dense(4)
    frozen.trainable = False
    cases.add("dense_frozen", "Dense(4, trainable=false) as out", frozen, x(3))

    cases.add("einsum_dense", 'EinsumDense("ab,bc->ac", output_shape=[4]) as out', L.EinsumDense("ab,bc->ac", output_shape=4), x(5))
    cases.add(
        "einsum_dense_bias",
        'EinsumDense("abc,cd->abd", output_shape=[-1, 3], bias_axes="d", activation=relu) as out',
        L.EinsumDense("abc,cd->abd", output_shape=(None, 3), bias_axes="d", activation="relu"),
        x(4, 5),
    )
    cases.add(
        "einsum_dense_heads",
        'EinsumDense("abc,cde->abde", output_shape=[-1, 2, 3], bias_axes="de") as out',
        L.EinsumDense("abc,cde->abde", output_shape=(None, 2, 3), bias_axes="de"),
        x(4, 5),
    )
    cases.add(
        "einsum_dense_steps",
        'EinsumDense("abc,bd->adc", output_shape=[6, 5], bias_axes="d") as out',
        L.EinsumDense("abc,bd->adc", output_shape=(6, 5), bias_axes="d"),
        x(4, 5),
    )
    cases.add(
        "einsum_dense_spread",
        'EinsumDense("...x,xy->...y", output_shape=[4]) as out',
        L.EinsumDense("...x,xy->...y", output_shape=4),
        x(2, 3, 5),
    )
    cases.add("embedding", "Embedding(9, 4) as out", L.Embedding(9, 4), tokens(5, count=9))
    cases.add("embedding_of_one", "Embedding(9, 4) as out", L.Embedding(9, 4), tokens(count=9))
    cases.add("embedding_of_tables", "Embedding(6, 3) as out", L.Embedding(6, 3), tokens(2, 3, count=6))
