"""REINFORCE with a baseline on a small grid world; actions come from the inverse of a cumulative distribution."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(3)
SIZE, GOAL = 4, (3, 3)
MOVES = [(0, 1), (1, 0), (0, -1), (-1, 0)]
theta = tf.Variable(rng.uniform(-0.1, 0.1, [SIZE * SIZE, 4]).astype("float32"), name="theta")
value = tf.Variable(tf.zeros([SIZE * SIZE]), name="value")
actor = tf.keras.optimizers.Adam(0.2)
critic = tf.keras.optimizers.SGD(0.3, momentum=0.5)


def episode(limit=30):
    pos, states, actions, rewards = (0, 0), [], [], []
    for _ in range(limit):
        s = pos[0] * SIZE + pos[1]
        probs = tf.nn.softmax(theta[s]).numpy()
        a = int(np.searchsorted(np.cumsum(probs), rng.rand() * 0.999))
        pos = tuple(int(np.clip(p + m, 0, SIZE - 1)) for p, m in zip(pos, MOVES[a]))
        states.append(s), actions.append(a), rewards.append(1.0 if pos == GOAL else -0.05)
        if pos == GOAL:
            break
    return states, actions, np.array(rewards, dtype=np.float32)


@tf.function(reduce_retracing=True)
def returns(rewards, gamma):
    n = tf.shape(rewards)[0]
    out = tf.TensorArray(tf.float32, size=n)
    g = tf.constant(0.0)
    for i in tf.range(n)[::-1]:
        g = rewards[i] + gamma * g
        g.set_shape(())
        out = out.write(i, g)
    return out.stack()


lengths = []
for e in range(40):
    s, a, r = episode()
    G = returns(tf.constant(r), 0.95)
    s, a = tf.constant(s), tf.constant(a)
    with tf.GradientTape(persistent=True) as tape:
        baseline = tf.gather(value, s)
        advantage = tf.stop_gradient(G - baseline)
        logp = -tf.nn.sparse_softmax_cross_entropy_with_logits(labels=a, logits=tf.gather(theta, s))
        policy = tf.nn.softmax(tf.gather(theta, s))
        entropy = -tf.reduce_sum(policy * tf.math.log(policy), -1)
        actor_loss = -tf.reduce_mean(logp * advantage + 0.01 * entropy)
        critic_loss = tf.reduce_mean(tf.math.squared_difference(G, baseline))
    g1 = tf.convert_to_tensor(tape.gradient(actor_loss, theta))
    g2 = tape.gradient(critic_loss, value)
    if e == 0:
        print(g1.shape, g2.values.shape, g2.indices.shape, g2.dense_shape.numpy())
    actor.apply_gradients([(g1, theta)])
    critic.apply_gradients([(g2, value)])
    del tape
    lengths.append(len(r))
print(lengths)
print(tf.argmax(theta, 1).numpy().reshape(4, 4))
print(tf.reshape(value, [4, 4]).numpy().round(4))
