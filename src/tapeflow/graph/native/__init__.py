"""Machine code through LLVM: expressions, loops around them, their compilation, and the threads that run them.

    expressions.py   arithmetic on values, written down as LLVM instructions
    elementary.py    exp, log, tanh, sin, … as such arithmetic
    lowering.py      the elementwise primitives as expressions
    unrolled.py      small tensors, an expression for each element
    called.py        functions within a module: what is long is written once
    programs.py      whole programs of scalars and small tensors: variables in registers, loops, choices
    rows.py          what the loops of a program run over
    calling.py       when a graph becomes a program, and how it is called
    report.py        what runs as machine code, and why the rest does not
    loops.py         a loop over arrays around an expression
    nest_parts.py    what a nest of loops over arrays computes, as data
    nests.py         nests of loops over arrays that broadcast, with reductions
    reductions.py    the reductions that a nest has instructions for
    row_nests.py     nests that go over each row several times
    row_recipes.py   softmax and its like as steps of such a nest
    served.py        which nodes of a graph a nest can compute
    levels.py        which nodes of a graph belong together
    clusters.py      the pass that makes them one node
    binding.py       a cluster of nodes as a nest
    row_binding.py   a cluster that uses reductions of its rows as a nest
    row_functions.py functions of the rows of large matrices, eagerly
    fused.py         a nest for arrays of certain shapes: results, parts for threads, what to do where a guard holds
    builtins.py      machine code as builtin functions of Python's
    machine.py       from the text to machine code in memory
    object_cache.py  machine code on disk
    allocation.py    memory for large arrays, kept instead of given back
    pool.py          what workers do: threads in machine code, that need no lock of Python's
    workers.py       their start and their end
    threads.py       parts of a loop on several threads
    addresses.py     where an array's numbers lie
    eager.py         eager elementwise operations on large arrays

llvmlite is imported when the first kernel is wanted. Without it, or where it fails, NumPy does the work.
"""
