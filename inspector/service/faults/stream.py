"""The faults of one sync stream: what becomes of its lines before they are encoded."""

from collections.abc import Mapping
from typing import Any

import bson
import msgspec

from inspector.protocol.framing import FrameFormat
from inspector.service.faults.acknowledgements import ShownNumbers
from inspector.service.faults.checkpoints import CHECKPOINT_FAULTS
from inspector.service.faults.endings import ENDING_FAULTS, TOKEN_EXPIRY
from inspector.service.faults.lab import Arming, FaultLab
from inspector.service.faults.lines import LineFault, Piece
from inspector.service.faults.rows import ROW_FAULTS
from inspector.service.faults.strangers import STRANGER_FAULTS
from inspector.service.feed import ClientKey
from inspector.service.wire import Encoder, KeepaliveLine, Line
from inspector.service.write_checkpoints import WriteCheckpoints

LINE_FAULTS: tuple[LineFault, ...] = (*ROW_FAULTS, *CHECKPOINT_FAULTS, *STRANGER_FAULTS, *ENDING_FAULTS)
"""In the order in which a line passes them."""


class ConnectionCut(Exception):
    """The connection is to break here, without an orderly end."""


class StreamFaults:
    """Encodes the lines of one stream; while no fault is armed it does nothing else."""

    def __init__(self, lab: FaultLab, client: ClientKey, encode: Encoder, frame_format: FrameFormat) -> None:
        self.held: dict[str, tuple[Line, ...]] = {}
        self.encode = encode
        self._lab = lab
        self._user, self._client = client
        self._format = frame_format
        self._counts: dict[Arming, int] = {}
        self._starved = False
        self._cut = False
        self._spoiled: list[Arming] = []

    def numbers(self, write_checkpoints: WriteCheckpoints) -> ShownNumbers:
        """The write checkpoints that this stream is to carry."""
        return ShownNumbers(self._lab, write_checkpoints)

    def frames(self, line: Line) -> bytes:
        """What goes out for `line`: the line, another one, several or nothing."""
        if self._lab.quiet and not (self.held or self._starved or self._cut):
            return self.encode(line)
        if self._cut or (self._starved and not isinstance(line, KeepaliveLine)):
            return b""
        pieces: list[Piece] = [line]
        for fault in LINE_FAULTS:
            pieces = [changed for piece in pieces for changed in self._through(fault, piece)]
        return b"".join(piece if isinstance(piece, bytes) else self.encode(piece) for piece in pieces)

    @property
    def over(self) -> bool:
        """Nothing more is to be sent: see `check_cut`."""
        return self._cut or any(arming.over.is_set() for arming in self._spoiled)

    def check_cut(self) -> None:
        """Raises ConnectionCut when the stream is to end with a broken connection."""
        if self._cut:
            raise ConnectionCut

    def token_ends(self) -> bool:
        """The service is to say now that the token has ended."""
        arming = self._lab.active(TOKEN_EXPIRY.name, self._user)
        if arming is None:
            return False
        self._strike(arming, "The service said that the token has ended, and ended the stream.")
        return True

    def foreign(self, kind: str, content: Mapping[str, Any]) -> bytes:
        """See LineContext, like the next ones."""
        return self._packed({kind: content})

    def extended(self, line: Line, fields: Mapping[str, Any]) -> bytes:
        encoded = self.encode(line)
        content = bson.decode(encoded) if self._format is FrameFormat.BSON else msgspec.json.decode(encoded)
        ((kind, known),) = content.items()
        return self._packed({kind: {**known, **fields}})

    def counted(self, arming: Arming) -> int:
        self._counts[arming] = self._counts.get(arming, 0) + 1
        return self._counts[arming]

    def starve(self, arming: Arming) -> None:
        self._starved = True
        self._spoiled.append(arming)

    def spoil(self, arming: Arming) -> None:
        self._spoiled.append(arming)

    def cut(self) -> None:
        self._cut = True

    def _through(self, line_fault: LineFault, piece: Piece) -> tuple[Piece, ...]:
        name = line_fault.fault.name
        if isinstance(piece, bytes):
            return (piece,)
        arming = self._lab.active(name, self._user)
        if arming is None and name not in self.held:
            return (piece,)
        change = line_fault.alter(piece, arming, self)
        if change is None:
            return (piece,)
        if change.what and arming is not None:
            self._strike(arming, change.what)
        return change.pieces

    def _strike(self, arming: Arming, what: str) -> None:
        self._lab.strike(arming, what, user=self._user, client=self._client)

    def _packed(self, document: Mapping[str, Any]) -> bytes:
        if self._format is FrameFormat.BSON:
            return bson.encode(document)
        return msgspec.json.encode(document) + b"\n"
