from keras import layers as L
from make import x


def add(cases):
    cases.add("flatten", "Flatten() as out", L.Flatten(), x(2, 3, 2))
    cases.add("flatten_vector", "Flatten() as out", L.Flatten(), x(3))
    cases.add("reshape", "Reshape([4, 3]) as out", L.Reshape((4, 3)), x(2, 6))
    cases.add("reshape_open", "Reshape([2, -1, 2]) as out", L.Reshape((2, -1, 2)), x(2, 6))
    cases.add("reshape_flat", "Reshape([-1]) as out", L.Reshape((-1,)), x(2, 6))
    cases.add("permute", "Permute([2, 1]) as out", L.Permute((2, 1)), x(3, 2))
    cases.add("permute_image", "Permute([3, 1, 2]) as out", L.Permute((3, 1, 2)), x(2, 3, 2))
    cases.add("repeatvector", "RepeatVector(3) as out", L.RepeatVector(3), x(4))
