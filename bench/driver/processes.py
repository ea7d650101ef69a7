"""Runs one worker at a time: its own process, on its own cores, one line of JSON back."""
import json
import os
import subprocess
import time


class Failed(Exception):
    """A worker that could not do its task; the message is one line."""


class NotFound(Failed):
    """A peer that is not installed here."""


NOT_INSTALLED = 3  # what a peer's script exits with


def cores(threads):
    """The last `threads` of the processor cores this process may use: the first one serves interrupts."""
    allowed = sorted(os.sched_getaffinity(0))
    return set(allowed[-threads:])


def environment(threads):
    """Threads that wait for work do so asleep, or a peer's would take the other side's time."""
    count = str(threads)
    return {**os.environ, "LC_ALL": "C", "OMP_WAIT_POLICY": "passive", "OMP_NUM_THREADS": count,
            "OPENBLAS_NUM_THREADS": count, "MKL_NUM_THREADS": count}


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def run(command, threads=1, folder=None):
    """Standard output of a command that ended well."""
    pinned = cores(threads)
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(threads),
                              cwd=folder, text=True, errors="replace", stdin=subprocess.DEVNULL,
                              preexec_fn=lambda: os.sched_setaffinity(0, pinned))
    except FileNotFoundError:
        raise NotFound(f"{command[0]}: not found") from None
    except OSError as error:
        raise Failed(f"{command[0]}: {error.strerror}") from None
    if done.returncode == NOT_INSTALLED:
        raise NotFound(last_line(done.stderr))
    if done.returncode != 0:
        raise Failed(last_line(done.stderr) or f"{os.path.basename(command[0])} ended with {done.returncode}")
    return done.stdout


def measure(command, threads=1):
    """What a worker says of its task, as a dictionary."""
    output = last_line(run(command, threads))
    try:
        return json.loads(output)
    except ValueError:
        raise Failed(f"{os.path.basename(command[0])} printed no JSON: {output[:80]!r}") from None


def time_whole(command, threads=1, folder=None):
    """Wall time of a whole command, start and end of its process included."""
    begin = time.perf_counter()
    run(command, threads, folder)
    return {"seconds": time.perf_counter() - begin}
