"""What is measured: every contest with its lines of the table, and the targets they are held to."""
import re
import shutil
from pathlib import Path

from driver.contest import Contest, Line
from driver.processes import NotFound, run, time_whole
from driver.side import PEERS

COLD_OVER_HOT = 6  # how much slower a call may be whose model has left the caches

# Times the target for AVX-512, by instruction set.
ALLOWANCE = {"avx512": 1, "avx2": 1.6, "sse2": 2.5}


def same_auc(data):
    """How far apart areas under the ROC curve may be: .002 of 180,000 rows, and more by chance of fewer."""
    return 0.002 * max(1, (180_000 / data.rows) ** 0.5) if data.rows else 0.002


class Data:
    """One dataset in the scratch folder and the models fitted on it."""

    def __init__(self, shop, name, rows, kind=None, csv=None, **settings):
        self.shop = shop
        self.name = name
        self.kind = kind or name
        self.rows = rows
        self.csv = csv  # a call that gives the path of a dataset, for d3
        self.settings = settings

    def folder(self):
        def make(path):
            source = {"csv": self.csv()} if self.csv else {"rows": self.rows, **self.settings}
            path.mkdir()
            self.shop.ours("data", name=self.kind, folder=path, **source)
        return self.shop.made(self.name, make)

    def forget(self):
        """Frees the disk of data that is not needed again."""
        shutil.rmtree(self.shop.scratch / self.name, ignore_errors=True)

    def model(self, kind):
        return self.shop.made(f"{self.name}-{kind}.json", lambda path: self.fit(kind, save=path))

    def fit(self, kind, threads=2, **settings):
        return self.shop.ours("fit", threads, data=self.folder(), kind=kind, **settings)

    def as_xgboost(self):
        return self.shop.exported(self.model("boosting"), "xgboost", f"{self.name}-boosting-xgboost.json")

    def stump(self):
        return self.shop.made(f"{self.name}-stump.json", lambda path: self.shop.xgboost(
            "fit", 2, data=self.folder(), trees=1, depth=1, save=path))

    def sklearn_forest(self):
        return self.shop.made(f"{self.name}-forest.pickle", lambda path: self.shop.script(
            "sklearn_peer.py", "fit", 2, data=self.folder(), kind="forest", save=path))

    def layers(self):
        return self.shop.exported(self.model("mlp"), "layers", f"{self.name}-mlp.f64")


def training(data, targets):
    """targets: what each is held to, by name; without one there is none."""
    shop = data.shop
    lines = []
    boosting = Contest("train boosting", data.name, {
        "ours": lambda: data.fit("boosting"),
        "XGBoost": lambda: shop.xgboost("fit", 2, data=data.folder()),
        "ours_ungrouped": lambda: data.fit("boosting", grouped=0)})
    lines.append(Line("train 200 trees, depth 6, level-wise", boosting, peer="XGBoost",
                      ratio=targets.get("boosting", 0), auc_within=same_auc(data)))
    lines.append(Line("train the same, repeated rows not grouped", boosting, ours="ours_ungrouped", peer="XGBoost",
                      ratio=targets.get("ungrouped", 0), auc_within=same_auc(data)))
    leaf_wise = Contest("train leaf-wise", data.name, {
        "ours": lambda: data.fit("leaf_wise"),
        "LightGBM": lambda: shop.script("lightgbm_peer.py", "fit", 2, data=data.folder())})
    lines.append(Line("train 200 trees, 31 leaves, leaf-wise", leaf_wise, peer="LightGBM"))
    forest = Contest("train forest", data.name, {
        "ours": lambda: data.fit("forest"),
        "scikit-learn": lambda: shop.script("sklearn_peer.py", "fit", 2, data=data.folder(), kind="forest",
                                            save=shop.scratch / f"{data.name}-forest.pickle"),
        "ranger": lambda: shop.script("ranger_peer.R", "fit", 2, data=data.folder()),
        "ours_ungrouped": lambda: data.fit("forest", grouped=0)})
    lines.append(Line("train forest, 100 trees, depth 15", forest, peer="scikit-learn",
                      ratio=targets.get("forest", 0), auc_within=same_auc(data)))
    lines.append(Line("train the same, repeated rows not grouped", forest, ours="ours_ungrouped",
                      peer="scikit-learn", auc_within=same_auc(data)))
    lines.append(Line("train forest, 100 trees, depth 15", forest, peer="ranger"))
    contests = [boosting, leaf_wise, forest]
    if "epoch" in targets:
        network = Contest("train network", data.name, {
            "ours": lambda: data.fit("mlp"),
            "scikit-learn": lambda: shop.script("sklearn_peer.py", "fit", 2, data=data.folder(), kind="mlp")})
        lines.append(Line("train MLP 64-32-16, an epoch", network, peer="scikit-learn", ratio=targets["epoch"]))
        contests.append(network)
    return contests, lines


