"""FIT files: reading them into activities and writing them.

bytes -> container (the files inside) -> reading (plain messages; the only door to fitparse) -> assembling (activities)
"""

from integrations.fit.decoder import Decoder
from integrations.fit.encoder import encode

__all__ = ["Decoder", "encode"]
