"""The sweep: how time grows with rows, features, depth, trees and threads. One call per point and side."""
from dataclasses import dataclass, field

from driver.processes import Failed
from driver.units import time_text
from driver.works import Data


@dataclass
class Chart:
    """One picture: lines of (x, y) by name; both axes logarithmic."""
    title: str
    axis: str
    unit: str = "seconds"  # of y
    lines: dict = field(default_factory=dict)
    problems: list = field(default_factory=list)

    def add(self, line, x, call, tell):
        """What was measured; a point that cannot be is left out, and said to be."""
        tell(f"sweep, {self.title}: {line} at {x:,}")
        try:
            measured = call()
        except Failed as problem:
            self.problems.append(f"{line} at {x:,}: {problem}")
            tell(f"  {problem}")
            return {}
        self.put(line, x, measured["seconds"])
        return measured

    def put(self, line, x, value):
        if value and value > 0:
            self.lines.setdefault(line, []).append((x, value))


def training(data, chart, x, tell, suffix="", threads=2, **settings):
    """What our side measured."""
    ours = chart.add(f"Switchyard{suffix}", x, lambda: data.fit("boosting", threads, **settings), tell)
    chart.add(f"XGBoost{suffix}", x, lambda: data.shop.xgboost("fit", threads, data=data.folder(), **settings), tell)
    return ours


def by_rows(shop, sizes, tell, charts):
    chart = Chart("train 200 trees of depth 6, 2 threads, by rows", "rows")
    memory = Chart("memory that training takes beside its input, by rows", "rows", unit="bytes per cell")
    charts += [chart, memory]
    for rows in sizes:
        for name in ("d1", "d2"):
            if name == "d2" and rows > 2_000_000:
                continue  # its 28 columns would need 12 GB
            data = Data(shop, f"{name}-{rows}", rows, kind=name)
            ours = training(data, chart, rows, tell, suffix=f", {name}")
            memory.put(f"Switchyard, {name}", rows, ours.get("bytes_per_cell"))
            if name == "d1":
                apart = chart.add("Switchyard, d1, not grouped", rows,
                                  lambda data=data: data.fit("boosting", grouped=0), tell)
                memory.put("Switchyard, d1, not grouped", rows, apart.get("bytes_per_cell"))
            data.forget()


def by_columns(shop, rows, widths, tell, charts):
    chart = Chart(f"train 200 trees of depth 6, {rows:,} dense rows, by features", "features")
    charts.append(chart)
    for columns in widths:
        data = Data(shop, f"d2-{columns}", rows, kind="d2", columns=columns)
        training(data, chart, columns, tell)
        data.forget()


def by_shape(shop, rows, depths, trees, tell, charts):
    """Depth and trees, for training and for one row."""
    data = Data(shop, "d2-shape", rows, kind="d2")
    for axis, values in (("depth", depths), ("trees", trees)):
        fitting = Chart(f"train on {rows:,} dense rows, by {axis}", axis)
        asking = Chart(f"one row, by {axis}", axis)
        charts += [fitting, asking]
        for value in values:
            training(data, fitting, value, tell, **{axis: value})
            name = f"{data.name}-{axis}-{value}"

            def model(name=name, axis=axis, value=value):
                return shop.made(f"{name}.json", lambda path: data.fit("boosting", save=path, **{axis: value}))

            asking.add("Switchyard", value, lambda: shop.ours("row", data=data.folder(), model=model()), tell)
            asking.add("XGBoost", value, lambda: shop.xgboost("row", data=data.folder(), model=shop.exported(
                model(), "xgboost", f"{name}-xgboost.json")), tell)
            asking.add("nested-if C", value, lambda: shop.measured(
                "bench_nested_if", "row", data=data.folder(), model=shop.nested_if(model(), f"{name}.so")), tell)


def by_threads(shop, rows, most, tell, charts):
    chart = Chart(f"train 200 trees of depth 6 on {rows:,} dense rows, by threads", "threads")
    charts.append(chart)
    data = Data(shop, "d2-threads", rows, kind="d2")
    for threads in [count for count in (1, 2, 4, 8, 16, 32, 64) if count <= most]:
        training(data, chart, threads, tell, threads=threads)


PARTS = ("rows", "features", "shape", "threads")


def sweep(shop, parts, quick, large, threads, tell, charts):
    """Fills `charts` as it goes, so that what was measured survives an interruption. parts: of PARTS"""
    rows = 10_000 if quick else 40_000
    if "threads" in parts:
        by_threads(shop, rows if quick else 180_000, threads, tell, charts)
    if "features" in parts:
        by_columns(shop, rows, (14, 56) if quick else (14, 28, 56, 112), tell, charts)
    if "shape" in parts:
        by_shape(shop, rows, (2, 6, 10) if quick else (2, 4, 6, 8, 10), (50, 200, 800) if quick else
                 (25, 50, 100, 200, 400, 800), tell, charts)
    if "rows" in parts:
        sizes = [6_000, 60_000] if quick else [18_000, 60_000, 180_000, 600_000, 1_800_000]
        by_rows(shop, sizes + ([18_000_000] if large else []), tell, charts)


def sweep_text(charts):
    """The charts as text, a line for each of theirs. charts: as results.json holds them"""
    text = []
    for chart in charts:
        unit = "s" if chart["unit"] == "seconds" else chart["unit"]
        text.append(f"{chart['title']} ({chart['axis']}: {'time' if unit == 's' else unit})")
        width = max(map(len, chart["lines"]), default=0)
        for name, points in chart["lines"].items():
            values = "  ".join(f"{x:,}: {time_text(y) if unit == 's' else format(y, '.3g')}"
                               for x, y in points)
            text.append(f"  {name:{width}}  {values}")
        text += [f"  not measured: {problem}" for problem in chart["problems"]]
    return "\n".join(text)
