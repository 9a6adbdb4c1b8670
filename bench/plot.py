"""How cost grows with the rows, as SVG: seconds over pod rows, both axes logarithmic."""

import math

WIDTH, HEIGHT = 760, 460
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 30, 50
SERIES = (("ingest", "koku_ingest_file", "#1f6feb"), ("copy", "COPY of the raw rows", "#cf222e"),
          ("insert", "INSERT ... SELECT of them", "#8250df"),
          ("summary", "koku_summarize", "#1a7f37"), ("duckdb", "DuckDB, daily only", "#9a6700"),
          ("gunzip", "gunzip", "#57606a"))


def decades(least, most):
    return [10.0 ** power for power in range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)]


def write_plot(path, sizes, doubling):
    """One line for each kind of measurement; the sizes of `doubling` as small dots."""
    points = {key: [(f["pod_rows"], f[key]) for f in sizes if key in f] for key, _, _ in SERIES}
    everything = [point for line in points.values() for point in line] + list(doubling.items())
    x_marks = decades(min(x for x, _ in everything), max(x for x, _ in everything))
    y_marks = decades(min(y for _, y in everything), max(y for _, y in everything))

    def x_of(value):
        share = (math.log10(value) - math.log10(x_marks[0])) / (math.log10(x_marks[-1]) - math.log10(x_marks[0]))
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y_of(value):
        share = (math.log10(value) - math.log10(y_marks[0])) / (math.log10(y_marks[-1]) - math.log10(y_marks[0]))
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif"'
           ' font-size="12">', f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>']
    for mark in x_marks:
        out.append(f'<line x1="{x_of(mark):.1f}" y1="{TOP}" x2="{x_of(mark):.1f}" y2="{HEIGHT - BOTTOM}" stroke="#d0d7de"/>')
        out.append(f'<text x="{x_of(mark):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{mark:,.0f}</text>')
    for mark in y_marks:
        out.append(f'<line x1="{LEFT}" y1="{y_of(mark):.1f}" x2="{WIDTH - RIGHT}" y2="{y_of(mark):.1f}" stroke="#d0d7de"/>')
        out.append(f'<text x="{LEFT - 8}" y="{y_of(mark) + 4:.1f}" text-anchor="end">{mark:g}</text>')
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">pod rows a day</text>')
    out.append(f'<text x="{LEFT - 8}" y="{TOP - 12}" text-anchor="end">seconds</text>')
    for rows, seconds in doubling.items():
        out.append(f'<circle cx="{x_of(rows):.1f}" cy="{y_of(seconds):.1f}" r="2.5" fill="{SERIES[0][2]}"/>')
    names = []
    for key, name, colour in SERIES:
        if not points[key]:
            continue
        line = " ".join(f"{x_of(x):.1f},{y_of(y):.1f}" for x, y in points[key])
        out.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{x_of(x):.1f}" cy="{y_of(y):.1f}" r="3.5" fill="{colour}"/>' for x, y in points[key]]
        names.append((y_of(points[key][-1][1]), name, colour))
    below = 0.0
    for y, name, colour in sorted(names):
        below = max(y, below + 15)
        out.append(f'<text x="{WIDTH - RIGHT + 10}" y="{below + 4:.1f}" fill="{colour}">{name}</text>')
    out.append("</svg>")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")
