"""The sample model with Pillow, onnxruntime and NumPy, as a team would write it."""

import io
import os

import numpy
import onnxruntime
from PIL import Image

SIDE, CROP = 256, 224


class Scorer:
    def __init__(self):
        folder = os.environ["BENCH_MODEL"]
        options = onnxruntime.SessionOptions()
        self.session = onnxruntime.InferenceSession(
            os.path.join(folder, "featurizer.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self.weights = numpy.fromfile(os.path.join(folder, "weights.bin"), "<f4").reshape(-1, 1000)
        self.bias = numpy.fromfile(os.path.join(folder, "bias.bin"), "<f4")

    def score(self, image):
        """Probabilities of the classes of one encoded image."""
        [features] = self.session.run(["features"], {"image": decode(image)[numpy.newaxis]})
        logits = features.reshape(1, -1) @ self.weights + self.bias
        powers = numpy.exp(logits - logits.max())
        return (powers / powers.sum()).astype("<f4")


def decode(encoded):
    image = Image.open(io.BytesIO(encoded)).convert("RGB")
    scale = SIDE / min(image.size)
    width, height = (round(size * scale) for size in image.size)
    image = image.resize((width, height), Image.Resampling.BILINEAR)
    left, top = (width - CROP) // 2, (height - CROP) // 2
    return numpy.asarray(image.crop((left, top, left + CROP, top + CROP)), dtype="<f4")
