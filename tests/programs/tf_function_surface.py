"""What tf.function shows of itself: signatures, names, counts, and Python's part at tracing."""

import tensorflow as tf


@tf.function
def affine(x, scale=2.0, *, shift=1.0):
    print("tracing with", x, scale, shift)
    return x * scale + shift


print(affine(tf.constant(3.0)).numpy(), affine(tf.constant(4.0)).numpy())
print(affine(tf.constant([1.0, 2.0]), shift=0.5).numpy())
print(affine.experimental_get_tracing_count(), "traces")
print(affine.pretty_printed_concrete_signatures(verbose=False) or "(nothing)")
print(affine.pretty_printed_concrete_signatures())

concrete = affine.get_concrete_function(tf.TensorSpec([None], tf.float32), scale=3.0)
print(concrete.pretty_printed_signature(verbose=False))
print(concrete.structured_input_signature)
print([x.name for x in concrete.inputs], [str(y.shape) for y in concrete.outputs])
print(concrete(tf.constant([1.0, 2.0, 3.0])).numpy())
print(concrete(x=tf.constant([5.0])).numpy())


class Counter(tf.Module):
    def __init__(self):
        super().__init__()
        self.total = tf.Variable(0)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32)])
    def add(self, numbers):
        print("tracing add for", numbers)
        for n in numbers:
            if n < 0:
                continue
            self.total.assign_add(n)
        return self.total.read_value()


first, second = Counter(), Counter()
print(first.add([1, 2, 3]).numpy(), first.add([-5, 10]).numpy(), second.add([7]).numpy())
print(first.add.experimental_get_tracing_count(), second.add.experimental_get_tracing_count())
print([v.shape.as_list() for v in first.add.get_concrete_function().variables])

relaxed = tf.function(lambda x: tf.reduce_sum(x), reduce_retracing=True)
print([relaxed(tf.ones(n)).numpy() for n in range(1, 6)], relaxed.experimental_get_tracing_count())

tf.config.run_functions_eagerly(True)
print(affine(tf.constant(3.0)).numpy())
tf.config.run_functions_eagerly(False)

for bad in (lambda: affine(), lambda: first.add([[1]]), lambda: concrete(tf.constant([1.0]), scale=4.0)):
    try:
        bad()
    except TypeError:
        print("TypeError")
