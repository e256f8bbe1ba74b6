"""Pictures of numbers, as SVG that takes its colours from the stylesheet and its width from the page.

Lines are drawn in a box of their own that stretches; words stand beside it in real size. So one picture is as legible
on a phone as on a desk.
"""
