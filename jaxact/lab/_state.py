"""``chex.dataclass`` for states that are pytrees, in words that type checkers understand."""

import functools
from typing import TYPE_CHECKING, Any, dataclass_transform

import chex

if TYPE_CHECKING:

    @dataclass_transform(frozen_default=True, kw_only_default=True)
    def state(cls: type[Any]) -> type[Any]:
        """A frozen dataclass that is a pytree."""
        ...

else:
    state = functools.partial(chex.dataclass, frozen=True)
