"""Trains the example's classifier and writes it, with a row to score, to the folder in its first argument.

The images are scikit-learn's handwritten digits (1,797 of 8 x 8 pixels, shipped with the package), scaled to MNIST's
28 x 28 by repeating and cutting pixels: they stand in for MNIST, which no package ships. A least-squares classifier
has one solution, which is found without chance: the same packages make the same file.
"""

import json
import sys
from pathlib import Path

import numpy as np
from skl2onnx import to_onnx
from sklearn.datasets import load_digits
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import train_test_split

SEED = 7
SIDE = 28


def rows(images):
    """Returns rows of 784 numbers from 0 to 1, the usual format of MNIST images."""
    nearest = np.arange(SIDE) * images.shape[1] // SIDE
    return (images[:, nearest][:, :, nearest] / 16).reshape(len(images), -1).astype(np.float32)


def main(folder):
    digits = load_digits()
    train_x, test_x, train_y, test_y = train_test_split(
        rows(digits.images), digits.target, test_size=0.2, random_state=SEED
    )
    classifier = RidgeClassifier(alpha=10.0).fit(train_x, train_y)
    # The last digits of sums differ between processors.
    classifier.coef_ = classifier.coef_.round(4)
    classifier.intercept_ = classifier.intercept_.round(4)
    print(f"{classifier.score(test_x, test_y):.1%} of {len(test_y)} test digits are classified correctly")
    model = to_onnx(classifier, train_x[:1], target_opset={"": 17, "ai.onnx.ml": 3}, options={"zipmap": False})
    index = int(np.random.default_rng(SEED).integers(len(test_x)))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "digits.onnx").write_bytes(model.SerializeToString())
    row = [round(float(value), 4) for value in test_x[index]]
    sample = {"label": int(test_y[index]), "request": {"data": [row]}}
    (folder.parent / "sample.json").write_text(json.dumps(sample) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
