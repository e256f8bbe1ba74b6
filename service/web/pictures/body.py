"""The body from the front and the back, a shape for each place a runner may speak of. One half is drawn and mirrored.

The map is for eyes and fingers; a list beside it says the same to everybody else.
"""

from collections.abc import Mapping

from service.domain.movements import Site

WIDTH, HEIGHT, MIDDLE, TOP = 140, 446, 70, 0

# The right half of the outline, from the top of the head down the outside and up the inside of the leg.
HALF = (
    "M-.3 12C11 12 17.5 21 17 33 16.6 43 12 50 9 53V60C12 66 22 69 31 71.5 40 74 45 82 46.5 92 48.5 106 51 118 53"
    " 134 55 150 59.5 170 61.5 188 62.5 196 63 202 63.5 208 66 214 67 222 64.5 229 62.5 235 58 236 56 231 54.5 226"
    " 55 219 55.5 212 54 196 50 178 47 162 44.5 150 42.5 138 40.5 126 39 116 37 108 34.5 102 34 114 31.5 126 30.5"
    " 138 29.6 150 31 160 33 170 35.5 184 37.5 200 37 220 36.4 244 33 268 29.5 288 28 298 28.5 306 29 314 30.5 330"
    " 30 344 26.5 360 23.5 374 21.5 388 21.5 398 22 404 25 409 27.5 414 29.5 418.5 27 422 21 422 14 422 10 420"
    " 10.5 413 11 407 11 402 10.5 396 9.5 380 7.5 362 8 344 8.4 332 9.6 322 9.4 312 9 300 8 290 7 276 5.6 256 4"
    " 236 2.5 214L-.3 208Z"
)

# Ellipses (x, y, rx, ry, turned by degrees) on the right half, or paths over the middle.
type Shape = tuple[float, float, float, float, float] | str

FRONT: Mapping[Site, Shape] = {
    Site.NECK: "M-12 53H12V66Q6 70 0 70T-12 66Z",
    Site.SHOULDERS: (40, 86, 13, 18, -8),
    Site.WRISTS: (60, 207, 9, 10, 0),
    Site.LATERAL_TRUNK: (30, 140, 9, 34, 4),
    Site.HIPS: (37, 200, 9, 20, 0),
    Site.HIP_FLEXORS: (17, 196, 10, 17, 24),
    Site.IT_BAND: (37, 256, 9, 40, 4),
    Site.QUADS: (18, 256, 14, 42, 3),
    Site.KNEE: (19, 309, 11, 11, 0),
    Site.SHINS: (18, 352, 8, 31, 4),
    Site.ANKLES: (16, 400, 9, 9, 0),
    Site.FEET: (19, 418, 13, 8, 0),
}
BACK: Mapping[Site, Shape] = {
    Site.NECK: "M-12 46H12V62Q6 66 0 66T-12 62Z",
    Site.SHOULDERS: (40, 86, 13, 18, -8),
    Site.WRISTS: (60, 207, 9, 10, 0),
    Site.THORACIC_SPINE: "M0 70Q22 72 27 80 30 104 24 126H-24Q-30 104-27 80-22 72 0 70Z",
    Site.LOWER_BACK: "M-25 130H25Q26 150 24 170H-24Q-26 150-25 130Z",
    Site.HIPS: (38, 190, 9, 18, 0),
    Site.GLUTES: (17, 198, 17, 22, 0),
    Site.IT_BAND: (38, 256, 9, 38, 4),
    Site.HAMSTRINGS: (19, 262, 14, 38, 3),
    Site.KNEE: (19, 310, 11, 9, 0),
    Site.CALVES: (19, 344, 13, 25, 3),
    Site.ACHILLES: (16, 385, 6, 15, 0),
    Site.FEET: (17, 416, 13, 10, 0),
}


def body_map(felt: Mapping[str, str]) -> str:
    """Return both views, each place in the class of what was said of it ("tight", "sore"); `felt` is by its id."""
    return _view("front", FRONT, felt) + _view("back", BACK, felt)


def _view(name: str, shapes: Mapping[Site, Shape], felt: Mapping[str, str]) -> str:
    outline = f'<path d="{HALF}"/><path d="{HALF}" transform="scale(-1 1)"/>'
    sites = "".join(_site(site, shape, felt.get(site.value, "fine")) for site, shape in shapes.items())
    return (
        f'<svg class="body-view" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">'
        f'<defs><clipPath id="body-{name}">{outline}</clipPath></defs>'
        f'<g transform="translate({MIDDLE} {TOP})"><g class="skin">{outline}</g>'
        f'<g clip-path="url(#body-{name})">{sites}</g></g>'
        f'<text x="{MIDDLE}" y="{HEIGHT - 2}" text-anchor="middle">{name}</text></svg>'
    )


def _site(site: Site, shape: Shape, felt: str) -> str:
    if isinstance(shape, str):
        drawn = f'<path d="{shape}"/>'
    else:
        x, y, wide, high, turned = shape
        half = f'<ellipse cx="{x}" cy="{y}" rx="{wide}" ry="{high}" transform="rotate({turned} {x} {y})"/>'
        drawn = f'{half}<g transform="scale(-1 1)">{half}</g>'
    return f'<g class="site {felt}" data-site="{site.value}">{drawn}</g>'
