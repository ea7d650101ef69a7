"""Whether sides that should answer by the same model do: a race between different models tells nothing."""
from array import array
from pathlib import Path

# Whose answers must be ours: "answer" is what is asked for, one number a row or, of explanations, many; "sum" is the
# raw sum of trees. Sides of ours need not be named: with other instruction sets or without grouping, bits are the same.
SAME = {
    "one row, boosting": (("XGBoost", "answer"), ("nested-if_C", "sum")),
    "one row, forest": (("nested-if_C", "sum"),),
    "one row, network": (("scikit-learn", "answer"), ("Eigen", "answer")),
    "batch": (("XGBoost", "answer"),),
    "SHAP": (("XGBoost", "answer"),),
    "interactions": (("XGBoost", "answer"),),
}
TOLERANCE = 2e-5  # of each number, times its size if that is above 1: XGBoost sums floats


def kept(prefix, what):
    """The numbers a side kept; none if it kept none."""
    path = Path(f"{prefix}.{what}.f64")
    numbers = array("d")
    if path.exists():
        numbers.frombytes(path.read_bytes())
    return numbers


def compare(shop, contest):
    """Fills contest.agreement: side -> how many numbers were compared one by one, and the largest difference."""
    of_ours = [(side, "answer") for side in contest.sides if side.startswith("ours_")]
    for side, what in (*SAME.get(contest.name, ()), *(of_ours if contest.name in SAME else ())):
        if not contest.measured.get("ours") or not contest.measured.get(side):
            continue
        ours, theirs = (kept(shop.answers(contest.name, contest.data, each), what) for each in ("ours", side))
        allowed = 0 if side.startswith("ours_") else TOLERANCE
        differences = [(abs(a - b), abs(a - b) <= allowed * max(1.0, abs(a))) for a, b in zip(ours, theirs)]
        contest.agreement[side] = {"numbers": len(differences), "allowed": allowed,
                                   "largest": max((each for each, _ in differences), default=None),
                                   "different": sum(not same for _, same in differences)}


def disagreements(contests):
    """One text for each side that answers differently."""
    found = []
    for contest in contests:
        for side, each in contest.agreement.items():
            if not each["numbers"]:
                found.append(f"{contest.name}, {contest.data}: no answers of ours and {side} to compare")
            elif each["different"]:
                found.append(f"{contest.name}, {contest.data}: {each['different']} of {each['numbers']} answers of "
                             f"{side} are not ours; the largest difference is {each['largest']:.3g}")
    return found
