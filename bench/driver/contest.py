"""Contests: the same work by several sides in turn, and the lines of the table that compare two of them."""
import math
import statistics
from dataclasses import dataclass, field

from driver.processes import Failed, NotFound

FIRST_SEED = 42


@dataclass
class Contest:
    """name: what is done; sides: name -> a call that measures once and returns a dictionary with "seconds".

    seeded: the calls take the seed of the round, so that scores are those of many models and not of a lucky one.
    """
    name: str
    data: str
    sides: dict
    rounds: int = 1  # at least; more if more are asked for
    seeded: bool = False
    measured: dict = field(default_factory=dict)  # side -> [dictionaries], one a round
    problems: dict = field(default_factory=dict)  # side -> why it has none
    agreement: dict = field(default_factory=dict)  # side -> what agreement.py found

    def run(self, rounds, tell):
        """Each side once per round, so that what changes on the machine meets all of them alike."""
        self.measured, self.problems, self.agreement = {}, {}, {}
        for turn in range(max(self.rounds, rounds)):
            for side, measure in self.sides.items():
                if side in self.problems:
                    continue
                tell(f"{self.name}, {self.data}: {side}, round {turn + 1}")
                try:
                    self.measured.setdefault(side, []).append(measure(FIRST_SEED + turn) if self.seeded else measure())
                except NotFound as problem:
                    self.problems[side] = "not found"
                    tell(f"  {problem}")
                except Failed as problem:
                    self.problems[side] = f"failed: {problem}"
                    tell(f"  failed: {problem}")

    def values(self, side, value):
        """One a round."""
        return [each[value] for each in self.measured.get(side, []) if each.get(value) is not None]

    def median(self, side, value="seconds"):
        """None if it was not measured."""
        found = self.values(side, value)
        return statistics.median(found) if found else None

    def mean(self, side, value):
        """None if it was not measured."""
        found = self.values(side, value)
        return statistics.fmean(found) if found else None

    def error(self, sides, value):
        """Standard error of the difference of two sides' means over the seeds; None if a side has fewer than two."""
        found = [self.values(side, value) for side in sides]
        if min(map(len, found)) < 2:
            return None
        return math.sqrt(sum(statistics.variance(each) / len(each) for each in found))

    def spread(self, side, value="seconds"):
        """Largest over smallest round: how much to trust the median."""
        found = self.values(side, value)
        return max(found) / min(found) if found and min(found) > 0 else None


@dataclass
class Line:
    """A row of the table. ratio: ours over the peer's at most this; limit: ours at most so much, in its unit."""
    work: str
    contest: Contest
    ours: str = "ours"
    peer: str = ""
    ratio: float = 0
    limit: float = 0
    value: str = "seconds"       # of ours
    peer_value: str = "seconds"
    unit: str = "s"              # of both values
    less: str = ""               # a side whose time is taken from the peer's: what its call costs without a model
    auc_within: float = 0        # > 0: and the mean areas under the ROC curve differ by no more
    no_worse: bool = False       # then ours may be the larger by any amount: the models are not of the same settings
    note: str = ""

    def numbers(self):
        """What results.json holds of the line."""
        ours = self.contest.median(self.ours, self.value)
        peer = self.contest.median(self.peer, self.peer_value) if self.peer else None
        if peer is not None and self.less:
            overhead = self.contest.median(self.less)
            peer = peer - overhead if overhead is not None else None
        result = {"work": self.work, "data": self.contest.data, "unit": self.unit, "ours_value": ours,
                  "peer": self.peer_name(), "peer_value": peer,
                  "ratio": ours / peer if ours and peer and peer > 0 else None, "target_ratio": self.ratio or None,
                  "target_value": self.limit or None, "target_auc": self.auc_within or None,
                  "auc_no_worse": self.no_worse, "note": self.note,
                  "rounds": len(self.contest.values(self.ours, self.value)),
                  "spread_ours": self.contest.spread(self.ours, self.value),
                  "spread_peer": self.contest.spread(self.peer, self.peer_value) if self.peer else None}
        scored = self.value == "seconds"  # a line about something else need not repeat the scores
        for score in ("auc", "log_loss"):
            result[f"{score}_ours"] = self.contest.mean(self.ours, score) if scored else None
            result[f"{score}_peer"] = self.contest.mean(self.peer, score) if scored and self.peer else None
            result[f"{score}_error"] = (self.contest.error((self.ours, self.peer), score)
                                        if scored and self.peer else None)
        result["verdict"] = self.verdict(result)
        return result

    def peer_name(self):
        name = self.peer.replace("_", " ")
        return name + " less its call" if self.less else name

    def verdict(self, found):
        if found["ours_value"] is None:
            return self.contest.problems.get(self.ours, "not measured")
        if self.peer and found["peer_value"] is None:
            return self.contest.problems.get(self.peer, "not measured")
        if not self.ratio and not self.limit and not self.auc_within:
            return ""
        missed = []
        if self.ratio and (found["ratio"] is None or found["ratio"] > self.ratio):
            missed.append("ratio")
        if self.limit and found["ours_value"] > self.limit:
            missed.append("time" if self.unit == "s" else "memory")
        if self.auc_within and self.differs(found):
            missed.append("AUC")
        return "missed: " + ", ".join(missed) if missed else "met"

    def differs(self, found):
        """Whether the mean areas are further apart than allowed, by more than twice what seeds alone make of it; but
        noise excuses no more than as much again, so that few seeds or restless models do not pass for equal ones."""
        if found["auc_ours"] is None or found["auc_peer"] is None:
            return True
        behind = found["auc_peer"] - found["auc_ours"]
        allowed = self.auc_within + min(2 * (found["auc_error"] or 0), self.auc_within)
        return not (behind if self.no_worse else abs(behind)) <= allowed
