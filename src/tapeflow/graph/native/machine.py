"""From the text of an LLVM module to machine code in memory, for the processor at hand."""

from __future__ import annotations

import ctypes
import hashlib
import os
import threading
from collections.abc import Callable
from typing import Any

from tapeflow.graph.native import object_cache
from tapeflow.graph.native.allocation import keep_freed_memory
from tapeflow.graph.native.loops import ENTRY

__all__ = ["Compiled", "Machine", "machine"]


class Machine:
    """LLVM's code generator and linker for this processor.

    Raises:
        ImportError: llvmlite is not installed.
        RuntimeError: LLVM does not serve this processor, or it has no fused multiply-add, without which the kernels would be
            neither fast nor exact.
    """

    def __init__(self) -> None:
        import llvmlite
        import llvmlite.binding as llvm

        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        triple, cpu, features = llvm.get_process_triple(), llvm.get_host_cpu_name(), llvm.get_host_cpu_features()
        if not (features.get("fma") or triple.startswith(("aarch64", "arm64"))):
            raise RuntimeError(f"the processor {cpu} has no fused multiply-add")
        self.width = 512 if features.get("avx512f") and features.get("avx512dq") else 256
        self._llvm = llvm
        self._target, self._quick = (
            llvm.Target.from_triple(triple).create_target_machine(cpu=cpu, features=features.flatten(), opt=level, jit=True)
            for level in (3, 0)
        )
        self._linker = llvm.create_lljit_compiler(self._target)
        self._identity = repr((triple, cpu, features.flatten(), llvmlite.__version__, llvm.llvm_version_info))
        self._kept: dict[str, Any] = {}  # by what it was made from; the code lives as long as these
        self._lock = threading.Lock()

    def load(self, text: str, arity: int) -> Callable[..., int]:
        """The function of a module, as a ctypes function of `arity` pointers and a count; it runs without Python's lock.

        The machine code comes from the cache on disk, or is compiled now and stored there.
        """
        prototype = ctypes.CFUNCTYPE(ctypes.c_int32, *[ctypes.c_void_p] * arity, ctypes.c_int64)
        return prototype(*self.link(text, ENTRY))

    def link(self, text: str, *symbols: str, quickly: bool = False) -> list[int]:
        """The addresses of functions of a module; they stay there as long as the machine, and an equal module has the same.

        Args:
            text: the module.
            *symbols: the functions' names.
            quickly: whether to compile it in a fifth of the time, to code that takes half as much time again.
        """
        name = hashlib.sha256(f"{self._identity}\n{quickly}\n{text}".encode()).hexdigest()
        with self._lock:
            key = f"{name}-{'-'.join(symbols)}"
            library = self._kept.get(key)
            if library is None:
                code = object_cache.load(name)
                if code is None:
                    code = self.compile(text, quickly)
                    object_cache.store(name, code)
                builder = self._llvm.JITLibraryBuilder().add_object_img(code)
                for symbol in symbols:
                    builder.export_symbol(symbol)
                library = self._kept[key] = builder.link(self._linker, key)
            return [library[symbol] for symbol in symbols]

    def compile(self, text: str, quickly: bool = False) -> bytes:
        """The object code of a module, optimized and vectorized; or as it stands."""
        llvm = self._llvm
        module = llvm.parse_assembly(text)
        module.verify()
        if quickly:
            return self._quick.emit_object(module)
        options = llvm.create_pipeline_tuning_options(speed_level=3)
        options.loop_vectorization = True
        options.slp_vectorization = False  # there is nothing beside the loop
        options.loop_unrolling = False
        builder = llvm.create_pass_builder(self._target, options)
        builder.getModulePassManager().run(module, builder)
        return self._target.emit_object(module)


_machine: Machine | None = None
_refused = False
_lock = threading.Lock()


def machine() -> Machine | None:
    """The machine, made at the first call; None where there is none, which is found out once.

    With `TAPEFLOW_NATIVE=off` in the environment there is none: NumPy does everything that is not compiled yet.
    """
    global _machine, _refused
    if os.environ.get("TAPEFLOW_NATIVE", "").lower() == "off":
        return None
    if _machine is None and not _refused:
        with _lock:
            if _machine is None and not _refused:
                keep_freed_memory()
                try:
                    _machine = Machine()
                except Exception:  # whatever keeps LLVM from working here: NumPy works
                    _refused = True
    return _machine


class Compiled(dict):
    """Machine code by what it was made from: `compiled[key]` makes it at the first question, by `link(machine, key)`.

    None where LLVM refuses, which is never the user's error and is remembered; and, not remembered, while there is no machine:
    it may only be switched off.
    """

    def __init__(self, link: Callable[[Machine, Any], Any]) -> None:
        super().__init__()
        self._link = link

    def __missing__(self, key: Any) -> Any:
        host = machine()
        if host is None:
            return None
        try:
            found = self._link(host, key)
        except Exception:
            found = None
        self[key] = found
        return found
