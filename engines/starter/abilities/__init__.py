"""The abilities of all modules in this folder. A module that cannot be imported is fatal."""

import random
from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules

from .common import Example, choose

Maker = Callable[[random.Random, bool], Example]

ABILITIES: dict[str, Maker] = {}
# The module that an ability comes from.
GROUPS: dict[str, str] = {}

for _name in sorted(module.name for module in iter_modules(__path__)):
    for _ability, _make in getattr(import_module(f"{__name__}.{_name}"), "ABILITIES", {}).items():
        if _ability in ABILITIES:
            raise ImportError(f"ability `{_ability}` is in `{GROUPS[_ability]}` and in `{_name}`")
        ABILITIES[_ability] = _make
        GROUPS[_ability] = _name

__all__ = ["ABILITIES", "GROUPS", "Example", "Maker", "choose"]
