"""The yardstick: XGBoost on the rows that Looper.Benchmarks reads. make ROWS DIR | run DIR TREES LEAVES THREADS | compare RUNS"""
import json
import os
import resource
import statistics
import sys
import time

COLUMNS, CATEGORIES, LEVELS, MISSING = 30, 8, 40, 0.1


def make(rows, directory):
    """Column-major float32: 22 numbers, 8 categories as codes, a tenth missing; a 0/1 label that depends on half of them."""
    import numpy as np
    random = np.random.default_rng(1)
    signal = np.zeros(rows, dtype=np.float64)
    with open(os.path.join(directory, "values"), "wb") as out:
        for j in range(COLUMNS):
            if j % 4 == 3 or j == COLUMNS - 1:
                x = random.integers(0, LEVELS, rows).astype(np.float32)
                signal += 0.4 * ((x % 7) - 3) / 3 if j < 20 else 0
            else:
                x = random.standard_normal(rows).astype(np.float32)
                signal += (np.sin(2 * x) if j % 2 else 0.4 * x) if j < 20 else 0
            x[random.random(rows) < MISSING] = np.nan
            x.tofile(out)
    (random.random(rows) < 1 / (1 + np.exp(-signal))).astype(np.float32).tofile(os.path.join(directory, "labels"))


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def run(directory, trees, leaves, threads):
    import ctypes
    import numpy as np
    import xgboost as xgb
    labels = np.fromfile(os.path.join(directory, "labels"), dtype=np.float32)
    rows = len(labels)
    values = np.ascontiguousarray(np.fromfile(os.path.join(directory, "values"), dtype=np.float32).reshape(COLUMNS, rows).T)
    held = min(rows // 10, 100_000)
    before = time.perf_counter()
    train = xgb.DMatrix(values[:-held], label=labels[:-held], nthread=threads)
    settings = dict(objective="binary:logistic", tree_method="hist", grow_policy="lossguide", max_leaves=leaves, max_depth=0, max_bin=256,
                    eta=0.1, nthread=threads, min_child_weight=1e-3)
    booster = xgb.train(settings, train, num_boost_round=trees)
    seconds = time.perf_counter() - before
    top = peak()
    test = values[-held:]
    p = booster.predict(xgb.DMatrix(test, nthread=threads))
    loss = float(-np.mean(np.where(labels[-held:] > 0.5, np.log(np.maximum(p, 1e-15)), np.log(np.maximum(1 - p, 1e-15)))))
    booster.set_param({"nthread": 1})
    one = np.ascontiguousarray(test[:1])
    for _ in range(200):
        booster.inplace_predict(one)
    single = best(lambda: [booster.inplace_predict(np.ascontiguousarray(test[i:i + 1])) for i in range(100)]) / 100
    many = np.ascontiguousarray(test[:10_000])
    batch = best(lambda: booster.inplace_predict(many)) / len(many)
    print(json.dumps(dict(who="xgboost " + xgb.__version__, trainSeconds=seconds, peakBytes=top, logLoss=loss,
                          microsecondsAtOne=single * 1e6, microsecondsInBatch=batch * 1e6)), flush=True)


def best(action, repeats=15):
    """The least of several: what the machine's other work adds is never less than nothing."""
    least = float("inf")
    for _ in range(repeats):
        before = time.perf_counter()
        action()
        least = min(least, time.perf_counter() - before)
    return least


def compare(path):
    runs = [json.loads(line) for line in open(path)]
    ours, theirs = ([r for r in runs if r["who"].startswith(w)] for w in ("looper", "xgboost"))
    for figure in ("trainSeconds", "peakBytes", "logLoss", "microsecondsAtOne", "microsecondsInBatch"):
        ratios = [a[figure] / b[figure] for a, b in zip(ours, theirs)]
        print(f"{figure:22} looper {statistics.median(r[figure] for r in ours):14.4f}  xgboost {statistics.median(r[figure] for r in theirs):14.4f}"
              f"  median of ratios {statistics.median(ratios):.3f}")


if __name__ == "__main__":
    {"make": lambda a: make(int(a[0]), a[1]), "run": lambda a: run(a[0], *map(int, a[1:])), "compare": lambda a: compare(a[0])}[sys.argv[1]](sys.argv[2:])
