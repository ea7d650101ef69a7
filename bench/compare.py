#!/usr/bin/env python3
"""Measures Switchyard and its peers in turn; prints one table, writes results.json, results.txt and a page.

`tools/dev bench` builds what this needs and calls it. Needs nothing but Python's standard library.
"""
import argparse
import json
import os
import platform
import re
import shutil
import signal
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from driver import works  # noqa: E402
from driver.agreement import compare, disagreements  # noqa: E402
from driver.plot import page  # noqa: E402
from driver.processes import Failed  # noqa: E402
from driver.report import report  # noqa: E402
from driver.side import Workshop  # noqa: E402
from driver.sweep import PARTS, Chart, sweep  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent

# The largest ratio of ours to a peer's time, and the longest time, by what they are for; see driver/works.py.
D1 = {"boosting": 1 / 12, "ungrouped": 1, "forest": 1 / 40, "epoch": 1 / 4, "xgboost": 1 / 40, "nested_if": 1 / 8,
      "sklearn_forest": 1 / 1000, "forest_seconds": 1.5e-6, "mlp": 1 / 200, "batch": 1 / 10, "shap": 1 / 40,
      "interactions": 1 / 100}
D2 = {"boosting": 1 / 1.5, "forest": 1 / 12, "epoch": 1 / 4, "xgboost": 1 / 10, "nested_if": 1 / 4,
      "forest_seconds": 3e-6, "mlp": 1 / 200, "batch": 1 / 3, "shap": 1 / 20, "interactions": 1 / 100}


def tell(text):
    """Progress, apart from the results."""
    print(text, file=sys.stderr, flush=True)


def positive(text):
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def sweep_parts(text):
    parts = text.split(",")
    if not set(parts) <= set(PARTS):
        raise ValueError
    return parts


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, help="folder with bench_ours and the peers' programs")
    parser.add_argument("--out", help="folder for the results (default: bench beside BUILD)")
    parser.add_argument("--quick", action="store_true", help="smaller data, one round, a small sweep")
    parser.add_argument("--rounds", type=positive, help="turns of each side, at least (default: 3, or 1 with --quick)")
    parser.add_argument("--rows", type=positive, help="of d1 and d2 (default: 180000, or 20000 with --quick)")
    parser.add_argument("--real", help="folder of measured logs, for d3 and preprocessing")
    parser.add_argument("--large", action="store_true", help="the sweep of rows goes on to 18 million of d1 (12 GB, 10 minutes more)")
    parser.add_argument("--only", type=re.compile, default="",
                        help="only contests whose name and data, as 'train boosting, d1', match; no sweep")
    parser.add_argument("--no-sweep", action="store_true", help="the table alone")
    parser.add_argument("--sweep", type=sweep_parts, metavar="PART,...",
                        help=f"these parts of the sweep alone, of {', '.join(PARTS)}; also with --only")
    parser.add_argument("--no-table", action="store_true", help="the sweep alone")
    parser.add_argument("--keep", action="store_true",
                        help="keep what the last run measured and this one does not: a table in several runs")
    parser.add_argument("--list", action="store_true", help="name the contests and stop")
    system = "/usr/bin/python3"
    parser.add_argument("--python", default=system if os.path.exists(system) else sys.executable,
                        help="the interpreter that has the Python peers (default: %(default)s)")
    parser.add_argument("--compiler", default="g++", help="whose compile time is measured (default: g++)")
    return parser.parse_args()


def generated_data(shop, options):
    """d1 and d2: everything."""
    rows = options.rows or (20_000 if options.quick else 180_000)
    for name, targets in (("d1", D1), ("d2", D2)):
        data = works.Data(shop, name, rows)
        yield works.training(data, targets)
        yield works.single_boosting(data, targets)
        yield works.single_others(data, targets)
        yield works.many_rows(data, targets, *((500, 20) if options.quick else (5000, 500)))
        if name == "d1":
            yield works.decisions(data, live=False)


def measured_data(shop, options):
    """The real dataset, as d3, and what comes before it."""
    tool = shop.build / "switchyard"
    data = works.real_data(shop, tool, options.real, ROOT / "examples/experiments/original.json")
    yield works.training(data, {})
    yield works.single_boosting(data, {})
    yield works.decisions(data, live=True)
    yield works.preprocessing(shop, tool, options.real)


def contests(shop, options):
    """All that may be measured: [contests], [lines]."""
    parts = list(generated_data(shop, options))
    if options.real:
        parts += measured_data(shop, options)
    parts.append(works.compiling(shop, options.compiler, ROOT))
    return [each for some, _ in parts for each in some], [line for _, lines in parts for line in lines]


