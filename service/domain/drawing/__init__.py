"""How a movement becomes a drawing.

    key poses -> motion (the poses in between) -> skeleton (bones of fixed length) -> parts (outlines) -> SVG

service/domain/figure.py is the door; each step is a module of its own.
"""
