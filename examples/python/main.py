"""The quickstart's stack in Python: a classifier on the local machine, with a smoke test."""

from pathlib import Path

from cdktf import App, LocalBackend, TerraformStack
from cdktf_brainwave import (
    BrainwaveModel,
    ImageClassifier,
    LocalCompute,
    ServiceDefinition,
    SmokeTestExpectation,
    SoftwareModel,
    Stage,
)

quickstart = Path(__file__).resolve().parent.parent / "quickstart"
models = quickstart / "models"

app = App()
stack = TerraformStack(app, "quickstart")
LocalBackend(stack, path="../../../terraform.quickstart.tfstate")

# The pipeline: decode and scale, compute features on the accelerator (here: on the CPU), classify.
service_definition = ServiceDefinition(
    stages=[
        Stage.image(resize=256, crop=224),
        Stage.brainwave(
            model=BrainwaveModel.custom(
                "efficientnet-lite0", input_size=[224, 224, 3], output_tensor_dims=[1, 1, 1, 1280]
            ),
            software=SoftwareModel.onnx(
                path=str(models / "efficientnet-lite0/featurizer.onnx"),
                input_tensor="image",
                output_tensor="features",
            ),
        ),
        Stage.tensorflow(
            name="classifier",
            path=str(models / "efficientnet-lite0/classifier.pb"),
            input_tensor="features:0",
            output_tensor="probabilities:0",
        ),
    ],
    labels=str(models / "imagenet-labels.txt"),
)

# Registers the model, runs it on this machine with TLS and keys, and scores a picture of a cat after each apply.
ImageClassifier(
    stack,
    "Classifier",
    service_definition=service_definition,
    model_name="efficientnet-lite0",
    compute=LocalCompute(port_variable="PORT"),
    image=str(quickstart / "images/chelsea.png"),
    expect=SmokeTestExpectation(label="tiger cat", minimum_probability=0.3),
)

app.synth()
