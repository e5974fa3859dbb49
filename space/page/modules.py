"""Which JavaScript modules a module imports, for preloading all of them at once."""

import re
from pathlib import Path

_IMPORT = re.compile(r"""\b(?:import|from)\s*["'](\.[^"']+)["']""")
"""A static import, also of minified code; `import(...)` is none."""


def modules_of(entry: Path) -> list[Path]:
    """A module and all that it imports statically, directly or not, nearest first.

    Args:
        entry: its file; what it imports is found beside it, and left out where it is missing.
    """
    found = [entry]
    for module in found:  # grows meanwhile
        for name in _IMPORT.findall(module.read_text(encoding="utf-8")):
            path = (module.parent / name).resolve()
            if path not in found and path.is_file():
                found.append(path)
    return found
