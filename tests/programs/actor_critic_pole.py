"""Actor-critic on a small pole balancer: an episode in tf.while_loop with random actions, returns by a scan, advantage normalization."""

import numpy as np
import tensorflow as tf

eps = np.finfo(np.float32).eps.item()
rng = np.random.RandomState(9)
W1 = tf.Variable(rng.randn(4, 16).astype("float32") * 0.3)
Wa, Wc = tf.Variable(rng.randn(16, 2).astype("float32") * 0.1), tf.Variable(rng.randn(16, 1).astype("float32") * 0.1)
variables = [W1, Wa, Wc]
huber_loss = tf.keras.losses.Huber(reduction="sum")
optimizer = tf.keras.optimizers.Adam(learning_rate=0.01)


def model(state):
    h = tf.nn.relu(state @ W1)
    return h @ Wa, h @ Wc


def env_step(state, action):
    x, v, th, om = tf.unstack(state)
    force = tf.where(action == 1, 10.0, -10.0)
    temp = (force + 0.05 * om**2 * tf.sin(th)) / 1.1
    acc = (9.8 * tf.sin(th) - tf.cos(th) * temp) / (0.5 * (4.0 / 3.0 - 0.1 * tf.cos(th) ** 2 / 1.1))
    xacc = temp - 0.05 * acc * tf.cos(th) / 1.1
    state = tf.stack([x + 0.02 * v, v + 0.02 * xacc, th + 0.02 * om, om + 0.02 * acc])
    return state, 1.0, tf.abs(state[2]) > 0.2


def run_episode(initial_state, max_steps, seed):
    action_probs = tf.TensorArray(dtype=tf.float32, size=0, dynamic_size=True)
    values = tf.TensorArray(dtype=tf.float32, size=0, dynamic_size=True)
    rewards = tf.TensorArray(dtype=tf.float32, size=0, dynamic_size=True)
    state = initial_state
    shape = state.shape
    for t in tf.range(max_steps):
        logits, value = model(tf.expand_dims(state, 0))
        u = tf.random.stateless_uniform([], [seed, t])
        probs = tf.nn.softmax(logits)
        action = tf.cast(u < probs[0, 1], tf.int32)
        values = values.write(t, tf.squeeze(value))
        action_probs = action_probs.write(t, probs[0, action])
        state, reward, done = env_step(state, action)
        state.set_shape(shape)
        rewards = rewards.write(t, reward)
        if tf.cast(done, tf.bool):
            break
    return action_probs.stack(), values.stack(), rewards.stack()


def get_expected_return(rewards, gamma, standardize=True):
    n = tf.shape(rewards)[0]
    returns = tf.TensorArray(dtype=tf.float32, size=n)
    rewards = tf.cast(rewards[::-1], dtype=tf.float32)
    discounted_sum = tf.constant(0.0)
    for i in tf.range(n):
        discounted_sum = rewards[i] + gamma * discounted_sum
        returns = returns.write(i, discounted_sum)
    returns = returns.stack()[::-1]
    if standardize:
        returns = (returns - tf.math.reduce_mean(returns)) / (tf.math.reduce_std(returns) + eps)
    return returns


@tf.function
def train_step(initial_state, gamma, max_steps, seed):
    with tf.GradientTape() as tape:
        action_probs, values, rewards = run_episode(initial_state, max_steps, seed)
        returns = get_expected_return(rewards, gamma)
        action_probs, values, returns = [tf.expand_dims(x, 1) for x in [action_probs, values, returns]]
        advantage = returns - values
        loss = -tf.math.reduce_sum(tf.math.log(action_probs) * advantage) + huber_loss(values, returns)
    grads = tape.gradient(loss, variables)
    optimizer.apply_gradients(zip(grads, variables))
    return tf.math.reduce_sum(rewards), loss


for episode in range(8):
    state = tf.constant(rng.uniform(-0.05, 0.05, 4), dtype=tf.float32)
    reward, loss = train_step(state, 0.99, tf.constant(60), tf.constant(episode))
    print(episode, int(reward), f"{loss:.3f}")
print(train_step.experimental_get_tracing_count() >= 1)
