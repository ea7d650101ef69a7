"""The table of results as text."""
import re

from driver.units import time_text


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
    if line["target_seconds"]:
        parts.append("<= " + time_text(line["target_seconds"]))
    return ", ".join(parts)


def score_text(line, score):
    ours, peer = line[f"{score}_ours"], line[f"{score}_peer"]
    if ours is None:
        return ""
    return f"{ours:.4f}" + (f" {peer:.4f}" if peer is not None else "")


def table_text(lines):
    """Columns aligned; one line per comparison."""
    head = ["work", "data", "ours", "peer", "", "ratio", "target", "", "AUC o/p", "log-loss o/p"]
    rows = [[line["work"], line["data"], time_text(line["ours_seconds"]), line["peer"] or "",
             time_text(line["peer_seconds"]), ratio_text(line["ratio"]), target_text(line), line["verdict"],
             score_text(line, "auc"), score_text(line, "log_loss")] for line in lines]
    widths = [max(len(row[i]) for row in [head] + rows) for i in range(len(head))]
    right = {2, 4, 5}
    text = []
    for number, row in enumerate([head] + rows):
        cells = [cell.rjust(width) if i in right else cell.ljust(width)
                 for i, (cell, width) in enumerate(zip(row, widths))]
        text.append("  ".join(cells).rstrip())
        if number == 0:
            text.append("-" * len("  ".join(cells)))
    notes = sorted({f"{line['work']}: {line['note']}" for line in lines if line["note"]})
    return "\n".join(text + [""] + notes)
