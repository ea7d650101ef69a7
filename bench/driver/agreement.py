"""Whether sides that should answer by the same model do: a race between different models tells nothing."""

# What a worker says of its answers: "answer" is the mean probability over all rows that are asked or, of explanations,
# the mean magnitude; "sum" is the mean raw sum of trees.
SAME = {
    "one row, boosting": (("XGBoost", "answer"), ("nested-if_C", "sum")),
    "one row, forest": (("nested-if_C", "sum"),),
    "one row, network": (("scikit-learn", "answer"), ("Eigen", "answer")),
    "SHAP": (("XGBoost", "answer"),),
    "interactions": (("XGBoost", "answer"),),
}
TOLERANCE = 1e-4  # XGBoost sums floats


def disagreements(contests):
    """One text for each side that answers differently."""
    found = []
    for contest in contests:
        instruction_sets = [(side, "answer") for side in contest.sides if side.startswith("ours_")]
        for side, what in (*SAME.get(contest.name, ()), *(instruction_sets if contest.name in SAME else ())):
            ours, theirs = contest.median("ours", what), contest.median(side, what)
            if ours is None or theirs is None:
                continue
            allowed = TOLERANCE * max(abs(ours), 1e-3) if not side.startswith("ours_") else 0
            if not abs(ours - theirs) <= allowed:
                found.append(f"{contest.name}, {contest.data}: ours answers {ours!r}, {side} {theirs!r}")
    return found
