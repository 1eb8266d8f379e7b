"""REINFORCE on a bandit and actor-critic on a chain of states, with actions drawn by NumPy."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(2024)
true_means = np.array([0.1, 0.9, 0.4, -0.3])
logits = tf.Variable(tf.zeros([4]), name="policy")
optimizer = tf.keras.optimizers.Adam(learning_rate=0.1)
baseline = 0.0
for episode in range(151):
    probs = tf.nn.softmax(logits).numpy()
    cumulative = np.cumsum(probs.astype(np.float64))
    action = int(min(np.searchsorted(cumulative, rng.rand()), 3))
    reward = true_means[action] + 0.1 * rng.randn()
    with tf.GradientTape() as tape:
        log_prob = tf.nn.log_softmax(logits)[action]
        entropy = -tf.reduce_sum(tf.nn.softmax(logits) * tf.nn.log_softmax(logits))
        loss = -(reward - baseline) * log_prob - 0.01 * entropy
    optimizer.apply_gradients([(tape.gradient(loss, logits), logits)])
    baseline += 0.05 * (reward - baseline)
    if episode % 50 == 0:
        print(f"episode {episode:3d} probs {np.round(tf.nn.softmax(logits).numpy(), 3)}")
print("best arm:", tf.argmax(logits).numpy())


def discounted(rewards, gamma=0.9):
    rewards = tf.cast(rewards[::-1], tf.float32)
    total = tf.constant(0.0)
    out = tf.TensorArray(dtype=tf.float32, size=len(rewards))
    for i in range(len(rewards)):
        total = rewards[i] + gamma * total
        out = out.write(i, total)
    returns = out.stack()[::-1]
    return (returns - tf.math.reduce_mean(returns)) / (tf.math.reduce_std(returns) + np.finfo(np.float32).eps.item())


print(np.round(discounted([1.0, 0.0, 0.0, 2.0]).numpy(), 4))
states = tf.eye(5)
actor, critic = tf.Variable(tf.zeros([5, 2])), tf.Variable(tf.zeros([5, 1]))
huber = tf.keras.losses.Huber(reduction="sum")
sgd = tf.keras.optimizers.SGD(0.1)
for episode in range(31):
    with tf.GradientTape() as tape:
        s, log_probs, values, rewards = 2, [], [], []
        for _ in range(8):
            row = tf.expand_dims(states[s], 0)
            p = tf.nn.softmax(row @ actor)
            a = int(rng.rand() < float(p[0, 1]))
            log_probs.append(tf.math.log(p[0, a]))
            values.append(tf.squeeze(row @ critic))
            s = s + 1 if a == 1 else s - 1
            rewards.append(1.0 if s == 4 else 0.0)
            if s in (0, 4):
                break
        returns = tf.constant([0.9 ** (len(rewards) - 1 - i) * rewards[-1] for i in range(len(rewards))])
        advantage = returns - tf.stop_gradient(tf.stack(values))
        loss = -tf.math.reduce_sum(tf.stack(log_probs) * advantage) + huber(tf.stack(values), returns)
    sgd.apply_gradients(zip(tape.gradient(loss, [actor, critic]), [actor, critic]))
    if episode % 10 == 0:
        print(f"episode {episode} steps {len(rewards)} loss {loss:.4f}")
print(np.round(tf.nn.softmax(actor)[:, 1].numpy(), 3))
