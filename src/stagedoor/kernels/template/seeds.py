"""Random numbers: two visitors must not get the same ones, unless the app has chosen a seed.

A generator that seeded itself is seeded anew in each child; one that the app has seeded goes on as it would have.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import random
import secrets
import sys
import weakref
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from .scan import objects

_NUMPY_BITS = 128
"""How many bits NumPy seeds itself with (``SeedSequence``, from :func:`secrets.randbits`)."""
_NUMPY_LEGACY = "numpy.random.mtrand"

_chosen: weakref.WeakSet[random.Random] = weakref.WeakSet()
"""Generators of ``random`` that the app has seeded."""
_drawn: set[int] = set()
"""What NumPy has seeded itself with."""
_legacy: dict[str, bool] = {"chosen": False}
"""Whether the app has seeded ``numpy.random`` itself."""


def watch_seeds() -> None:
    """From now on it is known which generators have been seeded by the app, and which by themselves."""
    for name, chooses in (("seed", _is_seed), ("setstate", lambda *_: True)):
        _watch_method(name, chooses)
    # The module's functions are methods that were bound before.
    random.seed, random.setstate = random._inst.seed, random._inst.setstate
    draw = secrets.randbits

    def randbits(k: int) -> int:
        number = draw(k)
        if k == _NUMPY_BITS:
            _drawn.add(number)
        return number

    secrets.randbits = randbits
    sys.meta_path.insert(0, _WatchNumpy())


def _is_seed(seed: object = None, *_: object, **__: object) -> bool:
    return seed is not None


def _watch_method(name: str, chooses: Callable[..., bool]) -> None:
    original = getattr(random.Random, name)

    def method(self: random.Random, *args: Any, **options: Any) -> None:
        original(self, *args, **options)
        (_chosen.add if chooses(*args, *options.values()) else _chosen.discard)(self)

    setattr(random.Random, name, method)


class _WatchNumpy(importlib.abc.MetaPathFinder):
    """Watches how ``numpy.random`` itself is seeded, as soon as it is imported: afterwards it cannot be told."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """See the base class."""
        if fullname != _NUMPY_LEGACY:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is None or spec.loader is None:
            return spec
        load = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            load(module)
            for name, chooses in (("seed", _is_seed), ("set_state", lambda *_: True)):
                setattr(module, name, _watched(getattr(module, name), chooses))

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def _watched(original: Callable[..., Any], chooses: Callable[..., bool]) -> Callable[..., Any]:
    def function(*args: Any, **options: Any) -> Any:
        result = original(*args, **options)
        _legacy["chosen"] = chooses(*args, *options.values())
        return result

    function.__name__, function.__doc__ = original.__name__, original.__doc__
    return function


class Seeds:
    """All generators of a template, found before its first fork."""

    def __init__(self) -> None:
        everything = [thing for thing in objects(random.Random) if not isinstance(thing, random.SystemRandom)]
        self._own = [generator for generator in everything if generator not in _chosen]
        # CPython seeds the module's generator anew in every child, even if the app has seeded it.
        self._kept = [(generator, generator.getstate()) for generator in everything if generator in _chosen]
        numpy = sys.modules.get("numpy.random")
        self._numpy = [] if numpy is None else list(_sequences_and_bits(numpy))
        self._old = [] if numpy is None else list(_old_generators(numpy))

    def renew(self) -> None:
        """In a child."""
        for generator in self._own:
            generator.seed()
        for generator, state in self._kept:
            generator.setstate(state)
        for thing in self._numpy:
            thing.__init__()
        for thing in self._old:
            thing._bit_generator.__init__()
            # It keeps the second of each pair of normal numbers that it makes.
            thing.set_state(thing.get_state(legacy=False) | {"has_gauss": 0, "gauss": 0.0})


def _sequences_and_bits(numpy: ModuleType) -> Iterator[Any]:
    bits = {id(thing): thing for thing in objects(numpy.BitGenerator)}
    for holder in objects(numpy.Generator):
        bits[id(holder.bit_generator)] = holder.bit_generator
    yield from filter(_seeded_itself, bits.values())
    # A sequence that was spawned has its place below another by a key, which would be lost.
    yield from (one for one in objects(numpy.SeedSequence) if _is_drawn(one) and not one.spawn_key)


def _old_generators(numpy: ModuleType) -> Iterator[Any]:
    own = numpy.mtrand._rand
    if not _legacy["chosen"]:
        yield own
    yield from (one for one in objects(numpy.RandomState) if one is not own and _seeded_itself(one._bit_generator))


def _seeded_itself(bits: Any) -> bool:
    # NumPy 1.23 has it by its private name only. After an explicit seed of the old kind there is none.
    return _is_drawn(getattr(bits, "seed_seq", None) or getattr(bits, "_seed_seq", None))


def _is_drawn(sequence: Any) -> bool:
    entropy = getattr(sequence, "entropy", None)
    return isinstance(entropy, int) and entropy in _drawn
