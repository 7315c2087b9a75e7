"""Makes `metrics.json`: what scikit-learn and Keras 3 measure of given predictions, for the test `metrics` to hold us against.

    python3 -m venv venv && venv/bin/pip install scikit-learn==1.9.1 keras==3.15.1 jax==0.10.2 numpy==2.4.6
    KERAS_BACKEND=jax venv/bin/python runtime/tests/peers/metrics.py

A case is what a program says of a metric, which of the predictions it is of, and what the peer answers.
"""

import json
import os
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras  # noqa: E402
import numpy as np  # noqa: E402
from sklearn import metrics as sk  # noqa: E402

HERE = Path(__file__).parent
random = np.random.default_rng(11)
ROWS, CLASSES, LABELS, PLACES = 60, 5, 4, 3


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return (e / e.sum(-1, keepdims=True)).astype("float32")


def sigmoid(x):
    # Few digits, so that some scores are equal.
    return np.round(1 / (1 + np.exp(-x)), 2).astype("float32")


# The last class occurs in no row, and the others are not equally common.
class_target = random.choice(CLASSES, ROWS, p=[0.4, 0.3, 0.2, 0.1, 0.0])
class_scores = random.normal(size=(ROWS, CLASSES)) + 1.5 * np.eye(CLASSES)[class_target]
class_scores[:, 4] -= 2
classes = softmax(class_scores)
binary_target = (random.random(ROWS) < 0.3).astype("float32")
binary = sigmoid(random.normal(size=ROWS) + 1.5 * binary_target - 0.7)
label_target = (random.random((ROWS, LABELS)) < [0.5, 0.2, 0.1, 0.3]).astype("float32")
labels = sigmoid(random.normal(size=(ROWS, LABELS)) + 1.5 * label_target - 0.7)
token_target = random.integers(0, 4, (ROWS, PLACES))
tokens = softmax(random.normal(size=(ROWS, PLACES, 4)) + 2 * np.eye(4)[token_target])
number_target = random.gamma(2.0, 2.0, ROWS).astype("float32")
numbers = (number_target * 0.8 + random.normal(size=ROWS)).astype("float32")
worth_target = random.integers(0, 4, (ROWS, 6)).astype("float32")
worth_target[3] = 0
worths = (worth_target + random.normal(size=(ROWS, 6)) * 1.5).astype("float32")

SETS = {
    "classes": (classes, class_target),
    "binary": (binary, binary_target),
    "labels": (labels, label_target),
    "tokens": (tokens, token_target),
    "numbers": (numbers, number_target),
    "rows": (worths, worth_target),
}


def keras_value(metric, target, prediction):
    metric.update_state(target, prediction)
    return float(np.mean(np.asarray(metric.result())))


def mean_reciprocal(target, scores, k):
    """As TREC defines it, in plain loops."""
    found = []
    for worth, score in zip(target, scores):
        order = np.argsort(-score, kind="stable")[:k]
        places = [place for place, index in enumerate(order) if worth[index] > 0]
        found.append(1 / (places[0] + 1) if places else 0)
    return float(np.mean(found))


one_hot = np.eye(CLASSES)[class_target]
answer, yes = classes.argmax(-1), (binary > 0.5).astype(int)
marked = (labels > 0.5).astype(int)
flat, flat_answer = token_target.ravel(), tokens.reshape(-1, 4).argmax(-1)
cases = []


def case(of, written, value, peer="scikit-learn"):
    cases.append({"peer": peer, "of": of, "written": written, "value": float(value)})


case("classes", "accuracy", sk.accuracy_score(class_target, answer))
case("classes", "accuracy", keras_value(keras.metrics.SparseCategoricalAccuracy(), class_target, classes), "Keras")
case("tokens", "accuracy", keras_value(keras.metrics.SparseCategoricalAccuracy(), token_target, tokens), "Keras")
case("labels", "accuracy", keras_value(keras.metrics.BinaryAccuracy(), label_target, labels), "Keras")
case("labels", "exact_match", sk.accuracy_score(label_target, marked))
case("tokens", "exact_match", np.mean((tokens.argmax(-1) == token_target).all(-1)), "NumPy")
for k in (1, 2, 3):
    peer = keras.metrics.SparseTopKCategoricalAccuracy(k=k)
    case("classes", f"top_k_accuracy(k={k})", keras_value(peer, class_target, classes), "Keras")
    case("classes", f"hit_rate(k={k})", sk.top_k_accuracy_score(class_target, classes, k=k, labels=range(CLASSES)))
