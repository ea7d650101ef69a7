"""What is measured: every contest with its lines of the table, and the targets they are held to."""
import re
import shutil
from pathlib import Path

from driver.contest import Contest, Line
from driver.processes import NotFound, run, time_whole
from driver.side import PEERS

COLD_OVER_HOT = 6  # how much slower a call may be whose model has left the caches
SAME_AUC = 0.002  # how far apart mean areas under the ROC curve may be, over at least so many seeds:
BOOSTING_SEEDS = 8
FOREST_SEEDS = 3
NETWORK_SEEDS = 3
AT_HAND = 4096  # so few rows stay in a second-level cache, as one that the caller has just made is
CELL_BYTES = 2  # most memory of training beside its input, for each cell of the table

# Times the target for AVX-512, by instruction set.
ALLOWANCE = {"avx512": 1, "avx2": 1.6, "sse2": 2.5}


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


def memory_line(work, contest, ours="ours", peer=""):
    """Of the most memory in use while it trains, what is more than before it began."""
    return Line(f"memory to train {work}", contest, ours=ours, peer=peer, value="bytes_per_cell",
                peer_value="bytes_per_cell", unit="B/cell", limit=CELL_BYTES,
                note="bytes beside the input for each of its numbers" if peer else "")


def ungrouped_lines(work, contest, peer, ratio=0):
    """The same on a table whose repeated rows are not learned as one."""
    name = f"{work}, repeated rows not grouped"
    return [Line(f"train {name}", contest, ours="ours_ungrouped", peer=peer, ratio=ratio, auc_within=SAME_AUC),
            memory_line(name, contest, ours="ours_ungrouped")]


def training_boosting(data, targets, repeats):
    """Level-wise beside XGBoost. repeats: the data has rows that repeat, so that grouping them matters."""
    shop = data.shop
    sides = {"ours": lambda seed: data.fit("boosting", seed=seed),
             "XGBoost": lambda seed: shop.xgboost("fit", 2, data=data.folder(), seed=seed)}
    if repeats:
        sides["ours_ungrouped"] = lambda seed: data.fit("boosting", seed=seed, grouped=0)
    contest = Contest("train boosting", data.name, sides, BOOSTING_SEEDS, seeded=True)
    work = "200 trees, depth 6, level-wise"
    lines = [Line(f"train {work}", contest, peer="XGBoost", ratio=targets.get("boosting", 0), auc_within=SAME_AUC),
             memory_line(work, contest, peer="XGBoost")]
    if repeats:
        lines += ungrouped_lines("200 trees", contest, "XGBoost", targets.get("ungrouped", 0))
    return contest, lines


def training_leaf_wise(data):
    """Beside LightGBM; nothing is drawn, so a seed changes nothing."""
    shop = data.shop
    contest = Contest("train leaf-wise", data.name, {
        "ours": lambda: data.fit("leaf_wise"),
        "LightGBM": lambda: shop.script("lightgbm_peer.py", "fit", 2, data=data.folder())})
    return contest, [Line("train 200 trees, 31 leaves, leaf-wise", contest, peer="LightGBM", auc_within=SAME_AUC)]


def training_forest(data, targets, repeats):
    """Beside scikit-learn and ranger, the latter in a contest of its own since it takes longest."""
    shop = data.shop
    sides = {"ours": lambda seed: data.fit("forest", seed=seed),
             "scikit-learn": lambda seed: shop.script(
                 "sklearn_peer.py", "fit", 2, data=data.folder(), kind="forest", seed=seed,
                 save=shop.scratch / f"{data.name}-forest.pickle")}
    if repeats:
        sides["ours_ungrouped"] = lambda seed: data.fit("forest", seed=seed, grouped=0)
    contest = Contest("train forest", data.name, sides, FOREST_SEEDS, seeded=True)
    ranger = Contest("train forest beside ranger", data.name, {
        "ours": lambda seed: data.fit("forest", seed=seed),
        "ranger": lambda seed: shop.script("ranger_peer.R", "fit", 2, data=data.folder(), seed=seed)}, seeded=True)
    work = "forest, 100 trees, depth 15"
    lines = [Line(f"train {work}", contest, peer="scikit-learn", ratio=targets.get("forest", 0), auc_within=SAME_AUC),
             memory_line(work, contest)]
    if repeats:
        lines += ungrouped_lines("forest", contest, "scikit-learn")
    lines.append(Line(f"train {work}", ranger, peer="ranger", auc_within=SAME_AUC, no_worse=True,
                      note="ranger knows no smallest leaf"))
    return [contest, ranger], lines


