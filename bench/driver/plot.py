"""The results as one page that needs nothing else: the table and the sweep, for light and dark readers."""
import html
import math

from driver.table import HEAD, NUMBERS, VERDICT, cells_of
from driver.units import time_text

# Okabe & Ito's colours, which colour-blind readers tell apart; lightened for dark pages.
STYLE = """
:root{color-scheme:light dark;--ink:#1f2933;--quiet:#5f6b77;--line:#dde2e7;--page:#fff;--good:#006b4e;--bad:#b03a00;
--s0:#0072b2;--s1:#d55e00;--s2:#009e73;--s3:#b0568a;--s4:#b27a00;--s5:#3a9bd9}
@media (prefers-color-scheme:dark){:root{--ink:#e8ebee;--quiet:#a3aeb9;--line:#303942;--page:#14191e;--good:#6fdcb8;
--bad:#ffb08a;--s0:#56b4e9;--s1:#ff9a5c;--s2:#2bc79a;--s3:#e59bc4;--s4:#f0c043;--s5:#a9d8f7}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1240px;padding:1.5rem 1.25rem 4rem;background:var(--page);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
h1{font-size:1.4rem}h2{font-size:1.15rem;margin:2.5rem 0 .5rem}h3{font-size:1rem;margin:1.5rem 0 .25rem}
p{max-width:75ch}.quiet{color:var(--quiet);font-size:.875rem}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,520px),1fr));gap:0 2rem}
.scroll{overflow-x:auto}svg{display:block;width:100%;min-width:480px;height:auto}
svg text{font-size:12px;fill:var(--ink)}svg .quiet{fill:var(--quiet)}
.grid{stroke:var(--line)}.curve{fill:none;stroke-width:2}.theirs{stroke-dasharray:6 4}
table{border-collapse:collapse;font-size:.875rem}
th,td{padding:.3rem .8rem .3rem 0;text-align:left;border-bottom:1px solid var(--line);white-space:nowrap}
td:first-child{white-space:normal;min-width:16rem}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.met{color:var(--good)}.missed{color:var(--bad)}
"""

WIDTH, HEIGHT = 620, 340
LEFT, RIGHT, TOP, BOTTOM = 62, 150, 14, 44


class LogScale:
    """Values to places, a little room at both ends."""

    def __init__(self, values, begin, end):
        low, high = math.log10(min(values)), math.log10(max(values))
        room = max(0.04 * (high - low), 0.02)
        self.low, self.high = low - room, high + room
        self.begin, self.end = begin, end

    def place(self, value):
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.begin + share * (self.end - self.begin)

    def ticks(self):
        """Powers of ten with as many values between as stay readable."""
        decades = self.high - self.low
        steps = (1, 2, 5) if decades <= 2.2 else (1, 3) if decades <= 3.5 else (1,)
        if decades < 0.7:
            steps = (1, 1.5, 2, 3, 4, 5, 6, 8)
        found = [step * 10.0**power for power in range(math.floor(self.low), math.ceil(self.high) + 1)
                 for step in steps]
        return [value for value in found if self.low <= math.log10(value) <= self.high]


def count_text(value):
    """1.8M for 1800000"""
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"


def apart(places, least):
    """The same places, in order, moved until no two are nearer than `least`."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = list(places)
    for before, i in zip(order, order[1:]):
        moved[i] = max(moved[i], moved[before] + least)
    over = moved[order[-1]] - (HEIGHT - BOTTOM) if order else 0
    return [place - max(0, over) for place in moved]


def chart_svg(chart):
    """chart: as results.json holds it"""
    points = [point for line in chart["lines"].values() for point in line]
    across = LogScale([x for x, _ in points], LEFT, WIDTH - RIGHT)
    up = LogScale([y for _, y in points], HEIGHT - BOTTOM, TOP)
    text_of = time_text if chart["unit"] == "seconds" else count_text
    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(chart["title"])}">']
    for value in up.ticks():
        y = up.place(value)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
                     f'<text class="quiet" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{text_of(value)}</text>')
    for value in sorted({x for x, _ in points}):
        x = across.place(value)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
                     f'<text class="quiet" x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">'
                     f'{count_text(value)}</text>')
    parts.append(f'<text class="quiet" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 6}" text-anchor="middle">'
                 f'{html.escape(chart["axis"])}</text>')
    ends = apart([up.place(line[-1][1]) for line in chart["lines"].values()], 15)
    for number, (name, line) in enumerate(chart["lines"].items()):
        color = f"var(--s{number % 6})"
        path = " ".join(f"{across.place(x):.1f},{up.place(y):.1f}" for x, y in line)
        theirs = "" if name.startswith("Switchyard") else " theirs"
        parts.append(f'<polyline class="curve{theirs}" style="stroke:{color}" points="{path}"/>')
        for x, y in line:
            parts.append(f'<circle cx="{across.place(x):.1f}" cy="{up.place(y):.1f}" r="3.5" style="fill:{color}">'
                         f'<title>{html.escape(name)}: {x:,} {html.escape(chart["axis"])}, '
                         f"{text_of(y)}</title></circle>")
        parts.append(f'<text x="{across.place(line[-1][0]) + 8:.1f}" y="{ends[number] + 4:.1f}" '
                     f'style="fill:{color}">{html.escape(name)}</text>')
    return "".join(parts) + "</svg>"


def table_html(lines):
    rows = []
    for line in lines:
        kind = line["verdict"].split(":")[0] if line["verdict"].startswith(("met", "missed")) else ""
        rows.append("<tr>" + "".join(
            f'<td class="{"n" if i in NUMBERS else kind if i == VERDICT else ""}" title="{html.escape(line["note"])}">'
            f"{html.escape(cell)}</td>" for i, cell in enumerate(cells_of(line))) + "</tr>")
    return ('<div class="scroll"><table><thead><tr>' + "".join(
        f'<th class="{"n" if i in NUMBERS else ""}">{name}</th>' for i, name in enumerate(HEAD))
        + "</tr></thead><tbody>" + "".join(rows) + "</tbody></table></div>")


def page(results):
    """The whole page. results: as results.json holds them"""
    machine = results["machine"]
    charts = []
    for chart in results["sweep"]:
        missing = f'<p class="quiet">not measured: {html.escape("; ".join(chart["problems"]))}</p>'
        drawn = f'<div class="scroll">{chart_svg(chart)}</div>' if chart["lines"] else ""
        charts.append(f'<section><h3>{html.escape(chart["title"])}</h3>{drawn}{missing if chart["problems"] else ""}'
                      "</section>")
    sweep = f'<h2>Sweep</h2><div class="charts">{"".join(charts)}</div>' if charts else ""
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Switchyard's speed beside its peers'</title><style>{STYLE}</style></head><body>
<h1>Switchyard's speed beside its peers'</h1>
<p class="quiet">{html.escape(machine["processor"])}, {machine["cores"]} cores,
{html.escape(" ".join(machine["instruction_sets"]))}; {html.escape(machine["system"])}. Medians of n alternating runs; ratio = ours over the peer's. A line's note shows when the
pointer rests on it; bench/README.md says how each is measured.</p>
<h2>Table</h2>{table_html(results["table"])}{sweep}</body></html>
"""
