"""Checksums are 32 bits that travel signed or unsigned: compare modulo 2^32 (protocol §2, operations)."""

from hashlib import sha256

MASK = 0xFFFF_FFFF
_SIGN = 0x8000_0000


def unsigned(checksum: int) -> int:
    """The same 32 bits as 0 … 2^32-1."""
    return checksum & MASK


def signed(checksum: int) -> int:
    """The same 32 bits as -2^31 … 2^31-1, as `ps_oplog.hash` holds them."""
    return ((checksum & MASK) ^ _SIGN) - _SIGN


def as_hex(checksum: int) -> str:
    """Eight hexadecimal digits after `0x`, as the official client logs them."""
    return f"{checksum & MASK:#010x}"


def put_checksum(object_type: str, object_id: str, data: str) -> int:
    """The checksum that a service gives a PUT, from the exact JSON text sent; 0 … 2^32-1."""
    return _first_four_bytes(f"put.{object_type}.{object_id}.{data}")


def remove_checksum(subkey: str) -> int:
    """The checksum that a service gives a REMOVE; 0 … 2^32-1."""
    return _first_four_bytes(f"delete.{subkey}")


def _first_four_bytes(text: str) -> int:
    return int.from_bytes(sha256(text.encode()).digest()[:4], "little")
