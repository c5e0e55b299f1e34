"""Records what TensorFlow answers to small graphs, to answers.json.

pip install tensorflow-cpu==2.21.0 && python record.py && npx prettier --write answers.json
"""

import base64
import json
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1
random = np.random.RandomState(1)


def weights(*shape):
    return tf.constant(random.normal(size=shape).astype("float32"))


def batch_norm(x):
    scale, offset, mean = weights(4), weights(4), weights(4)
    variance = tf.constant(random.uniform(0.5, 2, 4).astype("float32"))
    return v1.nn.fused_batch_norm(x, scale, offset, mean, variance, epsilon=1e-3, is_training=False)[0]


def residual_block(x):
    inner = tf.nn.relu6(batch_norm(tf.nn.conv2d(x, weights(3, 3, 3, 4), 2, "SAME")))
    return tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(inner, weights(1, 1, 4, 4), 1, "VALID"), weights(4)) + inner)


def squeeze_and_excite(x):
    pooled = tf.reduce_mean(x, [1, 2], keepdims=True)
    gate = tf.sigmoid(tf.nn.conv2d(tf.nn.swish(tf.nn.conv2d(pooled, weights(1, 1, 3, 2), 1, "SAME")),
                                   weights(1, 1, 2, 3), 1, "SAME"))
    return x * gate


def classifier(x):
    flat = tf.reshape(x, [-1, 7 * 9 * 3])
    return tf.nn.softmax(tf.matmul(flat, weights(7 * 9 * 3, 10)) * 0.1 + weights(10))


def channel_shuffle(x):
    wide = tf.nn.conv2d(x, weights(1, 1, 3, 6), 1, "SAME")
    groups = tf.reshape(wide, [-1, 7, 9, 2, 3])
    return tf.reshape(tf.transpose(groups, [0, 1, 2, 4, 3]), [-1, 7, 9, 6])


def spatial_pyramid(x):
    large = tf.image.resize(tf.nn.avg_pool2d(x, 3, 2, "SAME"), [7, 9])
    return tf.concat([x, large, tf.reduce_max(x, -1, keepdims=True)], -1)


# One graph per line: from x of the shape [n, 7, 9, 3], odd sizes and all, to y.
GRAPHS = {
    "convolution of stride 2 with batch norm and a residual": residual_block,
    "dilated convolution": lambda x: tf.nn.conv2d(x, weights(3, 3, 3, 4), 1, "SAME", dilations=2),
    "depthwise convolution of stride 2": lambda x: tf.nn.depthwise_conv2d(x, weights(3, 3, 3, 2), [1, 2, 2, 1], "SAME"),
    "separable convolution, dilated": lambda x: tf.nn.separable_conv2d(
        x, weights(3, 3, 3, 1), weights(1, 1, 3, 4), [1, 1, 1, 1], "SAME", dilations=[2, 2]),
    "transposed convolution": lambda x: tf.nn.conv2d_transpose(x, weights(3, 3, 4, 3), [2, 14, 18, 4], 2, "SAME"),
    "maximum pooling": lambda x: tf.nn.max_pool2d(x, 3, 2, "SAME"),
    "average pooling": lambda x: tf.nn.avg_pool2d(x, 3, 2, "SAME"),
    "local response normalization": lambda x: tf.nn.lrn(x, 1, bias=1.5, alpha=0.7, beta=0.6),
    "bilinear resize with half pixels": lambda x: tf.image.resize(x, [11, 5]),
    "bilinear resize of TensorFlow 1": lambda x: v1.image.resize_bilinear(x, [11, 5]),
    "bilinear resize with aligned corners": lambda x: v1.image.resize_bilinear(x, [11, 5], align_corners=True),
    "nearest resize with half pixels": lambda x: tf.image.resize(x, [14, 5], method="nearest"),
    "nearest resize of TensorFlow 1": lambda x: v1.image.resize_nearest_neighbor(x, [11, 5]),
    "strided slice with masks": lambda x: x[:, 1:-1:2, ::-1, tf.newaxis, 1],
    "reflecting and constant padding": lambda x: tf.pad(
        tf.pad(x, [[0, 0], [2, 1], [1, 2], [0, 0]], "REFLECT"), [[0, 0], [0, 1], [2, 0], [0, 0]], constant_values=-1.0),
    "space to depth": lambda x: tf.nn.space_to_depth(x[:, :6, :8], 2),
    "activations": lambda x: tf.nn.elu(x) + tf.nn.selu(x) * tf.nn.softplus(x) - tf.nn.leaky_relu(x, 0.1)
    + tf.nn.softsign(x) * tf.nn.gelu(x) - tf.tanh(x),
    "arithmetic with broadcasting": lambda x: tf.math.squared_difference(x, weights(3)) / (tf.abs(x) + 1.0)
    - tf.math.rsqrt(tf.square(x) + 0.1) * tf.exp(-tf.nn.relu(x)) + tf.math.floormod(x, 0.7),
    "squeeze and excite": squeeze_and_excite,
    "channel shuffle": channel_shuffle,
    "spatial pyramid": spatial_pyramid,
    "fully connected layer with softmax": classifier,
}


def record(build):
    with tf.Graph().as_default() as graph, v1.Session(graph=graph) as session:
        x = v1.placeholder(tf.float32, [None, 7, 9, 3], name="x")
        y = tf.identity(build(x), name="y")
        given = random.normal(size=(2, 7, 9, 3)).astype("float32")
        answer = session.run(y, {x: given})
        return {"graph": encode(graph.as_graph_def().SerializeToString()), "x": array(given), "y": array(answer)}


def array(values):
    return {"shape": values.shape, "data": encode(values.astype("<f4").tobytes())}


def encode(content):
    return base64.b64encode(content).decode()


answers = {"tensorflow": tf.__version__, "graphs": {name: record(build) for name, build in GRAPHS.items()}}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "answers.json"), "w") as file:
    json.dump(answers, file, indent=2)
    file.write("\n")