for average in ("macro", "micro", "weighted"):
    for name, of in (("precision", sk.precision_score), ("recall", sk.recall_score), ("f1", sk.f1_score)):
        written = f"{name}(average={average})"
        case("classes", written, of(class_target, answer, average=average, zero_division=0))
        case("labels", written, of(label_target, marked, average=average, zero_division=0))
        case("tokens", written, of(flat, flat_answer, average=average))
for name, of in (("precision", sk.precision_score), ("recall", sk.recall_score), ("f1", sk.f1_score)):
    case("binary", name, of(binary_target, yes))
    case("binary", f"{name}(threshold=0.25)", of(binary_target, binary > 0.25))
case("binary", "precision", keras_value(keras.metrics.Precision(), binary_target, binary), "Keras")
case("binary", "recall", keras_value(keras.metrics.Recall(), binary_target, binary), "Keras")
case("labels", "f1(average=macro)", keras_value(keras.metrics.F1Score(average="macro", threshold=0.5), label_target, labels), "Keras")
case("binary", "specificity", sk.recall_score(1 - binary_target, 1 - yes))
for of, target, found in (("classes", class_target, answer), ("binary", binary_target, yes), ("tokens", flat, flat_answer)):
    case(of, "balanced_accuracy", sk.balanced_accuracy_score(target, found))
    case(of, "matthews", sk.matthews_corrcoef(target, found))
    case(of, "kappa", sk.cohen_kappa_score(target, found))
case("binary", "kappa(threshold=0.25)", sk.cohen_kappa_score(binary_target, binary > 0.25))
present = list(range(CLASSES - 1))
case("classes", "auc", np.mean([sk.roc_auc_score(class_target == c, classes[:, c]) for c in present]))
case("classes", "average_precision", np.mean([sk.average_precision_score(class_target == c, classes[:, c]) for c in present]))
case("binary", "auc", sk.roc_auc_score(binary_target, binary))
case("binary", "average_precision", sk.average_precision_score(binary_target, binary))
case("labels", "auc", sk.roc_auc_score(label_target, labels, average="macro"))
case("labels", "average_precision", sk.average_precision_score(label_target, labels, average="macro"))
case("classes", "perplexity", np.exp(sk.log_loss(class_target, classes.astype("float64"), labels=range(CLASSES))))
case("tokens", "perplexity", np.exp(np.mean(np.asarray(keras.losses.sparse_categorical_crossentropy(token_target, tokens)))), "Keras")
case("binary", "iou", sk.jaccard_score(binary_target, yes))
case("labels", "iou", sk.jaccard_score(label_target, marked, average="macro"))
case("tokens", "iou", keras_value(keras.metrics.MeanIoU(num_classes=4, sparse_y_pred=False), token_target, tokens), "Keras")
case("numbers", "mae", sk.mean_absolute_error(number_target, numbers))
case("numbers", "mse", sk.mean_squared_error(number_target, numbers))
case("numbers", "rmse", sk.root_mean_squared_error(number_target, numbers))
case("numbers", "mape", sk.mean_absolute_percentage_error(number_target, numbers))
case("numbers", "msle", keras_value(keras.metrics.MeanSquaredLogarithmicError(), number_target, numbers), "Keras")
case("numbers", "r2", sk.r2_score(number_target, numbers))
case("rows", "r2", sk.r2_score(worth_target, worths))
case("rows", "r2", keras_value(keras.metrics.R2Score(), worth_target, worths), "Keras")
case("rows", "rmse", keras_value(keras.metrics.RootMeanSquaredError(), worth_target, worths), "Keras")
case("rows", "cosine_similarity", keras_value(keras.metrics.CosineSimilarity(), worth_target, worths), "Keras")
for k in (2, 10):
    case("rows", f"ndcg(k={k})", sk.ndcg_score(worth_target, worths, k=k))
    case("labels", f"ndcg(k={k})", sk.ndcg_score(label_target, labels + np.arange(LABELS)[::-1] * 1e-6, k=k))
    case("classes", f"ndcg(k={k})", sk.ndcg_score(one_hot, classes, k=k))
    case("classes", f"mrr(k={k})", mean_reciprocal(one_hot, classes, k), "TREC")
    case("rows", f"mrr(k={k})", mean_reciprocal(worth_target, worths, k), "TREC")
case("classes", "mrr(k=10)", sk.label_ranking_average_precision_score(one_hot, classes))

sets = {
    name: {"prediction": prediction.tolist(), "target": target.tolist()} for name, (prediction, target) in SETS.items()
}
(HERE / "metrics.json").write_text(json.dumps({"sets": sets, "cases": cases}, separators=(",", ":")) + "\n")
