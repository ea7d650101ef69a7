#!/usr/bin/env python3
"""LightGBM's half of the comparison; same tasks and settings as ours, see worker/ours.cpp.

One line of JSON goes to standard output. Exits with 3 if LightGBM is not installed.
"""
import json
import os
import sys
import time

sys.dont_write_bytecode = True
from settings import Settings  # noqa: E402

try:
    import lightgbm
    import numpy as np
except ImportError as error:
    print(f"lightgbm_peer: {error}", file=sys.stderr)
    sys.exit(3)


def read_rows(folder, part):
    labels = np.fromfile(os.path.join(folder, part + ".u8"), dtype=np.uint8)
    return np.fromfile(os.path.join(folder, part + ".f64"), dtype="<f8").reshape(len(labels), -1), labels


def auc(labels, scores):
    """Area under the ROC curve by ranks, ties half."""
    _, tied, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[tied]
    positive = int(labels.sum())
    return float((ranks[labels == 1].sum() - positive * (positive + 1) / 2) / (positive * (len(labels) - positive)))


def fit(settings):
    """The preset leaf_wise_boosting of ours: from the rows in memory to the model."""
    values, labels = read_rows(settings["data"], "train")
    begin = time.perf_counter()
    model = lightgbm.train(
        {"objective": "binary", "learning_rate": 0.1, "num_leaves": 31, "max_depth": 8, "min_data_in_leaf": 20,
         "min_sum_hessian_in_leaf": 1e-3, "lambda_l2": 0, "max_bin": 255, "num_threads": int(settings["threads"]),
         "verbosity": -1, "seed": int(settings.get("seed", 42))}, lightgbm.Dataset(values, labels), num_boost_round=200)
    seconds = time.perf_counter() - begin
    if "save" in settings:
        model.save_model(settings["save"])
    test, expected = read_rows(settings["data"], "test")
    scores = np.clip(model.predict(test), 1e-15, 1 - 1e-15)
    loss = -float(np.mean(np.where(expected == 1, np.log(scores), np.log(1 - scores))))
    return {"seconds": seconds, "auc": auc(expected, scores), "log_loss": loss}


def main(arguments):
    settings = Settings(arguments[2:])
    tasks = {"fit": fit, "library": lambda _: {"library": lightgbm.basic._LIB._name}}
    if len(arguments) < 2 or arguments[1] not in tasks:
        raise ValueError("usage: lightgbm_peer.py fit|library NAME=VALUE...")
    result = tasks[arguments[1]](settings)
    settings.require_all_used(arguments[1])
    print(json.dumps(result))


if __name__ == "__main__":
    try:
        main(sys.argv)
    except (ValueError, KeyError, OSError) as error:
        print(f"lightgbm_peer: {error}", file=sys.stderr)
        sys.exit(1)
