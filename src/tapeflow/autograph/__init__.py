"""`tf.autograph`: names. Names only: see `tapeflow.core`, `tapeflow.ops` and `tapeflow.gradient`."""

from tapeflow.autograph import experimental
from tapeflow.compat.missing import names_missing_from
from tapeflow.graph.autograph import set_verbosity, to_code, to_graph, trace

__all__ = ["experimental", "set_verbosity", "to_code", "to_graph", "trace"]

__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
