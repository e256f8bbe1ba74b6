"""How a run is told apart, step by step. The way in is `service.domain.classification.classify`.

samples -> figures, efforts -> (background, physiology: the runner's past) -> features -> points, scoring -> the call
structure (planned laps) and titles come before the points, detection names some shapes at sight,
reasons and shades say why and how
"""
