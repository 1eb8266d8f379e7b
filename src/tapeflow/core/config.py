"""`tf.config`: what can be asked and set about the machine. There is one device, the CPU."""

from __future__ import annotations

from operator import index
from typing import Any, NamedTuple

__all__ = [
    "LogicalDevice",
    "PhysicalDevice",
    "functions_run_eagerly",
    "get_experimental_options",
    "get_inter_op_parallelism_threads",
    "get_intra_op_parallelism_threads",
    "get_jit",
    "get_soft_device_placement",
    "get_visible_devices",
    "list_logical_devices",
    "list_physical_devices",
    "run_functions_eagerly",
    "set_experimental_options",
    "set_inter_op_parallelism_threads",
    "set_intra_op_parallelism_threads",
    "set_jit",
    "set_soft_device_placement",
    "set_visible_devices",
]


class PhysicalDevice(NamedTuple):
    """A device of the machine.

    >>> import tapeflow as tf
    >>> tf.config.list_physical_devices("CPU")[0].device_type
    'CPU'
    """

    name: str
    device_type: str


class LogicalDevice(NamedTuple):
    """A device as operations see it.

    >>> import tapeflow as tf
    >>> tf.config.list_logical_devices("CPU")[0].name
    '/device:CPU:0'
    """

    name: str
    device_type: str


CPU = PhysicalDevice("/physical_device:CPU:0", "CPU")
LOGICAL_CPU = LogicalDevice("/device:CPU:0", "CPU")

_settings = {"run_functions_eagerly": False, "soft_device_placement": True}
_threads = {"inter": 0, "intra": 0}


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices of the machine, of one type ("CPU", "GPU") or all: the CPU.

    >>> import tapeflow as tf
    >>> tf.config.list_physical_devices("GPU")
    []
    """
    return [CPU] if device_type in (None, "CPU") else []


def list_logical_devices(device_type: str | None = None) -> list[LogicalDevice]:
    """The devices that operations can run on: the CPU.

    >>> import tapeflow as tf
    >>> tf.config.list_logical_devices("GPU")
    []
    """
    return [LOGICAL_CPU] if device_type in (None, "CPU") else []


def get_visible_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices that are used: the CPU.

    >>> import tapeflow as tf
    >>> len(tf.config.get_visible_devices())
    1
    """
    return list_physical_devices(device_type)


def set_visible_devices(devices: Any, device_type: str | None = None) -> None:
    """Accepts the CPU, or no devices of another type.

    Raises:
        ValueError: a device that is not there, or the CPU is to be hidden.

    >>> import tapeflow as tf
    >>> tf.config.set_visible_devices([], "GPU")
    """
    wanted = list(devices) if isinstance(devices, list | tuple) and not isinstance(devices, PhysicalDevice) else [devices]
    unknown = [device for device in wanted if device != CPU]
    if unknown:
        raise ValueError(f"Unrecognized device: {unknown[0]!r}; there is only {CPU!r}")
    if CPU not in wanted and device_type in (None, "CPU"):
        raise ValueError("the CPU cannot be hidden: everything runs on it")


def run_functions_eagerly(run_eagerly: bool) -> None:
    """Whether functions decorated with `tf.function` run as plain Python, without being traced.

    >>> import tapeflow as tf
    >>> tf.config.run_functions_eagerly(True)
    >>> tf.config.functions_run_eagerly()
    True
    >>> tf.config.run_functions_eagerly(False)
    """
    _settings["run_functions_eagerly"] = bool(run_eagerly)


def functions_run_eagerly() -> bool:
    """What `run_functions_eagerly` was last given.

    >>> import tapeflow as tf
    >>> tf.config.functions_run_eagerly()
    False
    """
    return _settings["run_functions_eagerly"]


def set_soft_device_placement(enabled: bool) -> None:
    """Whether an operation may run elsewhere than on the device asked for; it always may.

    >>> import tapeflow as tf
    >>> tf.config.set_soft_device_placement(True)
    """
    _settings["soft_device_placement"] = bool(enabled)


def get_soft_device_placement() -> bool:
    """What `set_soft_device_placement` was last given.

    >>> import tapeflow as tf
    >>> tf.config.set_soft_device_placement(True)
    >>> tf.config.get_soft_device_placement()
    True
    """
    return _settings["soft_device_placement"]


def set_intra_op_parallelism_threads(num_threads: int) -> None:
    """How many threads one operation on large arrays may use; 0, the default: as many as there are processors.

    It may be changed at any time, and does not change what NumPy's BLAS uses for matrix products.

    >>> import tapeflow as tf
    >>> tf.config.threading.set_intra_op_parallelism_threads(1)
    >>> tf.config.threading.get_intra_op_parallelism_threads()
    1
    >>> tf.config.threading.set_intra_op_parallelism_threads(0)

    Raises:
        ValueError: a negative number.
        TypeError: not an integer.
    """
    _threads["intra"] = _count(num_threads)


