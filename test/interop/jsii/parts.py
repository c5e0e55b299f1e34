"""The parts of a classifier written out; `parts.ts` declares the same in TypeScript."""

import os
from pathlib import Path

from cdktf import App, LocalBackend, TerraformStack
from cdktf_brainwave import (
    BrainwaveModel,
    BrainwaveWebservice,
    LocalCompute,
    LocalWorkspace,
    RegisteredModel,
    Sample,
    ServiceDefinition,
    SmokeTest,
    SmokeTestExpectation,
    SoftwareModel,
    SslSettings,
    Stage,
)

quickstart = Path(__file__).resolve().parents[3] / "examples/quickstart"
models = quickstart / "models"

app = App()
stack = TerraformStack(app, "e2e")
LocalBackend(stack, path="../../../terraform.tfstate")
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
workspace = LocalWorkspace(stack, "Workspace")
model = RegisteredModel(
    stack, "Model", workspace=workspace, name="efficientnet-lite0", service_definition=service_definition
)
service = BrainwaveWebservice(
    stack,
    "Service",
    model=model,
    ssl=SslSettings.self_signed(hostname="scoring.localhost"),
    compute=LocalCompute(port=int(os.environ["PORT"])),
)
SmokeTest(
    stack,
    "SmokeTest",
    service=service,
    samples=[Sample.image(str(quickstart / "images/chelsea.png"))],
    expect=SmokeTestExpectation(label="tiger cat", minimum_probability=0.3),
)
app.synth()
