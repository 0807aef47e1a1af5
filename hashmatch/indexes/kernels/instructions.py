"""Instructions of the processor, and reads of memory, that numba has no name for.

Numba's own arrays count their references and allow negative positions wherever they are read, which costs
a hot loop more than what it does. Pointers do neither; whoever uses them minds the bounds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

BLOCK = 16
"""Candidates that ``near`` looks at in one go."""

instruction: Callable[[Callable[..., Any]], Any] = intrinsic
"""Makes what returns a signature and a generator of code a function that compiled ones can call."""

_INT32 = ir.IntType(32)
_VECTOR = ir.VectorType(_INT32, BLOCK)


@instruction
def pointer(typing: Any, array: types.Array) -> Any:
    """Where the items of an array begin; good for as long as the array is.

    An array that a function makes is freed after the last line that names it, also if its pointer is used
    further on. So a loop that uses the pointer takes it anew each time, which costs nothing.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.make_array(signature.args[0])(context, builder, arguments[0]).data

    return types.CPointer(array.dtype)(array), generate


@instruction
def beyond(typing: Any, start: types.CPointer, items: types.Integer) -> Any:
    """The pointer ``items`` further on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.gep(arguments[0], [arguments[1]])

    return start(start, types.int64), generate


@instruction
def popcount(typing: Any, word: types.Integer) -> Any:
    """How many bits of an unsigned integer are set, in its own type."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return word(word), generate


@instruction
def lowest(typing: Any, word: types.Integer) -> Any:
    """Number of the lowest bit that is set in an unsigned integer, which must not be 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return word(word), generate


@instruction
def prefetch(typing: Any, start: types.CPointer, at: types.Integer) -> Any:
    """Begin to read item ``at``; nothing happens if there is none."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = builder.bitcast(builder.gep(arguments[0], [arguments[1]]), cgutils.voidptr_t)
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, _INT32, _INT32, _INT32])
        read, soon, of_memory = (ir.Constant(_INT32, value) for value in (0, 3, 1))
        fetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        builder.call(fetch, [place, read, soon, of_memory])
        return context.get_dummy_value()

    return types.void(start, types.int64), generate


@instruction
def near(typing: Any, lanes: Any, at: Any, of_a: Any, of_b: Any, of_c: Any, radius: Any) -> Any:
    """Which of ``BLOCK`` candidates differ in three 32-bit lanes by at most ``radius`` bits together.

    Args:
        typing: Numba's own.
        lanes: Pointer to the lanes of all candidates, three after three.
        at: The first candidate; there must be ``BLOCK`` of them in memory.
        of_a: What the first lane is compared with, ``uint32``.
        of_b: What the second lane is compared with.
        of_c: What the third lane is compared with.
        radius: Inclusive, ``uint32``.

    Returns:
        ``uint32``: bit i is set for candidate ``at + i``.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        lanes, at, *wanted, radius = arguments
        first = builder.mul(at, ir.Constant(at.type, 3))
        place = builder.bitcast(builder.gep(lanes, [first]), ir.VectorType(_INT32, 3 * BLOCK).as_pointer())
        # Without the alignment, LLVM takes the address to be a multiple of the vector's size.
        candidates = builder.load(place, align=4)
        kind = ir.FunctionType(_VECTOR, [_VECTOR])
        count = cgutils.get_or_insert_function(builder.module, kind, f"llvm.ctpop.v{BLOCK}i32")
        total = ir.Constant(_VECTOR, [0] * BLOCK)
        for number, word in enumerate(wanted):
            own = ir.Constant(_VECTOR, [3 * candidate + number for candidate in range(BLOCK)])
            lane = builder.shuffle_vector(candidates, candidates, own)
            differing = builder.xor(lane, _repeated(builder, word))
            total = builder.add(total, builder.call(count, [differing]))
        within = builder.icmp_unsigned("<=", total, _repeated(builder, radius))
        return builder.zext(builder.bitcast(within, ir.IntType(BLOCK)), _INT32)

    word = types.uint32
    return word(types.CPointer(word), types.int64, word, word, word, word), generate


def _repeated(builder: Any, word: Any) -> Any:
    """A vector of the same word ``BLOCK`` times."""
    first = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), word, ir.Constant(_INT32, 0))
    return builder.shuffle_vector(first, first, ir.Constant(_VECTOR, [0] * BLOCK))
