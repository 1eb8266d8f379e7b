"""tf.nest with every structure; gradients with respect to nested sources; map_fn over structures; TensorArray of structures."""

import collections

import tensorflow as tf

P = collections.namedtuple("P", ["w", "b"])
params = {
    "l1": P(tf.Variable([[1.0, 2.0]]), tf.Variable([0.5, -0.5])),
    "l2": [tf.Variable([[1.0], [-1.0]]), {"bias": tf.Variable(0.1)}],
}


def model(p, x):
    h = tf.nn.elu(x @ p["l1"].w + p["l1"].b)
    return h @ p["l2"][0] + p["l2"][1]["bias"]


x = tf.constant([[1.0], [2.0], [-1.0]])
with tf.GradientTape() as tape:
    loss = tf.reduce_mean(model(params, x) ** 2)
g = tape.gradient(loss, params)
print(type(g["l1"]).__name__, tf.nest.map_structure(lambda t: t.shape.as_list(), g))
tf.nest.map_structure(lambda v, d: v.assign_sub(0.1 * d), params, g)
print([t.numpy().tolist() for t in tf.nest.flatten(params)])
print(tf.nest.is_nested(params), tf.nest.is_nested(x), tf.nest.is_nested([]))
packed = tf.nest.pack_sequence_as(params, list(range(4)))
print(packed)
for bad in (
    lambda: tf.nest.assert_same_structure([1, 2], [1, [2]]),
    lambda: tf.nest.assert_same_structure([1], (1,)),
    lambda: tf.nest.map_structure(lambda a, b: a, {"a": 1}, {"b": 1}),
    lambda: tf.nest.pack_sequence_as([1, 2], [1]),
):
    try:
        bad()
        print("ok")
    except (ValueError, TypeError) as e:
        print(type(e).__name__)
out = tf.map_fn(
    lambda d: {"sum": d["a"] + tf.cast(d["b"], tf.float32), "sq": d["a"] ** 2},
    {"a": tf.constant([1.0, 2.0]), "b": tf.constant([3, 4])},
    fn_output_signature={"sum": tf.float32, "sq": tf.float32},
)
print({k: v.numpy().tolist() for k, v in out.items()})
s = tf.scan(
    lambda c, e: {"m": c["m"] * 0.5 + e, "n": c["n"] + 1}, tf.constant([1.0, 2.0, 3.0]), initializer={"m": 0.0, "n": 0}
)
print(s["m"].numpy(), s["n"].numpy())


@tf.function
def loop(state, n):
    for _ in tf.range(n):
        state = tf.nest.map_structure(lambda t: t * 2, state)
        state["k"] = P(state["k"].w + 1, state["k"].b)
    return state


r = loop({"k": P(tf.constant(1), tf.constant([1.0])), "z": (tf.constant(2.0),)}, tf.constant(3))
print(tf.nest.map_structure(lambda t: t.numpy().tolist(), r))
r = tf.while_loop(
    lambda i, s: i < 3,
    lambda i, s: (i + 1, {"a": s["a"] + 1.0, "b": (s["b"][0] * 2,)}),
    (0, {"a": tf.constant(0.0), "b": (tf.constant(1),)}),
)
print(r[0].numpy(), r[1]["a"].numpy(), r[1]["b"][0].numpy())
c = tf.cond(tf.constant(True), lambda: {"x": 1.0, "y": [2]}, lambda: {"x": 0.0, "y": [0]})
print(c["x"], c["y"])
print(tf.nest.flatten({"b": 1, "a": [2, (3, None)]}), tf.nest.flatten(5), tf.nest.flatten(None))
print(tf.nest.flatten(collections.OrderedDict([("z", 1), ("a", 2)])))
print(tf.nest.map_structure(lambda *a: sum(a), [1, (2, 3)], [10, (20, 30)], [100, (200, 300)]))
with tf.GradientTape(persistent=True) as tape:
    y = {"a": params["l2"][1]["bias"] ** 2, "b": [params["l1"].b * 3.0]}
print(
    tape.gradient(y, params["l2"][1]["bias"]).numpy(),
    tape.gradient(y, params["l1"].b).numpy(),
    tape.gradient(y["a"], params["l1"].w),
)
print(tape.gradient(y["a"], [params["l1"].w, params["l2"][1]["bias"]], unconnected_gradients="zero")[0].numpy())