def training_network(data, targets):
    """Beside scikit-learn, which starts from other weights: ours must do no worse."""
    shop = data.shop
    contest = Contest("train network", data.name, {
        "ours": lambda seed: data.fit("mlp", seed=seed),
        "scikit-learn": lambda seed: shop.script("sklearn_peer.py", "fit", 2, data=data.folder(), kind="mlp",
                                                 seed=seed)}, NETWORK_SEEDS, seeded=True)
    return contest, [Line("train MLP 64-32-16, an epoch", contest, peer="scikit-learn", ratio=targets["epoch"],
                          auc_within=SAME_AUC, no_worse=True, note="areas after three epochs")]


def training(data, targets):
    """targets: what each is held to, by name; without one there is none but the quality, which always is one."""
    repeats = data.kind == "d1"
    boosting, boosting_lines = training_boosting(data, targets, repeats)
    leaf_wise, leaf_wise_lines = training_leaf_wise(data)
    forests, forest_lines = training_forest(data, targets, repeats)
    contests = [boosting, leaf_wise, *forests]
    lines = boosting_lines + leaf_wise_lines + forest_lines
    if "epoch" in targets:
        network, network_lines = training_network(data, targets)
        contests.append(network)
        lines += network_lines
    return contests, lines


def single_boosting(data, targets):
    """One row at a time, on one core."""
    shop = data.shop

    def answers(side):
        return shop.answers("one row, boosting", data.name, side)

    def ours(side, **settings):
        return shop.ours("row", data=data.folder(), model=data.model("boosting"), answers=answers(side), **settings)

    def nested(**settings):
        library = shop.nested_if(data.model("boosting"), f"{data.name}-boosting.so")
        return shop.measured("bench_nested_if", "row", data=data.folder(), model=library, **settings)

    sides = {"ours": lambda: ours("ours", cold=1),
             "XGBoost": lambda: shop.xgboost("row", data=data.folder(), model=data.as_xgboost(),
                                             answers=answers("XGBoost")),
             "XGBoost_stump": lambda: shop.xgboost("row", data=data.folder(), model=data.stump()),
             "nested-if_C": lambda: nested(answers=answers("nested-if_C")),
             "LightGBM": lambda: shop.lightgbm_row(data),
             "ours_row_at_hand": lambda: ours("ours_row_at_hand", asked=AT_HAND),
             "XGBoost_row_at_hand": lambda: shop.xgboost("row", data=data.folder(), model=data.as_xgboost(),
                                                         asked=AT_HAND),
             "nested-if_C_row_at_hand": lambda: nested(asked=AT_HAND)}
    sets = [each for each in shop.instruction_sets() if each != shop.instruction_sets()[-1]]
    for name in sets:
        sides[f"ours_{name}"] = lambda name=name: ours(f"ours_{name}", set=name)
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
    lines += [Line(f"{work}, row at hand", contest, ours="ours_row_at_hand", peer=f"{peer}_row_at_hand",
                   ratio=target * best, note=f"{AT_HAND:,} rows, which stay in the second-level cache on both sides")
              for peer, target in (("XGBoost", to_xgboost), ("nested-if_C", to_c))]
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
    def forest_of(side):
        return {"data": data.folder(), "answers": shop.answers("one row, forest", data.name, side)}

    def network_of(side):
        return {"data": data.folder(), "answers": shop.answers("one row, network", data.name, side)}

    forest = Contest("one row, forest", data.name, {
        "ours": lambda: shop.ours("row", model=data.model("forest"), cold=1, **forest_of("ours")),
        "scikit-learn": lambda: shop.script("sklearn_peer.py", "row", kind="forest", model=data.sklearn_forest(),
                                            **forest_of("scikit-learn")),
        "nested-if_C": lambda: shop.measured("bench_nested_if", "row", model=shop.nested_if(
            data.model("forest"), f"{data.name}-forest.so"), **forest_of("nested-if_C"))})
    network = Contest("one row, network", data.name, {
        "ours": lambda: shop.ours("row", model=data.model("mlp"), cold=1, **network_of("ours")),
        "scikit-learn": lambda: shop.script("sklearn_peer.py", "row", kind="mlp", model=data.layers(),
                                            **network_of("scikit-learn")),
        "Eigen": lambda: shop.measured("bench_eigen_mlp", "row", model=data.layers(), **network_of("Eigen")),
        "ours_row_at_hand": lambda: shop.ours("row", model=data.model("mlp"), asked=AT_HAND,
                                              **network_of("ours_row_at_hand")),
        "Eigen_row_at_hand": lambda: shop.measured("bench_eigen_mlp", "row", model=data.layers(), data=data.folder(),
                                                   asked=AT_HAND)})
    work = "one row, forest, 100 trees, depth 15"
    layers = "one row, MLP 64-32-16"
    return [forest, network], [
        Line(work, forest, peer="scikit-learn", ratio=targets.get("sklearn_forest", 0),
             limit=targets.get("forest_seconds", 0), note="scikit-learn with n_jobs=1, its own forest"),
        Line(work, forest, peer="nested-if_C"), *cold_lines(work, forest),
        Line(layers, network, peer="scikit-learn", ratio=targets.get("mlp", 0),
             note="both peers have our weights, the scaler folded into the first layer"),
        Line(layers, network, peer="Eigen", note="Eigen: a plain forward pass in doubles, -march=native"),
        Line(f"{layers}, row at hand", network, ours="ours_row_at_hand", peer="scikit-learn",
             ratio=targets.get("mlp", 0), note="scikit-learn asked as above: a row's way is nothing to its call"),
        Line(f"{layers}, row at hand", network, ours="ours_row_at_hand", peer="Eigen_row_at_hand"),
        *cold_lines(layers, network)]


