"""A forecast as a picture: what was sold, what will be, how sure that is, and when there was nothing to sell.

Plain SVG, a few kilobytes. Its colours follow the light or dark of whoever looks at it; its title and description say
in words what the picture shows.
"""

from datetime import timedelta
from math import ceil, log10
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 30, 30
ON_LIGHT = "svg{--ink:#3f3f46;--faint:#d4d4d8;--none:#f4d9d3;--band:#9f1239;--sold:#52525b}"
ON_DARK = "svg{--ink:#d4d4d8;--faint:#3f3f46;--none:#4c2a28;--band:#fb7185;--sold:#a1a1aa}"
ON_EITHER = f"{ON_LIGHT}svg{{color-scheme:light dark}}@media(prefers-color-scheme:dark){{{ON_DARK}}}"
STYLE = """
text{fill:var(--ink);font:11px system-ui,sans-serif}.r{text-anchor:end}.m{text-anchor:middle}.h{font-weight:600}
.grid{stroke:var(--faint)}.none{fill:var(--none)}.sold{fill:none;stroke:var(--sold);stroke-width:1.5}
.dot{fill:var(--sold)}.mean{fill:none;stroke:var(--band);stroke-width:2}.wide{fill:var(--band);opacity:.16}
.near{fill:var(--band);opacity:.22}.now{stroke:var(--ink);stroke-dasharray:3 3}
"""


def svg(forecast, colours=ON_EITHER):
    """Takes a Forecast with its SKU, product and place."""
    return "".join(parts(forecast, colours)).encode()


def parts(forecast, colours):
    sold, mean = forecast.history, forecast.mean
    near, wide = forecast.quantiles["0.8"], forecast.quantiles["0.95"]
    weeks = len(sold) + len(mean)
    top = round_up(max([1.0, *mean, *wide, *(one for one in sold if one is not None)]))
    x = [LEFT + (WIDTH - LEFT - RIGHT) * number / max(weeks - 1, 1) for number in range(weeks)]

    def y(number):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * max(number, 0) / top

    title = f"{forecast.sku.code} in {forecast.location.name}"
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
        f' role="img" aria-labelledby="t d"><title id="t">{text(title)}</title>'
        f'<desc id="d">{text(told(forecast))}</desc><style>{colours}{STYLE}</style>'
    )
    yield from shades(forecast.days_open, x)
    yield from grid(top, y)
    later = x[len(sold) :]
    yield area("wide", later, wide, y)
    yield area("near", later, near, y)
    yield from lines(sold, x, y)
    yield line("mean", zip(later, mean, strict=True), y)
    if sold:
        yield f'<path class="now" d="M{later[0]:.1f} {TOP}V{HEIGHT - BOTTOM}"/>'
    yield from dates(forecast.start, len(sold), x)
    yield f'<text class="h" x="{LEFT}" y="16">{text(shortened(f"{title}: {forecast.sku.product.name}"))}</text>'
    yield f'<text class="r" x="{WIDTH - RIGHT}" y="16">a week; bands to 80 and 95 %</text></svg>'


def told(forecast):
    """The picture in words."""
    known = [one for one in forecast.history if one is not None]
    sold = f"Sold in {len(known)} weeks with stock: {sum(known):g}. " if known else "Nothing is known of its sales. "
    missing = sum(days < 7 for days in forecast.days_open)
    away = f"Weeks with days without stock: {missing}. " if missing else ""
    weeks = len(forecast.mean)
    return (
        f"{sold}{away}From {forecast.start:%d %b %Y} on, {sum(forecast.mean) / weeks:.2f} a week on average for {weeks}"
        f" weeks; in 95 of 100 cases no more than {max(forecast.quantiles['0.95']):g} in a week. {forecast.reason}"
    )


def shades(days_open, x):
    """Weeks without stock, the darker the more of their days."""
    step = (x[1] - x[0]) if len(x) > 1 else WIDTH - LEFT - RIGHT
    for number, days in enumerate(days_open):
        if days < 7:
            left = max(x[number] - step / 2, LEFT)
            yield (
                f'<rect class="none" x="{left:.1f}" y="{TOP}" width="{step:.1f}" height="{HEIGHT - TOP - BOTTOM}"'
                f' opacity="{(7 - days) / 7:.2f}"/>'
            )


def grid(top, y):
    for number in (0, top / 2, top):
        yield f'<path class="grid" d="M{LEFT} {y(number):.1f}H{WIDTH - RIGHT}"/>'
        yield f'<text class="r" x="{LEFT - 6}" y="{y(number) + 4:.1f}">{number:g}</text>'


def area(name, x, upper, y):
    """From nothing up to a quantile."""
    points = " ".join(f"{at:.1f},{y(number):.1f}" for at, number in zip(x, upper, strict=True))
    floor = f"{x[-1]:.1f},{y(0):.1f} {x[0]:.1f},{y(0):.1f}"
    return f'<polygon class="{name}" points="{points} {floor}"/>'


def lines(sold, x, y):
    """What was sold, broken where nobody knows; a week between two unknown ones is a dot."""
    run = []
    for at, number in [*zip(x, sold, strict=False), (0, None)]:
        if number is not None:
            run.append((at, number))
        elif run:
            yield line("sold", run, y) if len(run) > 1 else dot(*run[0], y)
            run = []


def dot(at, number, y):
    return f'<circle class="dot" cx="{at:.1f}" cy="{y(number):.1f}" r="2"/>'


def line(name, points, y):
    return f'<polyline class="{name}" points="{" ".join(f"{at:.1f},{y(number):.1f}" for at, number in points)}"/>'


def dates(start, weeks, x):
    """Some five days along the bottom, and the one on which the forecast begins."""
    step = max(1, ceil(len(x) / 6))
    for number in sorted({*range(weeks % step, len(x), step)}):
        day = start + timedelta(weeks=number - weeks)
        anchor = "r" if x[number] > WIDTH - RIGHT - 30 else "m"
        yield f'<text class="{anchor}" x="{x[number]:.1f}" y="{HEIGHT - 10}">{day:%d %b %y}</text>'


def round_up(number):
    """10, 20, 50, 100 …: so that half of it is a number one can say."""
    power = 10 ** (ceil(log10(number)) - 1) if number > 1 else 1
    return next(step * power for step in (1, 2, 4, 6, 8, 10) if step * power >= number)


def shortened(title):
    return title if len(title) <= 70 else f"{title[:69]}…"


def text(words):
    return escape("".join(letter for letter in words if letter.isprintable()))