def single_boosting(data, targets):
    """One row at a time, on one core."""
    shop = data.shop

    def ours(**settings):
        return shop.ours("row", data=data.folder(), model=data.model("boosting"), **settings)

    def nested():
        library = shop.nested_if(data.model("boosting"), f"{data.name}-boosting.so")
        return shop.measured("bench_nested_if", "row", data=data.folder(), model=library)

    sides = {"ours": lambda: ours(cold=1),
             "XGBoost": lambda: shop.xgboost("row", data=data.folder(), model=data.as_xgboost()),
             "XGBoost_stump": lambda: shop.xgboost("row", data=data.folder(), model=data.stump()),
             "nested-if_C": nested,
             "LightGBM": lambda: shop.lightgbm_row(data)}
    sets = [each for each in shop.instruction_sets() if each != shop.instruction_sets()[-1]]
    for name in sets:
        sides[f"ours_{name}"] = lambda name=name: ours(set=name)
    contest = Contest("one row, boosting", data.name, sides)
    best = ALLOWANCE.get(shop.instruction_sets()[-1], 0)
    work = "one row, 200 trees, depth 6"
    to_xgboost, to_c = targets.get("xgboost", 0), targets.get("nested_if", 0)
    lines = [Line(work, contest, peer="XGBoost", ratio=to_xgboost * best),
             Line(work, contest, peer="XGBoost", less="XGBoost_stump",
                  note="less its call: minus the time of a model of one stump"),
             Line(work, contest, peer="nested-if_C", ratio=to_c * best, note="nested-if C of our trees, gcc -O3 "
                  "-march=native; it gives the sum, we the probability"),
             Line(work, contest, peer="LightGBM", note="LightGBM's own leaf-wise model of 31 leaves")]
    for name in sets:
        lines.append(Line(f"{work}, {name}", contest, ours=f"ours_{name}", peer="XGBoost",
                          ratio=to_xgboost * ALLOWANCE.get(name, 0)))
        lines.append(Line(f"{work}, {name}", contest, ours=f"ours_{name}", peer="nested-if_C",
                          ratio=to_c * ALLOWANCE.get(name, 0)))
    return [contest], lines + cold_lines(work, contest)


def cold_lines(work, contest):
    """A call whose model has left the caches, against the same model hot."""
    return [Line(f"{work}, L1 and L2 cold", contest, peer="ours", value="l2_cold_seconds", ratio=COLD_OVER_HOT,
                 note="peer = ours, hot"),
            Line(f"{work}, all caches cold", contest, peer="ours", value="memory_cold_seconds", ratio=COLD_OVER_HOT,
                 note="peer = ours, hot")]


def single_others(data, targets):
    """One row of a forest and of a network."""
    shop = data.shop
    forest = Contest("one row, forest", data.name, {
        "ours": lambda: shop.ours("row", data=data.folder(), model=data.model("forest"), cold=1),
        "scikit-learn": lambda: shop.script("sklearn_peer.py", "row", data=data.folder(), kind="forest",
                                            model=data.sklearn_forest()),
        "nested-if_C": lambda: shop.measured("bench_nested_if", "row", data=data.folder(), model=shop.nested_if(
            data.model("forest"), f"{data.name}-forest.so"))})
    network = Contest("one row, network", data.name, {
        "ours": lambda: shop.ours("row", data=data.folder(), model=data.model("mlp"), cold=1),
        "scikit-learn": lambda: shop.script("sklearn_peer.py", "row", data=data.folder(), kind="mlp",
                                            model=data.layers()),
        "Eigen": lambda: shop.measured("bench_eigen_mlp", "row", data=data.folder(), model=data.layers())})
    work = "one row, forest, 100 trees, depth 15"
    layers = "one row, MLP 64-32-16"
    return [forest, network], [
        Line(work, forest, peer="scikit-learn", ratio=targets.get("sklearn_forest", 0),
             limit=targets.get("forest_seconds", 0), note="scikit-learn with n_jobs=1, its own forest"),
        Line(work, forest, peer="nested-if_C"), *cold_lines(work, forest),
        Line(layers, network, peer="scikit-learn", ratio=targets.get("mlp", 0),
             note="both peers have our weights, the scaler folded into the first layer"),
        Line(layers, network, peer="Eigen", note="Eigen: a plain forward pass in doubles, -march=native"),
        *cold_lines(layers, network)]


