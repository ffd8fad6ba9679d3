"""Texts that are no UTF-8, as with half of a surrogate pair, which JSON can escape: what is odd is shown escaped."""

from contextlib import suppress

_LONGEST_CHARACTER = 4


def shown_text(octets: bytes, size: int) -> tuple[str, int, bool]:
    """The beginning of a text of `size` bytes as it can be shown, the size of the whole as such, and whether anything
    in it had to be escaped."""
    is_cut = len(octets) < size
    for cut in range(_LONGEST_CHARACTER if is_cut else 1):  # it may end within a character
        end = len(octets) - cut
        with suppress(UnicodeDecodeError):
            text = octets[:end].decode(errors="surrogatepass")
            shown = text.encode(errors="backslashreplace").decode()
            return shown, len(shown.encode()) + size - end, shown != text
    shown = octets.decode(errors="backslashreplace")
    return shown, len(shown.encode()) + size - len(octets), True
