"""Compares our models with scikit-learn's and XGBoost's on the measured logs.

Both sides learn the same training rows at the same settings; test accuracy and log-loss may differ by at most 0.005,
and so may R2 and the root mean squared error of the boosted regressors of log-latency.
The MLP's fit hangs on its random start and order of rows: test accuracy moves by a standard deviation of some 0.005
from seed to seed, on either side. So the peer repeats our training from the same start in the same order, and must
then agree to 1e-6. --mlp-seeds 25 compares the means of networks left to chance as well.

Exit code 0: all agree; 1: some do not; 2: something broke; 77: nothing was compared, for the peers or the logs are
absent.

By hand, on Debian or Ubuntu (needs python3-sklearn and python3-xgboost, hence the system's own interpreter):

    sudo apt-get install python3-sklearn python3-xgboost
    cmake --build build/release --target switchyard_cli peer_fit
    /usr/bin/python3 tests/peers/agreement.py --tool build/release/switchyard --peer-fit build/release/peer_fit \\
        --logs LOGS [--split-seeds 1 2 3]

where LOGS is a folder of JSONL logs, such as aws-variance-logs.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import warnings

TOLERANCE = 0.005
REPEATED_TOLERANCE = 1e-6
SKIPPED = 77
METRICS = ("accuracy", "log-loss", "AUC")
REGRESSION_METRICS = ("R2", "RMSE")
COMPARED = METRICS[:2] + REGRESSION_METRICS
OFFSET = "payload_log"
HIDDEN = (64, 32, 16)
BATCH = 200  # both sides' default


def skip(reason):
    print(f"SKIPPED: {reason}")
    sys.exit(SKIPPED)


try:
    import numpy
    from scipy.optimize import brentq
    from scipy.special import expit
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.metrics import accuracy_score, log_loss, mean_squared_error, r2_score, roc_auc_score
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from xgboost import XGBClassifier, XGBRegressor
except ImportError as error:
    skip(f"{error} in {sys.executable}; the Debian packages are python3-sklearn and python3-xgboost")


def forest():
    # scikit-learn holds its two limits against distinct rows of the bootstrap, we against rows drawn.
    return RandomForestClassifier(
        n_estimators=100, max_depth=15, min_samples_split=100, min_samples_leaf=50, max_features="sqrt",
        n_jobs=-1, random_state=42)


def boosting(start, sampled=False, model=XGBClassifier, rounds=200):
    # base_score: boosting starts at the share of positives or the mean, as ours does and XGBoost from 2.0 on by itself.
    share = 0.8 if sampled else 1.0
    return model(
        n_estimators=rounds, max_depth=6, learning_rate=0.1, reg_lambda=1, min_child_weight=1, max_bin=255,
        subsample=share, colsample_bytree=share, tree_method="hist", base_score=start, random_state=42)


class OffsetBoosting:
    """Boosting from an offset, the best constant added to it: its probabilities or numbers."""

    def __init__(self, model, column):
        self.model = boosting(0.5, model=model, rounds=20)  # few: more trees would outgrow any start
        self.column = column

    def margin(self, features):
        return numpy.nan_to_num(features[:, self.column]) + self.bias

    def fit(self, features, targets):
        offset = numpy.nan_to_num(features[:, self.column])
        if isinstance(self.model, XGBClassifier):
            self.bias = brentq(lambda bias: numpy.mean(expit(offset + bias) - targets), -100, 100, xtol=1e-12)
        else:
            self.bias = numpy.mean(targets - offset)
        self.model.fit(features, targets, base_margin=self.margin(features))
        return self

    def predict_proba(self, features):
        return self.model.predict_proba(features, base_margin=self.margin(features))

    def predict(self, features):
        return self.model.predict(features, base_margin=self.margin(features))


def mlp(epochs, seed):
    # Ours has its scaler inside.
    return make_pipeline(StandardScaler(), MLPClassifier(HIDDEN, max_iter=epochs, random_state=seed))


class RepeatedMlp:
    """The MLP from the weights ours started from, on rows in the order ours took them: nothing is left to chance."""

    def __init__(self, folder):
        layers = (folder / "mlp_start.csv").read_text(encoding="utf-8").splitlines()
        self.start = [numpy.array(line.split(","), dtype=float) for line in layers]
        self.orders = numpy.loadtxt(folder / "mlp_order.csv", delimiter=",", dtype=int, ndmin=2)

    def fit(self, features, labels):
        self.scaler = StandardScaler().fit(features)
        inputs = self.scaler.transform(features)
        self.network = MLPClassifier(HIDDEN)
        self.network.partial_fit(inputs[:1], labels[:1], classes=[0, 1])  # makes the layers; its step is undone
        widths = [inputs.shape[1], *HIDDEN, 1]
        for i, values in enumerate(self.start):
            weights, bias = numpy.split(values, [widths[i] * widths[i + 1]])
            self.network.coefs_[i] = weights.reshape(widths[i], widths[i + 1])
            self.network.intercepts_[i] = bias
        del self.network._optimizer  # the next step makes a new one, without memory of the first
        for order in self.orders:
            for begin in range(0, len(order), BATCH):
                rows = order[begin : begin + BATCH]
                self.network.partial_fit(inputs[rows], labels[rows])
        return self

    def predict_proba(self, features):
        return self.network.predict_proba(self.scaler.transform(features))


def read_rows(path):
    table = numpy.genfromtxt(path, delimiter=",", skip_header=1)  # an empty cell is NaN
    return table[:, :-1], table[:, -1].astype(int)


def columns_of(folder):
    with open(folder / "train.csv", encoding="utf-8") as file:
        return file.readline().rstrip("\n").split(",")


def scores_of(labels, probabilities):
    return numpy.array([
        accuracy_score(labels, probabilities > 0.5),
        log_loss(labels, probabilities),
        roc_auc_score(labels, probabilities),
    ])


def regression_scores_of(targets, answers):
    return numpy.array([r2_score(targets, answers), mean_squared_error(targets, answers) ** 0.5])


def peers_probabilities(folder, test_features, options):
    """P(label = 1) of each test row, under the names that peer_fit gives its own models."""
    features, labels = read_rows(folder / "train.csv")
    models = {
        "forest": forest(),
        "boosting": boosting(labels.mean()),
        "boosting_sampled": boosting(labels.mean(), sampled=True),
        "boosting_offset": OffsetBoosting(XGBClassifier, columns_of(folder).index(OFFSET)),
        "mlp": RepeatedMlp(folder),
        **{f"mlp_{seed}": mlp(options.mlp_epochs, seed) for seed in range(1, options.mlp_seeds + 1)},
    }
    return {name: model.fit(features, labels).predict_proba(test_features)[:, 1] for name, model in models.items()}


def compare_regressors(folder, test_features, ours):
    """As compare, for the boosted regressors and REGRESSION_METRICS."""
    features, _ = read_rows(folder / "train.csv")
    targets = numpy.loadtxt(folder / "train_targets.csv", skiprows=1)
    test_targets = numpy.loadtxt(folder / "test_targets.csv", skiprows=1)
    models = {
        "regressor": boosting(targets.mean(), model=XGBRegressor),
        "regressor_sampled": boosting(targets.mean(), sampled=True, model=XGBRegressor),
        "regressor_offset": OffsetBoosting(XGBRegressor, columns_of(folder).index(OFFSET)),
    }
    rows = []
    for name, model in models.items():
        peers = model.fit(features, targets).predict(test_features)
        scores = [regression_scores_of(test_targets, answers) for answers in (ours[name], peers)]
        rows.append((name, *scores, None))
    return rows


def compare(folder, test_features, labels, ours, options):
    """Rows of (model, ours, peer, spread): vectors of METRICS, and their range over seeds on both sides or None."""
    peers = peers_probabilities(folder, test_features, options)
    pairs = {name: numpy.array([scores_of(labels, ours[name]), scores_of(labels, peers[name])]) for name in peers}
    seeds = [pairs.pop(f"mlp_{seed}") for seed in range(1, options.mlp_seeds + 1)]
    rows = [(name, *pair, None) for name, pair in pairs.items()]
    if not seeds:
        return rows
    return rows + [("mlp, mean of seeds", *numpy.mean(seeds, axis=0), numpy.ptp(seeds, axis=0))]


def run(command):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        print(done.stdout)
        print(f"FAILED: {command[0]} ended with exit code {done.returncode}")
        sys.exit(2)


def require_features(folder, dataset):
    """Both sides must have learned from the columns that preprocess names as features, not from what leaks."""
    learned = columns_of(folder)
    named = json.loads(dataset.with_suffix(".summary.json").read_text(encoding="utf-8"))["feature_columns"]
    if learned != named + ["label"]:
        print(f"FAILED: peer_fit learned from {learned}; preprocess named {named}")
        sys.exit(2)


def print_table(rows, metrics=METRICS):
    """Prints one split's comparison and returns the number of differences above the tolerance."""
    print(f"  {'model':<20}{'metric':<10}{'ours':>9}{'peer':>9}{'difference':>14}   range over seeds: ours, peer")
    failures = 0
    for name, ours, peer, spread in rows:
        tolerance = REPEATED_TOLERANCE if name == "mlp" else TOLERANCE
        for i, metric in enumerate(metrics):
            difference = ours[i] - peer[i]
            differs = metric in COMPARED and not abs(difference) <= tolerance
            failures += differs
            seeds = "" if spread is None else f"{spread[0][i]:.4f} {spread[1][i]:.4f}"
            verdict = f"DIFFERS by more than {tolerance}" if differs else ""
            line = f"  {name:<20}{metric:<10}{ours[i]:9.4f}{peer[i]:9.4f}{difference:+14.7f}   {seeds} {verdict}"
            print(line.rstrip(), flush=True)
    return failures


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--tool", required=True, help="the switchyard executable, for preprocess")
    parser.add_argument("--peer-fit", required=True, help="the executable of fit_and_score.cpp")
    parser.add_argument("--logs", required=True, help="folder of JSONL logs")
    parser.add_argument("--split-seeds", type=int, nargs="+", default=[42])
    parser.add_argument("--mlp-epochs", type=int, default=10, help="at most 11, where neither side can stop early")
    parser.add_argument("--mlp-seeds", type=int, default=0, help="networks left to chance to compare the means of")
    options = parser.parse_args()
    if options.mlp_epochs > 11:
        parser.error("--mlp-epochs is above 11: ours might stop early, and the peer that repeats it would not")
    return options


def main():
    options = parse_arguments()
    if not any(pathlib.Path(options.logs).rglob("*.jsonl")):
        skip(f"no JSONL logs in '{options.logs}'; set SWITCHYARD_SHARED_DATA to the folder of aws-variance-logs/")
    warnings.simplefilter("ignore", ConvergenceWarning)  # so few epochs are meant to end before convergence
    failures = 0
    with tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work)
        dataset = folder / "dataset.csv"
        run([options.tool, "preprocess", options.logs, "--out", dataset])
        for seed in options.split_seeds:
            run([options.peer_fit, dataset, folder, seed, options.mlp_epochs, options.mlp_seeds])
            require_features(folder, dataset)
            test_features, labels = read_rows(folder / "test.csv")
            ours = numpy.genfromtxt(folder / "ours.csv", delimiter=",", names=True)
            print(f"split seed {seed}")
            failures += print_table(compare(folder, test_features, labels, ours, options))
            failures += print_table(compare_regressors(folder, test_features, ours), REGRESSION_METRICS)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
