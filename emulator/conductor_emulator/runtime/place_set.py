"""Sets of places in a table, as bitmaps in pieces: uniting, intersecting and counting cost next to nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import compress, islice

#: A piece has 2 ** _SHIFT places: small enough to be copied at each change, large enough to be few.
_SHIFT = 12
_SIZE = 1 << _SHIFT
_MASK = _SIZE - 1
_FULL = (1 << _SIZE) - 1


class PlaceSet:
    """A set of whole numbers from 0 on."""

    __slots__ = ("_pieces",)

    def __init__(self, places: Iterable[int] = ()) -> None:
        #: number of the piece → its bits; a piece without bits is not there
        self._pieces: dict[int, int] = {}
        gathered: dict[int, bytearray] = {}
        for place in places:
            bits = gathered.get(place >> _SHIFT)
            if bits is None:
                bits = gathered[place >> _SHIFT] = bytearray(_SIZE >> 3)
            bits[(place & _MASK) >> 3] |= 1 << (place & 7)
        for number, bits in gathered.items():
            self._pieces[number] = int.from_bytes(bits, "little")

    @classmethod
    def between(cls, first: int, end: int) -> PlaceSet:
        """The places from ``first`` on and before ``end``."""
        found = cls()
        for number in range(first >> _SHIFT, ((end - 1) >> _SHIFT) + 1 if end > first else 0):
            bits = _FULL
            if number == first >> _SHIFT:
                bits &= -1 << (first & _MASK)
            if number == (end - 1) >> _SHIFT:
                bits &= (2 << ((end - 1) & _MASK)) - 1
            found._pieces[number] = bits
        return found

    def __len__(self) -> int:
        return sum(map(int.bit_count, self._pieces.values()))

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def __contains__(self, place: int) -> bool:
        return bool(self._pieces.get(place >> _SHIFT, 0) >> (place & _MASK) & 1)

    def add(self, place: int) -> None:
        pieces, number = self._pieces, place >> _SHIFT
        pieces[number] = pieces.get(number, 0) | 1 << (place & _MASK)

    def discard(self, place: int) -> None:
        number = place >> _SHIFT
        left = self._pieces.get(number, 0) & ~(1 << (place & _MASK))
        if left:
            self._pieces[number] = left
        else:
            self._pieces.pop(number, None)

    def __and__(self, other: PlaceSet) -> PlaceSet:
        fewer, more = sorted((self._pieces, other._pieces), key=len)
        found = PlaceSet()
        for number, bits in fewer.items():
            if common := bits & more.get(number, 0):
                found._pieces[number] = common
        return found

    def update(self, other: PlaceSet) -> None:
        """Take in the places of another set."""
        for number, bits in other._pieces.items():
            self._pieces[number] = self._pieces.get(number, 0) | bits

    def page(self, start: int, end: int) -> list[int]:
        """The places in their order, from the ``start``-th on and before the ``end``-th."""
        places: list[int] = []
        for number in sorted(self._pieces):
            bits = self._pieces[number]
            count = bits.bit_count()
            if start < count:
                first = number << _SHIFT
                places += [first + place for place in islice(_ones(bits, count), start, end)]
            start, end = max(start - count, 0), end - count
            if end <= 0:
                break
        return places

    def flags(self, end: int) -> bytes:
        """One byte for each place before ``end``: 1 for those in the set."""
        flags = bytearray(((end >> _SHIFT) + 1) << _SHIFT)
        for number, bits in self._pieces.items():
            text = format(bits, f"0{_SIZE}b")[::-1]
            flags[number << _SHIFT : (number + 1) << _SHIFT] = text.encode().translate(_DIGITS)
        return bytes(flags[:end])


#: "0" and "1" to the bytes 0 and 1
_DIGITS = bytes.maketrans(b"01", b"\x00\x01")


def _ones(bits: int, count: int) -> Iterator[int]:
    """The places of the ``count`` bits that are set: looked for one by one if they are few."""
    digits = format(bits, "b")[::-1]
    if count > _SIZE >> 5:
        yield from compress(range(_SIZE), digits.encode().translate(_DIGITS))
        return
    place = digits.find("1")
    while place >= 0:
        yield place
        place = digits.find("1", place + 1)
