"""Who takes part, what each is asked, and the files they share."""
import os
import shutil
import subprocess
from pathlib import Path

from driver.processes import Failed, NotFound, measure, run

PEERS = Path(__file__).resolve().parent.parent / "peers"


class Workshop:
    """The executables, the scratch folder, and files made there when first needed."""

    def __init__(self, build, scratch, python):
        self.build = Path(build)
        self.scratch = Path(scratch)
        self.python = python
        self.sets = None
        self.failed = {}  # file -> why it could not be made

    def made(self, path, make):
        """The file or folder, made by `make(path)` if it is not there; a failure is remembered."""
        path = self.scratch / path
        if str(path) in self.failed:
            raise self.failed[str(path)]
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                make(path)
            except Failed as problem:
                self.failed[str(path)] = problem
                raise
        return path

    def ours(self, task, threads=None, cores=None, **settings):
        """threads: what the task is told, if it can use more than one; cores: what it is pinned to, if not as many."""
        return measure([str(self.build / "bench_ours"), task, *pairs(settings, threads)], cores or threads or 1)

    def answers(self, contest, data, side):
        """Where a side keeps its first answers: what the files' names begin with."""
        return self.scratch / "-".join(f"{contest} {data} {side}".replace(",", "").split())

    def instruction_sets(self):
        """What this processor has, the least first."""
        if self.sets is None:
            self.sets = self.ours("sets")["sets"].split()
        return self.sets

    def measured(self, program, task, threads=None, **settings):
        """By a peer's program."""
        return measure([self.executable(program), task, *pairs(settings, threads)], threads or 1)

    def xgboost(self, task, threads=None, **settings):
        return self.measured("bench_xgboost", task, threads, **settings)

    def lightgbm_row(self, data, **settings):
        """One row through LightGBM's C interface, in the library that its Python package brings."""
        library = self.script("lightgbm_peer.py", "library")["library"]
        model = self.made(f"{data.name}-lightgbm.txt", lambda path: self.script(
            "lightgbm_peer.py", "fit", 2, data=data.folder(), save=path))
        return self.measured("bench_lightgbm", "row", data=data.folder(), model=model, library=library, **settings)

    def executable(self, name):
        """A peer's program; CMake builds it only where the peer's library is."""
        path = self.build / name
        if not path.exists():
            raise NotFound(f"{name} was not built: its library is missing")
        return str(path)

    def script(self, name, task, threads=None, **settings):
        """A peer's script: Python, or R."""
        path = PEERS / name
        if path.suffix == ".py":
            command = [self.python, str(path)]
        else:
            rscript = shutil.which("Rscript")
            if rscript is None:
                raise NotFound("Rscript: not found")
            command = [rscript, "--vanilla", str(path)]
        return measure([*command, task, *pairs(settings, threads)], threads or 1)

    def nested_if(self, model, library):
        """The model as compiled C: every file of it with gcc -O3 -march=native."""
        def make(path):
            sources = path.with_suffix(".c.d")
            sources.mkdir(exist_ok=True)
            count = int(self.ours("export", model=model, nested_if=str(sources / "part"))["files"])
            compiler = shutil.which("gcc")
            if compiler is None:
                raise NotFound("gcc: not found")
            running = [subprocess.Popen([compiler, "-O3", "-march=native", "-fPIC", "-w", "-c", f"part{i}.c",
                                         "-o", f"part{i}.o"], cwd=sources) for i in range(count)]
            if any([process.wait() != 0 for process in running]):
                raise Failed("gcc could not compile the nested ifs")
            run([compiler, "-shared", "-o", str(path), *(f"part{i}.o" for i in range(count))], folder=sources)
        return self.made(library, make)

    def exported(self, model, form, path):
        """form: xgboost or layers"""
        return self.made(path, lambda made: self.ours("export", model=model, **{form: made}))


def pairs(settings, threads):
    """NAME=VALUE, as workers read them; they refuse what they do not use."""
    settings = settings if threads is None else {"threads": threads, **settings}
    return [f"{name}={os.fspath(value) if isinstance(value, Path) else value}"
            for name, value in settings.items()]
