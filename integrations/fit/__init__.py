"""FIT files: reading them into activities and writing them.

bytes -> container (the files inside) -> reading (plain messages; the only door to fitparse) -> assembling (activities)
activity -> encoder -> bytes; routine -> workouts -> bytes
"""

from integrations.fit.decoder import Decoder
from integrations.fit.encoder import encode
from integrations.fit.workouts import encode_workout

__all__ = ["Decoder", "encode", "encode_workout"]