def machine(shop):
    """What the numbers depend on."""
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        models = re.findall(r"^model name\s*:\s*(.*)$", file.read(), re.MULTILINE)
    return {"processor": models[0] if models else platform.machine(), "cores": len(os.sched_getaffinity(0)),
            "instruction_sets": shop.instruction_sets(), "system": platform.platform()}


def measure_all(shop, options, chosen, charts):
    """Until all is measured or the user has seen enough; whether it was all."""
    try:
        for number, each in enumerate(chosen):
            place = f"[{number + 1}/{len(chosen)}]"
            try:
                each.run(options.rounds or (1 if options.quick else 3),
                         lambda text, place=place: tell(f"{place} {text}"))
            finally:
                compare(shop, each)
        parts = options.sweep or ([] if options.only or options.no_sweep else PARTS)
        if parts:
            sweep(shop, parts, options.quick, options.large, len(os.sched_getaffinity(0)), tell, charts)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # writing the rest takes a moment only
        tell("stopped; what was measured is kept")
        return False
    return True


def setup(shop, options):
    """What the numbers depend on beside the machine."""
    def version(ask):
        try:
            return ask().get("version")
        except Failed:
            return None

    return {"rows": options.rows or (20_000 if options.quick else 180_000), "quick": options.quick,
            "peers": {"XGBoost": version(lambda: shop.xgboost("version")),
                      "scikit-learn": version(lambda: shop.script("sklearn_peer.py", "version")),
                      "ranger": version(lambda: shop.script("ranger_peer.R", "version"))}}


def keep_last(path, now, everything, charts):
    """Puts what the last run measured into the contests; its charts. Refuses another machine's or other data's."""
    last = json.loads(path.read_text(encoding="utf-8"))
    if any(last["setup"][name] != now["setup"][name] for name in ("rows", "quick")) or \
            last["machine"]["processor"] != now["machine"]["processor"]:
        raise Failed(f"--keep: {path} is of another machine or of other data")
    kept = {(each["name"], each["data"]): each for each in last["measurements"]}
    for contest in everything:
        each = kept.get((contest.name, contest.data))
        if each:
            contest.measured, contest.problems, contest.agreement = each["sides"], each["problems"], each["agreement"]
    charts += [Chart(**each) for each in last["sweep"]]


def write_results(out, results):
    (out / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (out / "results.txt").write_text(report(results), encoding="utf-8")
    (out / "index.html").write_text(page(results), encoding="utf-8")


def chosen_of(everything, options):
    chosen = [each for each in everything if not options.only or options.only.search(f"{each.name}, {each.data}")]
    if not chosen:
        raise Failed(f"--only {options.only.pattern}: matches no contest; --list names them")
    return [] if options.no_table else chosen


def results_of(now, everything, lines, charts, complete):
    """What results.json holds."""
    measured = [each for each in everything if each.measured or each.problems]
    return {**now, "complete": complete, "table": [line.numbers() for line in lines if line.contest in measured],
            "disagreements": disagreements(measured), "sweep": [vars(chart) for chart in charts],
            "measurements": [{"name": each.name, "data": each.data, "sides": each.measured, "problems": each.problems,
                              "agreement": each.agreement} for each in measured]}


def main():
    options = arguments()
    if options.real and not Path(options.real).is_dir():
        raise Failed(f"--real {options.real}: no such folder")
    build = Path(options.build).resolve()
    out = Path(options.out or build.parent / "bench").resolve()
    scratch = out / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    shop = Workshop(build, scratch, options.python)
    everything, lines = contests(shop, options)
    if options.list:
        print("\n".join(f"{each.name}, {each.data}: {', '.join(each.sides)}" for each in everything))
        return 0
    chosen = chosen_of(everything, options)
    if not options.real:
        tell("d3, the real dataset, is skipped: it needs --real FOLDER with measured logs")
    now = {"machine": machine(shop), "setup": setup(shop, options)}
    old_charts, charts = [], []
    if options.keep and (out / "results.json").exists():
        keep_last(out / "results.json", now, everything, old_charts)
    complete = measure_all(shop, options, chosen, charts)
    new = {chart.title for chart in charts}
    charts = [chart for chart in old_charts if chart.title not in new] + charts
    wanted = everything if options.keep else chosen
    results = results_of(now, wanted, lines, charts, complete)
    write_results(out, results)
    print(report(results), end="")
    print(f"\nwrote {', '.join(str(out / name) for name in ('results.json', 'results.txt', 'index.html'))}")
    shutil.rmtree(scratch, ignore_errors=True)
    return 130 if not complete else 1 if results["disagreements"] else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Failed, OSError) as problem:
        tell(f"compare.py: {problem}")
        sys.exit(1)
