"""The results as text, as bench/README.md shows them: what was measured on, the table, what is missed and missing."""
import textwrap

from driver.sweep import sweep_text
from driver.table import table_text

WIDTH = 120


def head(results):
    machine, setup = results["machine"], results["setup"]
    rows = setup["rows"]
    trained = rows // 5 * 4
    peers = ", ".join(f"{name} {version or 'not found'}" for name, version in setup["peers"].items())
    return [f"{machine['processor']}, {machine['cores']} cores, {' '.join(machine['instruction_sets'])}; "
            f"{machine['system']}.", f"{peers}.",
            f"d1 and d2: {rows:,} rows, {trained:,} to learn from and for batches, {rows - trained:,} to test and "
            "explain; single rows: 65,536 random ones of the test. n: rounds, whose median is shown; scores: means over "
            "as many seeds. o/p: ours and the peer's, +- the standard error of their difference."]


def ends(table):
    """What a reader should not have to look for."""
    found = []
    for name, lines in (("Missed", [line for line in table if line["verdict"].startswith("missed")]),
                        ("Not measured", [line for line in table if line["verdict"] and not
                                          line["verdict"].startswith(("met", "missed"))])):
        texts = [f"{line['work']}, {line['data']}" + (f" ({line['verdict'][8:]})" if name == "Missed" else
                 f" beside {line['peer']}" if line["peer"] else "") for line in lines]
        if texts:
            found.append(f"{name}: {'; '.join(dict.fromkeys(texts))}.")
    return found


def agreement(measurements):
    """How far answers by the same model are apart."""
    each = [(f"{contest['name']} {contest['data']} {side}", found) for contest in measurements
            for side, found in contest["agreement"].items() if found["numbers"]]
    if not each:
        return []
    exact = [name for name, found in each if found["largest"] == 0]
    texts = [f"{name} {found['largest']:.1e}" for name, found in each if found["largest"] != 0]
    numbers = sum(found["numbers"] for _, found in each)
    return [f"Answers by the same model, {numbers:,} compared one by one, largest difference: "
            + ", ".join(texts + [f"0 of {len(exact)} other sides" if texts else "0"]) + "."]


def report(results):
    parts = ["\n".join(textwrap.fill(text, WIDTH) for text in head(results))]
    if results["table"]:
        parts.append(table_text(results["table"]))
    closing = [*ends(results["table"]), *agreement(results["measurements"]),
               *(f"DISAGREEMENT: {text}" for text in results["disagreements"])]
    parts.append("\n".join(text if text.startswith("DISAGREEMENT") else textwrap.fill(text, WIDTH) for text in closing))
    if results["sweep"]:
        parts.append(sweep_text(results["sweep"]))
    return "\n\n".join(part.rstrip() for part in parts if part) + "\n"
