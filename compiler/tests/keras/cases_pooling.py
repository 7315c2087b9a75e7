from keras import layers as L
from make import x

ROWS = {1: [7, 2], 2: [5, 6, 2], 3: [4, 3, 4, 2]}


def add(cases):
    for axes, row in ROWS.items():
        for kind in ["Max", "Average"]:
            name = f"{kind}Pooling{axes}D"
            layer = getattr(L, name)
            short = name.lower()
            cases.add(f"{short}_plain", f"{name}(2) as out", layer(2), x(*row))
            cases.add(f"{short}_same", f"{name}(3, strides=2, padding=same) as out", layer(3, strides=2, padding="same"), x(*row))
            cases.add(f"{short}_overlapping", f"{name}(2, strides=1) as out", layer(2, strides=1), x(*row))
            cases.add(f"{short}_wide_same", f"{name}(2, strides=3, padding=same) as out", layer(2, strides=3, padding="same"), x(*row))
            whole = f"Global{kind}Pooling{axes}D"
            cases.add(f"{whole.lower()}", f"{whole}() as out", getattr(L, whole)(), x(*row))
            cases.add(f"{whole.lower()}_kept", f"{whole}(keepdims=true) as out", getattr(L, whole)(keepdims=True), x(*row))
    cases.add("maxpooling2d_oblong", "MaxPooling2D([2, 3], strides=[1, 2]) as out", L.MaxPooling2D((2, 3), strides=(1, 2)), x(5, 6, 1))

    cases.add("upsampling1d", "UpSampling1D(3) as out", L.UpSampling1D(3), x(3, 2))
    cases.add("upsampling2d", "UpSampling2D() as out", L.UpSampling2D(), x(2, 3, 2))
    cases.add("upsampling2d_oblong", "UpSampling2D([1, 3]) as out", L.UpSampling2D((1, 3)), x(2, 3, 2))
    linear = lambda size: L.UpSampling2D(size, interpolation="bilinear")
    cases.add("upsampling2d_bilinear", "UpSampling2D(2, interpolation=bilinear) as out", linear(2), x(3, 2, 2))
    cases.add("upsampling2d_bilinear_oblong", "UpSampling2D([3, 2], interpolation=bilinear) as out", linear((3, 2)), x(3, 4, 1))

    cases.add("zeropadding1d", "ZeroPadding1D() as out", L.ZeroPadding1D(), x(3, 2))
    cases.add("zeropadding1d_uneven", "ZeroPadding1D([2, 0]) as out", L.ZeroPadding1D((2, 0)), x(3, 2))
    cases.add("zeropadding2d", "ZeroPadding2D(2) as out", L.ZeroPadding2D(2), x(2, 3, 2))
    cases.add("zeropadding2d_oblong", "ZeroPadding2D([1, 2]) as out", L.ZeroPadding2D((1, 2)), x(2, 2, 2))
    cases.add("zeropadding2d_uneven", "ZeroPadding2D([[0, 1], [2, 1]]) as out", L.ZeroPadding2D(((0, 1), (2, 1))), x(2, 2, 2))
    cases.add("zeropadding3d", "ZeroPadding3D([1, 0, 2]) as out", L.ZeroPadding3D((1, 0, 2)), x(2, 2, 2, 1))
    cases.add("cropping1d", "Cropping1D() as out", L.Cropping1D(), x(4, 2))
    cases.add("cropping1d_uneven", "Cropping1D([0, 2]) as out", L.Cropping1D((0, 2)), x(4, 2))
    cases.add("cropping2d", "Cropping2D(1) as out", L.Cropping2D(1), x(4, 5, 2))
    cases.add("cropping2d_uneven", "Cropping2D([[1, 0], [2, 1]]) as out", L.Cropping2D(((1, 0), (2, 1))), x(4, 5, 2))
    cases.add("cropping3d", "Cropping3D([1, 0, 1]) as out", L.Cropping3D((1, 0, 1)), x(3, 2, 4, 2))