def many_rows(data, targets, shap_rows, interaction_rows):
    """Batch prediction and explanations, on two cores."""
    shop = data.shop

    def contest(name, task, **settings):
        return Contest(name, data.name, {
            "ours": lambda: shop.ours(task, 2, data=data.folder(), model=data.model("boosting"), **settings),
            "XGBoost": lambda: shop.xgboost(task, 2, data=data.folder(), model=data.as_xgboost(), **settings)})

    batch = contest("batch", "batch")
    shap = contest("SHAP", "shap", rows=shap_rows)
    interactions = contest("interactions", "interactions", rows=interaction_rows)
    return [batch, shap, interactions], [
        Line("batch prediction of the training rows", batch, peer="XGBoost", ratio=targets.get("batch", 0)),
        Line(f"TreeSHAP, {shap_rows:,} rows", shap, peer="XGBoost", ratio=targets.get("shap", 0)),
        Line(f"SHAP interactions, {interaction_rows} rows", interactions, peer="XGBoost",
             ratio=targets.get("interactions", 0))]


def decisions(data, live):
    """From a request to a platform."""
    shop = data.shop
    contest = Contest("decision", data.name, {
        "ours": lambda: shop.ours("decide_live" if live else "decide", 2 if live else 1,
                                  model=data.model("boosting"))})
    load = Contest("load", data.name, {"ours": lambda: shop.ours("load", model=data.model("boosting"))})
    name = "whole decision, state read while it is updated" if live else "whole decision, request to platform"
    return [contest, load], [Line(name, contest, limit=1e-6), Line("load a model file into a Router", load)]




def original_settings(out):
    """What the Python original did, by our options."""
    return ["--label-rule", "platform-median", "--latency", "execution", "--prices", "original", "--margin", "0.1",
            "--out", str(out)]


def preprocessing(shop, tool, logs):
    """Measured logs to a labelled dataset: whole processes, from files to a file."""
    def tool_there():
        if not Path(tool).exists():
            raise NotFound(f"{tool}: not built")
        return str(tool)

    contest = Contest("preprocess", "real", {
        "ours": lambda: time_whole([tool_there(), "preprocess", logs,
                                    *original_settings(shop.scratch / "ours.csv")], 2),
        "pandas": lambda: time_whole([shop.python, str(PEERS / "pandas_peer.py"), logs,
                                      str(shop.scratch / "pandas.csv")], 2),
        "ours_matched": lambda: time_whole([tool_there(), "preprocess", logs, "--out",
                                            str(shop.scratch / "matched.csv")], 2)})
    return [contest], [
        Line("preprocess, the original's label rule", contest, peer="pandas", ratio=1 / 12, limit=0.25,
             note="pandas: the same labels, vectorised; whole processes on both sides"),
        Line("preprocess, matched labels", contest, ours="ours_matched", limit=0.25)]


def real_data(shop, tool, logs, experiment):
    """d3: the real dataset with all features, the platforms' state among them."""
    def prepared():
        path = shop.scratch / "real.csv"
        run([str(tool), "preprocess", logs, "--features", "all", "--mate", "next", "--experiment", str(experiment),
             "--out", str(path)], 2)
        return path

    return Data(shop, "d3", 0, csv=prepared)


def compiling(shop, compiler, source):
    """What a user's translation unit waits for."""
    def compile_time(header):
        def timed():
            path = shutil.which(compiler)
            if path is None:
                raise NotFound(f"{compiler}: not found")
            unit = shop.scratch / (re.sub(r"\W", "_", header) + ".cpp")
            unit.write_text(f"#include <switchyard/{header}>\nint main() {{}}\n", encoding="utf-8")
            return time_whole([path, "-std=c++20", "-O2", "-c", str(unit), "-o", str(unit.with_suffix(".o")), "-I",
                               str(Path(source) / "include"), *system_includes()])
        return timed

    contest = Contest("compile", "-O2", {"umbrella": compile_time("switchyard.hpp"),
                                         "boosting": compile_time("model/gradient_boosting.hpp")})
    return [contest], [Line(f"{compiler}: #include <switchyard/switchyard.hpp>", contest, ours="umbrella", limit=6),
                       Line(f"{compiler}: #include <switchyard/model/gradient_boosting.hpp>", contest, ours="boosting",
                            limit=3)]


def system_includes():
    """Where Eigen is, if pkg-config knows."""
    path = shutil.which("pkg-config")
    return run([path, "--cflags", "eigen3"]).split() if path else ["-I/usr/include/eigen3"]
