"""A table's medians as bars, in SVG: one bar a contender, with a line from its smallest sample to
its largest. Each group has a scale of its own."""

from statistics import median
from xml.sax.saxutils import escape

from benchmarks.table import OURS, Table

WIDTH, LEFT, RIGHT, BAR, GAP = 760, 250, 110, 18, 6
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2933 }
.group { font-weight: 600 } .value, .note { fill: #52606d }
.bar { fill: #9fb3c8 } .ours { fill: #0f609b } .spread { stroke: #1f2933; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
  text { fill: #e4e7eb } .value, .note { fill: #b0bac5 }
  .bar { fill: #52606d } .ours { fill: #62b0e8 } .spread { stroke: #e4e7eb }
}"""


def svg(table: Table) -> str:
    drawn, y = [], 52
    for group, contenders in table.samples.items():
        scale = (WIDTH - LEFT - RIGHT) / max(map(max, contenders.values()))
        drawn.append(f'<text class="group" x="12" y="{y + 12}">{escape(group)}</text>')
        y += BAR + GAP
        for contender, samples in contenders.items():
            value, middle = median(samples), y + BAR / 2
            low, high = LEFT + min(samples) * scale, LEFT + max(samples) * scale
            kind = "bar ours" if contender == OURS else "bar"
            drawn += [
                f'<text x="{LEFT - 10}" y="{y + 13}" text-anchor="end">{escape(contender)}</text>',
                f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{value * scale:.1f}"'
                f' height="{BAR}"/>',
                f'<line class="spread" x1="{low:.1f}" x2="{high:.1f}" y1="{middle}"'
                f' y2="{middle}"/>',
                f'<text class="value" x="{max(high, LEFT + value * scale) + 8:.1f}"'
                f' y="{y + 13}">{value:,.{0 if value >= 100 else 1}f}</text>',
            ]
            y += BAR + GAP
        y += GAP
    title = f"{table.title} ({table.unit})"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 26}" role="img"'
            f' aria-label="{escape(title, {chr(34): "&quot;"})}">',
            f"<style>{STYLE}</style>",
            f'<text class="group" x="12" y="24">{escape(title)}</text>',
            *drawn,
            f'<text class="note" x="12" y="{y + 14}">{escape(table.machine)}</text>',
            "</svg>\n",
        ]
    )
