#!/usr/bin/env python3
"""scikit-learn's half of the comparison; same tasks and settings as ours, see worker/ours.cpp.

One line of JSON goes to standard output. Exits with 3 if scikit-learn is not installed.
"""
import json
import os
import pickle
import statistics
import sys
import time

try:
    import numpy as np
    import sklearn
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.metrics import log_loss, roc_auc_score
    from sklearn.neural_network import MLPClassifier
except ImportError as error:
    print(f"sklearn_peer: {error}", file=sys.stderr)
    sys.exit(3)

import warnings

sys.dont_write_bytecode = True
from settings import Settings  # noqa: E402

warnings.filterwarnings("ignore", category=ConvergenceWarning)  # epochs are counted, not waited for


def read_rows(folder, part):
    labels = np.fromfile(os.path.join(folder, part + ".u8"), dtype=np.uint8)
    values = np.fromfile(os.path.join(folder, part + ".f64"), dtype="<f8").reshape(len(labels), -1)
    return np.nan_to_num(values, nan=-1.0), labels  # this version's models know no missing values


def fit(settings):
    values, labels = read_rows(settings["data"], "train")
    threads = int(settings.get("threads", 2))
    seed = int(settings.get("seed", 42))
    sampled = settings.get("sampled", "1") != "0"
    if settings["kind"] == "forest":
        # 50 draws a leaf, as ours, so 100 to split; min_samples_leaf and _split would count a row drawn twice once.
        # Half a draw less keeps rounding out of it.
        model = RandomForestClassifier(
            n_estimators=int(settings.get("trees", 100)), max_depth=int(settings.get("depth", 15)),
            min_weight_fraction_leaf=49.5 / len(labels), bootstrap=sampled,
            max_features="sqrt" if sampled else None, n_jobs=threads, random_state=seed)
        share = 1
    elif settings["kind"] == "mlp":
        share = int(settings.get("epochs", 3))
        model = MLPClassifier((64, 32, 16), batch_size=200, max_iter=share, n_iter_no_change=share, random_state=seed)
        deviation = values.std(axis=0)
        values = (values - values.mean(axis=0)) / np.where(deviation == 0, 1, deviation)
    else:
        raise ValueError(f"kind={settings['kind']}: expected forest or mlp")
    begin = time.perf_counter()
    model.fit(values, labels)
    seconds = (time.perf_counter() - begin) / share
    test, expected = read_rows(settings["data"], "test")
    if settings["kind"] == "mlp":
        train, _ = read_rows(settings["data"], "train")
        test = (test - train.mean(axis=0)) / np.where(deviation == 0, 1, deviation)
    scores = np.clip(model.predict_proba(test)[:, 1], 1e-15, 1 - 1e-15)
    if "save" in settings:
        with open(settings["save"], "wb") as file:
            pickle.dump(model, file)
    return {"seconds": seconds, "auc": roc_auc_score(expected, scores), "log_loss": log_loss(expected, scores)}


def network_of(path):
    """A classifier with our weights: [count, inputs, outputs, weights row by row, biases, ...]."""
    numbers = np.fromfile(path, dtype="<f8")
    weights, biases, at = [], [], 1
    for _ in range(int(numbers[0])):
        inputs, outputs = int(numbers[at]), int(numbers[at + 1])
        at += 2
        weights.append(numbers[at:at + inputs * outputs].reshape(inputs, outputs).copy())
        at += inputs * outputs
        biases.append(numbers[at:at + outputs].copy())
        at += outputs
    model = MLPClassifier([len(bias) for bias in biases[:-1]], max_iter=1)
    model.fit(np.random.default_rng(1).normal(size=(20, len(weights[0]))), np.arange(20) % 2)
    model.coefs_, model.intercepts_ = weights, biases
    return model


def row(settings):
    values, _ = read_rows(settings["data"], "ask")
    if settings["kind"] == "mlp":
        model = network_of(settings["model"])
    else:
        with open(settings["model"], "rb") as file:
            model = pickle.load(file)
        model.n_jobs = 1
    rows = [values[i:i + 1] for i in np.random.default_rng(7).permutation(len(values))]
    times, at = [], 0
    stop = time.perf_counter() + int(settings.get("milliseconds", 500)) / 1e3
    ask = model.predict_proba
    for i in range(10):
        ask(rows[i])
    while len(times) < 20 or time.perf_counter() < stop:
        begin = time.perf_counter()
        answer = ask(rows[at])[0, 1]
        times.append(time.perf_counter() - begin)
        at = (at + 1 + (np.float64(answer).view(np.int64) & 1)) % len(rows)
    times.sort()
    answers = ask(values)[:, 1]
    if "answers" in settings:
        answers[:512].astype("<f8").tofile(settings["answers"] + ".answer.f64")
    return {"seconds": statistics.median(times), "p99_seconds": times[int(0.99 * (len(times) - 1))],
            "answer": float(answers.mean())}


def main(arguments):
    if len(arguments) < 2:
        raise ValueError("usage: sklearn_peer.py TASK NAME=VALUE...")
    settings = Settings(arguments[2:])
    tasks = {"fit": fit, "row": row, "version": lambda _: {"version": sklearn.__version__}}
    if arguments[1] not in tasks:
        raise ValueError(f"unknown task '{arguments[1]}'")
    result = tasks[arguments[1]](settings)
    settings.require_all_used(arguments[1])
    print(json.dumps(result))


if __name__ == "__main__":
    try:
        main(sys.argv)
    except (ValueError, KeyError, OSError) as error:
        print(f"sklearn_peer: {error}", file=sys.stderr)
        sys.exit(1)
