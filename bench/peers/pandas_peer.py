#!/usr/bin/env python3
"""The original experiment's labels with pandas: usage pandas_peer.py LOGS OUT.csv; same as `switchyard preprocess`
with --label-rule platform-median --latency execution --prices original --margin 0.1.

Prints {"rows": ..., "ones": ...}. Exits with 3 if pandas is not installed.
"""
import json
import sys
from pathlib import Path

try:
    import numpy as np
    import pandas as pd
except ImportError as error:
    print(f"pandas_peer: {error}", file=sys.stderr)
    sys.exit(3)

WORKLOADS = ["lightweight_api", "thumbnail_processing", "medium_processing", "heavy_processing"]
WINDOWS = {"early_morning": 0, "morning_peak": 1, "midday": 2, "evening": 3, "night": 4}
PATTERNS = {"low_load": 0, "medium_load": 1, "burst_load": 2, "ramp_load": 3}
FEATURE_MEMORY_MB = [128, 512, 1024, 2048]
TASK_VCPU = [0.25, 0.5, 1, 1]
TASK_GB = [0.5, 1, 2, 2]


def read_logs(folder):
    rows = []
    for path in sorted(Path(folder).rglob("*.jsonl")):
        with open(path, encoding="utf-8") as file:
            rows += [json.loads(line) for line in file]
    return pd.json_normalize(rows)


def costs(rows, workload):
    seconds = rows["metrics.execution_time_ms"] / 1000
    memory_gb = pd.to_numeric(rows["metrics.memory_used_mb"]) / 1024
    on_lambda = memory_gb * seconds * 0.0000166667 + 0.20 / 1e6
    hourly = np.take(TASK_VCPU, workload) * 0.04656 + np.take(TASK_GB, workload) * 0.00511
    return np.where(rows["platform"] == "lambda", on_lambda, hourly * seconds / 3600)


def label(rows):
    """Own value against the other platform's median of the workload, with a margin of 10 %."""
    ones = np.zeros(len(rows), dtype=int)
    medians = rows.groupby(["platform", "workload"])[["latency", "cost"]].median()
    for (platform, workload), of_them in rows.groupby(["platform", "workload"]):
        other = medians.loc[("ecs" if platform == "lambda" else "lambda", workload)]
        if platform == "lambda":
            better = (of_them["latency"] < 0.9 * other["latency"]) & (of_them["cost"] < 0.9 * other["cost"])
        else:
            better = (other["latency"] < 0.9 * of_them["latency"]) & (other["cost"] < 0.9 * of_them["cost"])
        ones[of_them.index] = better
    return ones


def features(rows):
    size, workload = rows["target_payload_size_kb"], rows["workload"]
    window, pattern = rows["time_window"].map(WINDOWS), rows["load_pattern"].map(PATTERNS)
    mixed = {"format": "ISO8601"} if pd.__version__ >= "2" else {}  # with and without a fraction of a second
    time = pd.to_datetime(rows["timestamp"], utc=True, **mixed)
    return pd.DataFrame({
        "workload_type_encoded": workload, "payload_size_kb": size, "hour_of_day": time.dt.hour,
        "time_window_encoded": window, "is_weekend": (time.dt.dayofweek >= 5).astype(int),
        "load_pattern_encoded": pattern, "lambda_memory_limit_mb": np.take(FEATURE_MEMORY_MB, workload),
        "payload_squared": size**2, "payload_log": np.log1p(size), "payload_workload_interaction": size * workload,
        "payload_hour_interaction": size * time.dt.hour, "payload_time_window_interaction": size * window,
        "workload_time_window_interaction": workload * window, "payload_load_pattern_interaction": size * pattern})


def main(arguments):
    if len(arguments) != 3:
        raise ValueError("usage: pandas_peer.py LOGS OUT.csv")
    rows = read_logs(arguments[1])
    rows = rows[rows["platform"].isin(["lambda", "ecs"])].reset_index(drop=True)
    rows["workload"] = rows["workload_type"].map({name: code for code, name in enumerate(WORKLOADS)})
    rows["latency"] = rows["metrics.execution_time_ms"]
    rows["cost"] = costs(rows, rows["workload"])
    dataset = features(rows)
    dataset["balanced_optimal"] = label(rows)
    dataset.to_csv(arguments[2], index=False)
    print(json.dumps({"rows": len(dataset), "ones": int(dataset["balanced_optimal"].sum())}))


if __name__ == "__main__":
    try:
        main(sys.argv)
    except (ValueError, KeyError, OSError) as error:
        print(f"pandas_peer: {error}", file=sys.stderr)
        sys.exit(1)
