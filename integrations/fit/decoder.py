"""The decoder for FIT files: what the ingest asks of this folder.

body -> pieces (container) -> read (reading) -> join (here) -> activities (assembling) -> Decoded
"""

from collections.abc import Sequence
from typing import ClassVar

from integrations._samples.decoded import numbered
from integrations.fit.assembling import activities
from integrations.fit.container import pieces
from integrations.fit.messages import Recording, number, word
from integrations.fit.reading import Budget, read
from service.domain.activity import Ref
from service.ports import Decoded, Malformed, Raw

_ACTIVITY = "activity"
_UNKNOWN = "unknown"
_NAMES = {
    "monitoring_a": "a monitoring file",
    "monitoring_b": "a monitoring file",
    "monitoring_daily": "a monitoring file",
    _UNKNOWN: "a file of a kind not known here",
}


class Decoder:
    """Reads FIT files of any maker (Decoder)."""

    media_types: ClassVar[frozenset[str]] = frozenset({"fit"})

    def decode(self, raw: Raw) -> Decoded:
        """Return the activities a FIT body holds, in file order, or why it holds none.

        The first has the external id of `raw`; those of further sessions and chained files have "#2", "#3", ... behind
        it. Raise Malformed where the body is no FIT file, is damaged before anything could be used, or is too much.
        """
        recordings = _recordings(raw.body)
        ref = Ref(source=raw.source, external_id=raw.external_id)
        found = [activity for one in recordings if _may_hold_one(one) for activity in activities(one, ref)]
        if not found:
            return Decoded(skipped=_why_none(recordings))
        return Decoded(activities=tuple(numbered(found, raw.received_at)))


def _recordings(body: bytes) -> list[Recording]:
    """Return what the body says, file by file; one without an identity of its own goes on with the one before."""
    budget = Budget()
    found: list[Recording] = []
    for piece in pieces(body):
        recording = read(piece, budget)
        if found and not recording.all("file_id"):
            found[-1] = found[-1].followed_by(recording)
        else:
            found.append(recording)
    return found


def _kind(recording: Recording) -> str:
    """Return what kind of file it says it is; "" where it does not say."""
    identity = recording.first("file_id")
    if word(identity, "type") or number(identity, "type") is None:
        return word(identity, "type")
    return _UNKNOWN


def _may_hold_one(recording: Recording) -> bool:
    return _kind(recording) in ("", _ACTIVITY) or bool(recording.all("session"))


def _why_none(recordings: Sequence[Recording]) -> str:
    """Return what the files are instead of an activity; raise Malformed where they should have been one."""
    other = next((kind for kind in map(_kind, recordings) if kind not in ("", _ACTIVITY)), "")
    if other:
        return f"not an activity: {_NAMES.get(other) or f'a {other.replace("_", " ")} file'}"
    if any(recording.trouble for recording in recordings):
        raise Malformed("The file is damaged before anything in it could be used: export or copy it again.")
    if not any(recording.messages for recording in recordings):
        raise Malformed("The file holds nothing that can be used: export it again.")
    if any(len(recording.records) > 1 for recording in recordings):
        raise Malformed("None of the file's samples says when it was made: export it again, perhaps as TCX.")
    return "not an activity: a recording without anything in it"
