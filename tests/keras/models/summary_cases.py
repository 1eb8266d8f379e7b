"""Models whose summaries are recorded: functions of the module that has `keras`, TensorFlow or tapeflow."""

from __future__ import annotations


def built(tf):
    layers = tf.keras.layers
    parts = [tf.keras.Input((3,)), layers.Dense(400, activation="relu"), layers.Dropout(0.5), layers.Dense(1000)]
    return tf.keras.Sequential(parts, name="net")


def unbuilt(tf):
    layers = tf.keras.layers
    return tf.keras.Sequential([layers.Dense(4), layers.Dropout(0.2), layers.Dense(2, trainable=False)])


def called(tf):
    model = unbuilt(tf)
    model(tf.ones([2, 5]))
    return model


def subclass(tf):
    layers = tf.keras.layers

    class Mine(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.first = layers.Dense(2, activation="relu")
            self.dropout = layers.Dropout(0.5)
            self.second = layers.Dense(1, name="a_very_long_name_for_a_layer_indeed")
            self.unused = [layers.Dense(1)]

        def call(self, x, training=False):
            return self.second(self.dropout(self.first(x), training=training))

    model = Mine()
    model(tf.ones([1, 3]))
    return model


def nested(tf):
    layers = tf.keras.layers
    model = tf.keras.Sequential([tf.keras.Sequential([layers.Dense(2)]), layers.Flatten(), layers.Dense(1)])
    model.build((None, 3))
    return model


def chain(tf):
    layers = tf.keras.layers
    inputs = tf.keras.Input((3,))
    return tf.keras.Model(inputs, layers.Dense(2)(layers.Dense(3)(inputs)), name="chain")


def graph(tf):
    layers = tf.keras.layers
    a, b = tf.keras.Input((3,), name="a"), tf.keras.Input((3,), name="b")
    h = layers.Dense(4, activation="relu")(a)
    z = layers.Add()([h, layers.Dense(4)(b)]) * 2.0 + h
    return tf.keras.Model(inputs=[a, b], outputs=layers.Dense(1, name="out")(layers.Dropout(0.1)(z)))


MODELS = {make.__name__: make for make in (built, unbuilt, called, subclass, nested, chain, graph)}