def get_intra_op_parallelism_threads() -> int:
    """What `set_intra_op_parallelism_threads` was last given.

    >>> import tapeflow as tf
    >>> tf.config.threading.get_intra_op_parallelism_threads()
    0
    """
    return _threads["intra"]


def set_inter_op_parallelism_threads(num_threads: int) -> None:
    """How many independent operations may run at once; operations run one after another here, whatever it is.

    >>> import tapeflow as tf
    >>> tf.config.threading.set_inter_op_parallelism_threads(0)

    Raises:
        ValueError: a negative number.
        TypeError: not an integer.
    """
    _threads["inter"] = _count(num_threads)


def get_inter_op_parallelism_threads() -> int:
    """What `set_inter_op_parallelism_threads` was last given.

    >>> import tapeflow as tf
    >>> tf.config.threading.get_inter_op_parallelism_threads()
    0
    """
    return _threads["inter"]


def _count(threads: int) -> int:
    number = index(threads)
    if number < 0:
        raise ValueError(f"num_threads must be 0 (as many as there are processors) or more, got {number}")
    return number


# -- how functions are compiled -------------------------------------------------------------------------------

SWITCHES = (
    *("layout_optimizer", "constant_folding", "shape_optimization", "remapping", "arithmetic_optimization"),
    *("dependency_optimization", "loop_optimization", "function_optimization", "debug_stripper", "disable_model_pruning"),
    *("scoped_allocator_optimization", "pin_to_host_optimization", "implementation_selector", "auto_mixed_precision"),
    *(
        "disable_meta_optimizer",
        "auto_parallel",
        "auto_mixed_precision_onednn_bfloat16",
        "auto_mixed_precision_mkl",
        "use_plugin_optimizers",
    ),
    "reassociation",
)
_options: dict[str, Any] = {"disable_model_pruning": False, "disable_meta_optimizer": False}
_jit = {"autoclustering": False}


def set_experimental_options(options: dict[str, Any]) -> None:
    """How functions are compiled from now on; what is compiled already stays as it is.

    These have an effect here:

    - `reassociation`, a name of our own, False by default: whether machine code may regroup sums and products, and add a product
      without rounding it. Then results differ in the last digits from those of NumPy and of eager operations.
    - `constant_folding`: whether what depends on constants alone is computed when a function is compiled.
    - `arithmetic_optimization`: whether algebra is simplified, and what is computed twice is shared.
    - `loop_optimization`: whether what a loop would compute again in every turn is computed once, before it.
    - `disable_meta_optimizer`: whether none of the three is done.

    The others are remembered, and there is nothing here that they would change. None of TensorFlow's changes a result.

    Args:
        options: for some options their values; None makes one unknown again.

    Raises:
        ValueError: there is no such option.

    >>> import tapeflow as tf
    >>> tf.config.optimizer.set_experimental_options({"reassociation": True})
    >>> tf.config.optimizer.get_experimental_options()["reassociation"]
    True
    >>> tf.config.optimizer.set_experimental_options({"reassociation": False})
    """
    wanted = dict(options)
    unknown = [name for name in wanted if name not in SWITCHES and name != "min_graph_nodes"]
    if unknown:
        raise ValueError(f"there is no option {unknown[0]!r}; the options are {', '.join((*SWITCHES, 'min_graph_nodes'))}")
    for name, value in wanted.items():
        if value is None and name not in ("disable_model_pruning", "disable_meta_optimizer"):
            _options.pop(name, None)
        else:
            _options[name] = int(value) if name == "min_graph_nodes" else bool(value)


def get_experimental_options() -> dict[str, Any]:
    """What `set_experimental_options` was given so far.

    >>> import tapeflow as tf
    >>> tf.config.optimizer.get_experimental_options()["disable_meta_optimizer"]
    False
    """
    return dict(_options)


def is_wanted(optimization: str) -> bool:
    """Whether a kind of optimization is to be made."""
    return not _options["disable_meta_optimizer"] and bool(_options.get(optimization, True))


def regroups() -> bool:
    """Whether machine code may regroup sums and products."""
    return bool(_options.get("reassociation", False))


def set_jit(enabled: Any) -> None:
    """Accepted: functions are compiled to machine code where that is faster, whatever it says.

    Args:
        enabled: True or "autoclustering", or anything else for no.

    >>> import tapeflow as tf
    >>> tf.config.optimizer.set_jit(True)
    >>> tf.config.optimizer.get_jit()
    'autoclustering'
    >>> tf.config.optimizer.set_jit(False)
    """
    _jit["autoclustering"] = enabled is True or enabled == "autoclustering"


def get_jit() -> str:
    """What `set_jit` was last given: "autoclustering", or "" for no.

    >>> import tapeflow as tf
    >>> tf.config.optimizer.get_jit()
    ''
    """
    return "autoclustering" if _jit["autoclustering"] else ""
