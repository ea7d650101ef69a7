"""Seconds as people read them."""


def time_text(seconds):
    """Three digits and a unit; empty for None."""
    if seconds is None:
        return ""
    for size, unit in ((1, "s"), (1e-3, "ms"), (1e-6, "us")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}" if seconds / size < 999.5 else f"{seconds / size:.0f} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def value_text(value, unit):
    """A time, or a number with its unit."""
    if unit == "s" or value is None:
        return time_text(value)
    return f"{value:.3g} {unit}"
