"""The display filter: an expression such as `kind == data && ops > 100` that picks frames of a capture.

`parse_filter` reads it, `compile_filter` makes SQL of it, `FilterScan` runs that over a capture, and `complete` helps
who writes one. Start reading at `grammar.lark`; the user's guide is resources/docs/filter.md.
"""

from inspector.capture.filter.compiler import CompiledFilter, compile_filter
from inspector.capture.filter.errors import FilterError
from inspector.capture.filter.parser import parse_filter, warm_up
from inspector.capture.filter.scan import FilterScan

__all__ = ["CompiledFilter", "FilterError", "FilterScan", "compile_filter", "parse_filter", "warm_up"]
