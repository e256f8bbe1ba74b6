"""Templates, and the addresses of what they load."""

import hashlib
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from service.domain.judging.quantities import clock, distance, pace
from service.domain.notices import called, named
from service.domain.words import area_words
from service.web.words import ago, best_done, capitalized, day_words, when

HERE = Path(__file__).parent
STATIC = HERE / "static"


class Rendering:
    """Writes pages. `root` is the path below which everything lies, empty at the top of a host."""

    def __init__(self, base_url: str) -> None:
        self.root = urlsplit(base_url).path.rstrip("/")
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
        self._templates.filters |= {
            "capitalize_first": capitalized,
            "area": area_words,
            "called": called,
            "named": named,
            "clock": clock,
            "pace": pace,
            "distance": distance,
            "day": day_words,
            "when": when,
            "ago": ago,
            "best_done": best_done,
        }
        self._templates.globals |= {"root": self.root, "static": self.static, "version": self.version}

    def render(self, template: str, **values: object) -> str:
        """Return a page's text."""
        return self._templates.get_template(template).render(**values)

    def static(self, name: str) -> str:
        """Return the address of a static file, which changes with what is in any of them."""
        return f"{self.root}/static/{name}?v={self.version}"

    @cached_property
    def version(self) -> str:
        """What tells this release's static files from another's."""
        digest = hashlib.sha256()
        for file in sorted(STATIC.iterdir()):
            digest.update(file.name.encode() + file.read_bytes())
        return digest.hexdigest()[:10]