def many_rows(data, targets, shap_rows, interaction_rows):
    """Batch prediction and explanations, on two cores."""
    shop = data.shop

    def contest(name, task, **settings):
        def asked(side):
            return {"data": data.folder(), "answers": shop.answers(name, data.name, side), **settings}

        sides = {"ours": lambda: shop.ours(task, 2, model=data.model("boosting"), **asked("ours")),
                 "XGBoost": lambda: shop.xgboost(task, 2, model=data.as_xgboost(), **asked("XGBoost"))}
        if data.kind == "d1" and task != "batch":
            sides["ours_ungrouped"] = lambda: shop.ours(task, 2, model=data.model("boosting"), grouped=0,
                                                        **asked("ours_ungrouped"))
        return Contest(name, data.name, sides)

    batch = contest("batch", "batch")
    shap = contest("SHAP", "shap", rows=shap_rows)
    interactions = contest("interactions", "interactions", rows=interaction_rows)
    lines = [Line("batch prediction of the training rows", batch, peer="XGBoost", ratio=targets.get("batch", 0))]
    for work, explained, ratio in ((f"TreeSHAP, {shap_rows:,} rows", shap, targets.get("shap", 0)),
                                   (f"SHAP interactions, {interaction_rows} rows", interactions,
                                    targets.get("interactions", 0))):
        lines.append(Line(work, explained, peer="XGBoost", ratio=ratio))
        if "ours_ungrouped" in explained.sides:
            lines.append(Line(f"{work}, repeated rows not grouped", explained, ours="ours_ungrouped", peer="XGBoost",
                              ratio=ratio))
    return [batch, shap, interactions], lines


def decisions(data, live):
    """From a request to a platform."""
    shop = data.shop
    contest = Contest("decision", data.name, {
        "ours": lambda: shop.ours("decide_live" if live else "decide", cores=2 if live else 1,
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
