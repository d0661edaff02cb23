"""Learning curves as a drawing that a page holds: SVG, in the colors of what is around it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

from chainrule.train import History

__all__ = ["curves"]

WIDTH, HEIGHT = 340, 170  # of one drawing, in its own units
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 22, 24
MOST_POINTS = 300


def curves(history: History) -> str:
    """Return the costs, and beside them the validation score, if there is one; else a sentence.

    Parameters
    ----------
    history : History
    """
    costs = {"training cost": ("--cost", history.cost)}
    if history.validation_cost:
        costs["validation cost"] = ("--valid", history.validation_cost)
    drawings = [drawing(costs, history.best_epoch)]
    if history.validation_score and history.metric not in (None, "cost"):
        score = {f"validation {history.metric}": ("--valid", history.validation_score)}
        drawings.append(drawing(score, history.best_epoch))
    ending = f"<p>{escape(history.stopped)}</p>" if history.stopped else ""
    return "".join(drawings) + ending


def drawing(lines: Mapping[str, tuple[str, Sequence[float]]], kept: int | None) -> str:
    """Return one drawing.

    Parameters
    ----------
    lines : mapping of str to (str, sequence of float)
        The color's name and the values of each epoch, by what they are called.
    kept : int or None
        The epoch whose parameters were kept.
    """
    values = [v for _, line in lines.values() for v in line if math.isfinite(v)]
    if not values:
        return "<p>no epoch was finished</p>"
    low, high = min(values), max(values)
    epochs = max(len(line) for _, line in lines.values())

    def x(epoch: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * ((epoch - 1) / (epochs - 1) if epochs > 1 else 0.5)

    def y(value: float) -> float:
        share = (value - low) / (high - low) if high > low else 0.5
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share

    parts = [frame(low, high, epochs)]
    if kept is not None:
        parts.append(
            f'<line x1="{x(kept):.1f}" x2="{x(kept):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" '
            'stroke="currentColor" stroke-dasharray="3 3" opacity="0.5">'
            f"<title>epoch {kept} kept</title></line>"
        )
    start = LEFT
    for name, (color, line) in lines.items():
        points = " ".join(f"{x(e):.1f},{y(v):.1f}" for e, v in sampled(line))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="var({color})" stroke-width="1.6" '
            f'stroke-linecap="round"/><text x="{start}" y="13" style="fill: var({color})">'
            f"{escape(name)}</text>"
        )
        start += 14 + 6 * len(name)
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img" font-size="11" '
        f'fill="currentColor" aria-label="{escape(", ".join(lines))}">{"".join(parts)}</svg>'
    )


def frame(low: float, high: float, epochs: int) -> str:
    """Return the axes with their ends."""
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    return (
        f'<path d="M{LEFT} {TOP}V{bottom}H{right}" fill="none" stroke="currentColor" '
        f'opacity="0.4"/><text x="{LEFT - 5}" y="{TOP + 4}" text-anchor="end">{high:.3g}</text>'
        f'<text x="{LEFT - 5}" y="{bottom}" text-anchor="end">{low:.3g}</text>'
        f'<text x="{right}" y="{HEIGHT - 8}" text-anchor="end">epoch {epochs:,}</text>'
        f'<text x="{LEFT}" y="{HEIGHT - 8}">1</text>'
    )


def sampled(line: Sequence[float]) -> list[tuple[int, float]]:
    """Return epochs and values, no more than can be seen; a value that is not finite is left out."""
    step = -(-len(line) // MOST_POINTS)
    chosen = [i for i in range(len(line)) if i % step == 0 or i == len(line) - 1]
    points = [(i + 1, line[i]) for i in chosen if math.isfinite(line[i])]
    return points if len(points) > 1 else points * 2  # a line of one point is a dot
