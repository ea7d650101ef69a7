"""Contests: the same work by several sides in turn, and the lines of the table that compare two of them."""
import statistics
from dataclasses import dataclass, field

from driver.processes import Failed, NotFound


@dataclass
class Contest:
    """name: what is done; sides: name -> a call that measures once and returns a dictionary with "seconds"."""
    name: str
    data: str
    sides: dict
    rounds: int = 0  # 0 = as many as asked for
    measured: dict = field(default_factory=dict)  # side -> [dictionaries], one a round
    problems: dict = field(default_factory=dict)  # side -> why it has none

    def run(self, rounds, tell):
        """Each side once per round, so that what changes on the machine meets all of them alike."""
        for turn in range(self.rounds or rounds):
            for side, measure in self.sides.items():
                if side in self.problems:
                    continue
                tell(f"{self.name}, {self.data}: {side}, round {turn + 1}")
                try:
                    self.measured.setdefault(side, []).append(measure())
                except NotFound as problem:
                    self.problems[side] = "not found"
                    tell(f"  {problem}")
                except Failed as problem:
                    self.problems[side] = f"failed: {problem}"
                    tell(f"  failed: {problem}")

    def median(self, side, value="seconds"):
        """None if it was not measured."""
        found = [each[value] for each in self.measured.get(side, []) if each.get(value) is not None]
        return statistics.median(found) if found else None

    def spread(self, side, value="seconds"):
        """Largest over smallest round: how much to trust the median."""
        found = [each[value] for each in self.measured.get(side, []) if each.get(value) is not None]
        return max(found) / min(found) if found and min(found) > 0 else None


@dataclass
class Line:
    """A row of the table. ratio: ours over the peer's at most this; limit: ours at most so many seconds."""
    work: str
    contest: Contest
    ours: str = "ours"
    peer: str = ""
    ratio: float = 0
    limit: float = 0
    value: str = "seconds"       # of ours
    peer_value: str = "seconds"
    less: str = ""               # a side whose time is taken from the peer's: what its call costs without a model
    auc_within: float = 0        # > 0: and the areas under the ROC curve differ by no more
    note: str = ""

    def numbers(self):
        """What results.json holds of the line."""
        ours = self.contest.median(self.ours, self.value)
        peer = self.contest.median(self.peer, self.peer_value) if self.peer else None
        if peer is not None and self.less:
            overhead = self.contest.median(self.less)
            peer = peer - overhead if overhead is not None else None
        result = {"work": self.work, "data": self.contest.data, "ours_seconds": ours, "peer": self.peer_name(),
                  "peer_seconds": peer, "ratio": ours / peer if ours and peer and peer > 0 else None,
                  "target_ratio": self.ratio or None, "target_seconds": self.limit or None, "note": self.note,
                  "rounds": len(self.contest.measured.get(self.ours, [])),
                  "spread_ours": self.contest.spread(self.ours, self.value),
                  "spread_peer": self.contest.spread(self.peer, self.peer_value) if self.peer else None}
        for score in ("auc", "log_loss"):
            result[f"{score}_ours"] = self.contest.median(self.ours, score)
            result[f"{score}_peer"] = self.contest.median(self.peer, score) if self.peer else None
        result["verdict"] = self.verdict(result)
        return result

    def peer_name(self):
        name = self.peer.replace("_", " ")
        return name + " less its call" if self.less else name

    def verdict(self, found):
        if found["ours_seconds"] is None:
            return self.contest.problems.get(self.ours, "not measured")
        if self.peer and found["peer_seconds"] is None:
            return self.contest.problems.get(self.peer, "not measured")
        if not self.ratio and not self.limit:
            return ""
        missed = []
        if self.ratio and found["ratio"] is not None and found["ratio"] > self.ratio:
            missed.append("ratio")
        if self.limit and found["ours_seconds"] > self.limit:
            missed.append("time")
        if self.auc_within and abs((found["auc_ours"] or 0) - (found["auc_peer"] or 0)) > self.auc_within:
            missed.append("AUC")
        return "missed: " + ", ".join(missed) if missed else "met"
