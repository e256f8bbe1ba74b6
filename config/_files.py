"""Reading what a person wrote: the settings file and files that hold a secret."""

from dataclasses import dataclass
from pathlib import Path

LARGEST = 16 << 20  # bytes; the settings of 50,000 athletes are less, so what is larger is some other file


@dataclass(frozen=True, slots=True)
class SecretFile:
    """A secret given as `<name>_file`: where it is kept, not yet read."""

    name: str
    path: object

    def read(self) -> str:
        """Return the secret without the line's end that editors add; raise ValueError with what to do."""
        if not (isinstance(self.path, str) and self.path):
            raise ValueError(f"{self.name} must be the path of a file, in quotes")
        try:
            secret = text_of(Path(self.path)).rstrip("\r\n")
        except ValueError as exc:
            raise ValueError(f"{self.name} {self.path} {exc}") from exc
        if not secret:
            raise ValueError(f"{self.name} {self.path} is empty: put the secret into it")
        return secret


def text_of(path: Path) -> str:
    """Return a file's text; raise ValueError with the end of a sentence that begins with the file's name."""
    try:
        with path.open("rb") as file:
            body = file.read(LARGEST + 1)
    except FileNotFoundError as exc:
        raise ValueError("does not exist: check the path") from exc
    except IsADirectoryError as exc:
        raise ValueError("is a folder: name the file in it") from exc
    except PermissionError as exc:
        raise ValueError("may not be read: give the user Afterrun runs as the right to read it") from exc
    except OSError as exc:
        raise ValueError(f"cannot be read: {exc.strerror}") from exc
    except ValueError as exc:
        raise ValueError("is no path: it holds a character that no file name may hold") from exc
    return _decoded(body)


def _decoded(body: bytes) -> str:
    if len(body) > LARGEST:
        raise ValueError(f"is larger than {LARGEST >> 20} MiB: it is some other file")
    try:
        return body.decode("utf-8-sig")  # some editors begin a file with a byte order mark
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8 text: save it as UTF-8") from None  # the cause would carry the bytes
