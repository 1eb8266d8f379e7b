"""The recorders need TensorFlow, which the tests do not: doctests must not import them."""

collect_ignore_glob = ["record_*.py"]
