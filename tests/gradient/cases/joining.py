"""Tensors joined and taken apart, iterated over, and given as lists that hold tensors."""

from tests.gradient.case import Case, array


def rows_of(tf, x):
    """Iterates, and leaves one row unused."""
    first, _, third = x
    return first * third


CASES = [
    Case("concat", lambda tf, x, y: tf.concat([x, y], 0) ** 2.0, array(2, 3), array(1, 3)),
    Case("concat_last", lambda tf, x, y: tf.concat([x, y, x], -1) ** 2.0, array(2, 3), array(2, 1)),
    Case("concat_empty", lambda tf, x, y: tf.concat([x, y], 0) ** 2.0, array(0, 3), array(2, 3)),
    Case("concat_one", lambda tf, x: tf.concat([x], 0) ** 2.0, array(2, 3)),
    Case("concat_constant", lambda tf, x: tf.concat([x, [[1.0, 2.0, 3.0]]], 0) ** 2.0, array(2, 3)),
    Case("concat_complex", lambda tf, x, y: tf.concat([x, y], 0), array(2) + 1j * array(2), array(3) + 1j * array(3)),
    Case("split_equal", lambda tf, x: [p * k for k, p in enumerate(tf.split(x, 3), 1)], array(6)),
    Case("split_sizes", lambda tf, x: [p * p for p in tf.split(x, [1, -1, 2], axis=1)], array(2, 6)),
    Case("split_one_used", lambda tf, x: tf.split(x, 3)[1] ** 2.0, array(6)),
    Case("split_negative_axis", lambda tf, x: [p * p for p in tf.split(x, 2, axis=-2)], array(2, 4, 3)),
    Case("stack", lambda tf, x, y: tf.stack([x, y]) ** 2.0, array(2, 3), array(2, 3)),
    Case("stack_axis", lambda tf, x, y: tf.stack([x, y, x], axis=-2) ** 2.0, array(2, 3), array(2, 3)),
    Case("stack_scalars", lambda tf, x, y: tf.stack([x, y, x * y]) ** 2.0, array(), array()),
    Case("stack_number", lambda tf, x: tf.stack([x, 3.0]) ** 2.0, array()),
    Case("stack_tensor", lambda tf, x: tf.stack(x, axis=1) ** 2.0, array(2, 3)),
    Case("unstack", lambda tf, x: [r * r for r in tf.unstack(x)], array(3, 2)),
    Case("unstack_axis", lambda tf, x: [r * r for r in tf.unstack(x, axis=-1)], array(3, 2)),
    Case("unstack_one_used", lambda tf, x: tf.unstack(x)[1] ** 2.0, array(3, 2)),
    Case("unstack_vector", lambda tf, x: tf.unstack(x)[0] * tf.unstack(x)[2], array(3)),
    Case("iterate", rows_of, array(3, 2)),
    Case("iterate_scalars", rows_of, array(3)),
    Case("nested_list", lambda tf, x, y: tf.convert_to_tensor([[x, 1.0], [y, x * y]]) ** 2.0, array(), array()),
    Case("list_of_vectors", lambda tf, x: tf.convert_to_tensor([x, 2.0 * x]) ** 2.0, array(3)),
    Case("list_as_operand", lambda tf, x: tf.add([x, x * x], [1.0, 2.0]) ** 2.0, array()),
]
