"""Order lines as people paste them, from a spreadsheet or an e-mail: text -> entries.

Pure: standard library only. It knows how quantities and SKUs are written, and not which products
there are. So where a line can be read in more than one way, its entry has several readings, the
likeliest first, and whoever knows the catalog takes the one whose SKU there is.
"""

from ordering.pasted.entries import Entry, Reading, TooMuch, Trouble
from ordering.pasted.read import MAX_BYTES, MAX_LINES, Pasted, read

__all__ = ["MAX_BYTES", "MAX_LINES", "Entry", "Pasted", "Reading", "TooMuch", "Trouble", "read"]
