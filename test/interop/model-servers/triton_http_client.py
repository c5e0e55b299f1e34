"""Scores an image with Triton's client over HTTP: python triton_http_client.py <host:port> <model> <image>.

Prints one JSON object: what the client says of the service, and the class that it found.
"""

import json
import sys

import numpy
import tritonclient.http as triton

address, model, image = sys.argv[1:]
client = triton.InferenceServerClient(address)
metadata = client.get_model_metadata(model)
with open(image, "rb") as file:
    images = numpy.array([file.read()], dtype=object)


def best_class():
    (declared,) = metadata["inputs"]
    tensor = triton.InferInput(declared["name"], [1], declared["datatype"])
    tensor.set_data_from_numpy(images, binary_data=True)
    (output,) = metadata["outputs"]
    requested = triton.InferRequestedOutput(output["name"], binary_data=True)
    return int(client.infer(model, [tensor], outputs=[requested]).as_numpy(output["name"])[0].argmax())


try:
    client.get_model_metadata("another")
    refused = None
except triton.InferenceServerException as error:
    refused = error.message()

print(
    json.dumps(
        {
            "live": client.is_server_live(),
            "ready": client.is_server_ready(),
            "model": client.is_model_ready(model),
            "class": best_class(),
            "refused": refused,
        }
    )
)
