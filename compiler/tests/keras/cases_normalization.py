from keras import layers as L
from make import x


def add(cases):
    def norm(kind, name, text, row, training=False, **settings):
        layer = getattr(L, kind)(**settings)
        cases.add(f"{kind.lower()}_{name}", f"{kind}({text}) as out", layer, x(*row), training=training)

    norm("BatchNormalization", "plain", "", [4], training=True)
    norm("BatchNormalization", "image", "", [3, 2, 4], training=True)
    norm("BatchNormalization", "settings", "momentum=0.5, epsilon=0.1", [3, 4], training=True, momentum=0.5, epsilon=0.1)
    norm("BatchNormalization", "no_scale", "scale=false", [3, 4], training=True, scale=False)
    norm("BatchNormalization", "no_center", "center=false", [3, 4], training=True, center=False)
    norm("BatchNormalization", "bare", "center=false, scale=false", [3, 4], training=True, center=False, scale=False)
    norm("BatchNormalization", "axis", "axis=-2", [3, 4], training=True, axis=-2)
    norm("BatchNormalization", "first_axis", "axis=-3", [3, 2, 4], training=True, axis=1)
    frozen = L.BatchNormalization()
    frozen.trainable = False
    cases.add("batchnormalization_frozen", "BatchNormalization(trainable=false) as out", frozen, x(3, 4), training=True)

    norm("LayerNormalization", "plain", "", [5])
    norm("LayerNormalization", "sequence", "epsilon=0.1", [3, 5], epsilon=0.1)
    norm("LayerNormalization", "axis", "axis=-2", [3, 5], axis=-2)
    norm("LayerNormalization", "axes", "axis=[-2, -1]", [3, 2, 4], axis=[-2, -1])
    norm("LayerNormalization", "outer_axes", "axis=[-3, -1]", [3, 2, 4], axis=[1, 3])
    norm("LayerNormalization", "no_scale", "scale=false", [3, 5], scale=False)
    norm("LayerNormalization", "no_center", "center=false", [3, 5], center=False)
    norm("LayerNormalization", "bare", "center=false, scale=false", [3, 5], center=False, scale=False)

    norm("GroupNormalization", "plain", "2", [3, 4], groups=2)
    norm("GroupNormalization", "image", "3, epsilon=0.01", [2, 3, 6], groups=3, epsilon=0.01)
    norm("GroupNormalization", "instance", "-1", [3, 2, 4], groups=-1)
    norm("GroupNormalization", "one", "1", [3, 2, 4], groups=1)
    norm("GroupNormalization", "axis", "2, axis=-2", [4, 3], groups=2, axis=-2)
    norm("GroupNormalization", "no_scale", "2, scale=false", [3, 4], groups=2, scale=False)
    norm("GroupNormalization", "no_center", "2, center=false", [3, 4], groups=2, center=False)
    norm("GroupNormalization", "bare", "2, center=false, scale=false", [3, 4], groups=2, center=False, scale=False)
    norm("GroupNormalization", "vector", "2", [4], groups=2)

    norm("RMSNormalization", "plain", "", [5])
    norm("RMSNormalization", "sequence", "epsilon=0.1", [3, 5], epsilon=0.1)
    # Keras 3.15 fails on `axis=-2`: it multiplies by a scale of that axis along the last.
    norm("RMSNormalization", "axes", "axis=[-2, -1]", [3, 5], axis=[-2, -1])

    norm("Rescaling", "plain", "0.25", [3], scale=0.25)
    norm("Rescaling", "offset", "2, offset=-1", [3], scale=2.0, offset=-1.0)
    norm("Rescaling", "list", "[1, 2, 4], offset=[0.5, 0, -1]", [2, 3], scale=[1.0, 2.0, 4.0], offset=[0.5, 0.0, -1.0])
    norm("Normalization", "plain", "mean=1.5, variance=0.25", [3], axis=None, mean=1.5, variance=0.25)
    norm("Normalization", "list", "mean=[0, 1, 2], variance=[1, 4, 0]", [2, 3], mean=[0.0, 1.0, 2.0], variance=[1.0, 4.0, 0.0])
    norm("Normalization", "axis", "axis=-2, mean=[0, 1], variance=[1, 4]", [2, 3], axis=1, mean=[0.0, 1.0], variance=[1.0, 4.0])
    norm("Normalization", "invert", "mean=[0, 1, 2], variance=[1, 4, 2], invert=true", [3], mean=[0.0, 1.0, 2.0], variance=[1.0, 4.0, 2.0], invert=True)

    cases.noise("dropout", "Dropout(0.25)", L.Dropout(0.25), [32, 8])
    cases.noise("spatialdropout1d", "SpatialDropout1D(0.4)", L.SpatialDropout1D(0.4), [6, 32])
    cases.noise("spatialdropout2d", "SpatialDropout2D(0.4)", L.SpatialDropout2D(0.4), [3, 4, 32])
    cases.noise("spatialdropout3d", "SpatialDropout3D(0.4)", L.SpatialDropout3D(0.4), [2, 3, 2, 32])
    cases.noise("gaussiannoise", "GaussianNoise(0.5)", L.GaussianNoise(0.5), [32, 8])
    cases.noise("gaussiandropout", "GaussianDropout(0.2)", L.GaussianDropout(0.2), [32, 8])
    for name, text, layer, row in [
        ("dropout_inference", "Dropout(0.25)", L.Dropout(0.25), [4]),
        ("spatialdropout2d_inference", "SpatialDropout2D(0.25)", L.SpatialDropout2D(0.25), [2, 2, 2]),
        ("gaussiannoise_inference", "GaussianNoise(0.5)", L.GaussianNoise(0.5), [4]),
        ("gaussiandropout_inference", "GaussianDropout(0.25)", L.GaussianDropout(0.25), [4]),
    ]:
        cases.add(name, f"{text} as out", layer, x(*row))
