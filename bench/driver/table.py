"""The table of results as text."""
import re

from driver.units import value_text


def ratio_text(ratio):
    """1/40 for something forty times faster, 1.3 for something slower."""
    if ratio is None:
        return ""
    if ratio > 1:
        return f"{ratio:.2f}"
    quotient = 1 / ratio
    return f"1/{quotient:.0f}" if quotient >= 20 else f"1/{quotient:.1f}"


def target_text(line):
    parts = []
    if line["target_ratio"]:
        parts.append(re.sub(r"\.0+$", "", ratio_text(line["target_ratio"])))
    if line["target_value"]:
        parts.append("<= " + value_text(line["target_value"], line["unit"]))
    if line["target_auc"]:
        parts.append("AUC no worse" if line["auc_no_worse"] else "same AUC")
    return ", ".join(parts)


def score_text(line, score):
    ours, peer = line[f"{score}_ours"], line[f"{score}_peer"]
    if ours is None:
        return ""
    if peer is None:
        return f"{ours:.4f}"
    error = line[f"{score}_error"]
    return f"{ours:.4f} {peer:.4f}" + (f" +-{error:.4f}" if error is not None else "")


HEAD = ("work", "data", "n", "ours", "peer", "", "ratio", "target", "", "AUC o/p", "log-loss o/p")
NUMBERS = {2, 3, 5, 6}  # columns of numbers
VERDICT = 8


def cells_of(line):
    """What HEAD names, as text."""
    return [line["work"], line["data"], str(line["rounds"] or ""), value_text(line["ours_value"], line["unit"]),
            line["peer"] or "", value_text(line["peer_value"], line["unit"]), ratio_text(line["ratio"]),
            target_text(line), line["verdict"], score_text(line, "auc"), score_text(line, "log_loss")]


def table_text(lines):
    """Columns aligned; one line per comparison."""
    head = list(HEAD)
    rows = [cells_of(line) for line in lines]
    widths = [max(len(row[i]) for row in [head] + rows) for i in range(len(head))]
    text = []
    for number, row in enumerate([head] + rows):
        cells = [cell.rjust(width) if i in NUMBERS else cell.ljust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        text.append("  ".join(cells).rstrip())
        if number == 0:
            text.append("-" * len("  ".join(cells)))
    notes = sorted({f"{line['work']}: {line['note']}" for line in lines if line["note"]})
    return "\n".join(text + [""] + notes)
