"""The colours: one palette for light and dark paper.

Every colour that carries meaning keeps a contrast of 3 to the site's lightest and darkest paper (WCAG 2.2, 1.4.11), so
a figure needs no style of its own and looks right as an image, inside a page and under any content security policy.
What is far is faint, and so takes the paper's side by itself.
"""

COLOURS = {
    "skin": "#b5805a",
    "hair": "#7d695d",
    "shirt": "#1f8f78",
    "tights": "#5b7093",
    "shoe": "#8a6a5c",
    "tint": "#e8643a",
    "roller": "#7f6fb5",
    "ball": "#b58a1c",
    "band": "#b0508f",
    "sign": "#84908a",
    "step": "#7d8984",
    "wall": "#84908a",
    # Shades and highlights, which lie on one of the others.
    "crease": "#8f6243",
    "nail": "#d9b79c",
    "core": "#a99cd6",
    "top": "#a3aca8",
    "side": "#6c7772",
}
DECORATIVE = {"crease", "nail", "core", "top", "side"}
FAINT = 0.5
FLOOR = 0.35
