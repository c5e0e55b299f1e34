"""Scores an image with nothing but grpcio and what protoc makes of the proto files.

    python client.py ADDRESS:PORT HOSTNAME ROOT_CERTIFICATE KEY_FILE LABELS IMAGE

The stubs come from the repository's proto/ folder:

    python -m grpc_tools.protoc -Iproto --python_out=stubs --grpc_python_out=stubs $(cd proto && find tensorflow* -name '*.proto')
    export PYTHONPATH=stubs
"""

import array
import json
import sys
from pathlib import Path

import grpc
from tensorflow.core.framework import types_pb2
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc


def open_channel(address, hostname, root_certificate):
    """A channel to an address, checked against the certificate's host name: no DNS record needed."""
    credentials = grpc.ssl_channel_credentials(root_certificates=root_certificate)
    return grpc.secure_channel(address, credentials, [("grpc.ssl_target_name_override", hostname)])


def images_request(images):
    """A request that carries encoded images (JPEG, PNG, …)."""
    request = predict_pb2.PredictRequest()
    tensor = request.inputs["images"]
    tensor.dtype = types_pb2.DT_STRING
    tensor.tensor_shape.dim.add(size=len(images))
    tensor.string_val.extend(images)
    return request


def score_images(channel, key, images, timeout=30):
    """Scores encoded images. Returns a list of probabilities for each."""
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    response = stub.Predict(images_request(images), timeout=timeout, metadata=[("authorization", key)])
    return rows_of(response.outputs["output_alias"])


def rows_of(tensor):
    """The rows of a DT_FLOAT tensor of shape [n, classes]."""
    floats = array.array("f", tensor.float_val)
    if not floats:
        floats.frombytes(tensor.tensor_content)
        if sys.byteorder == "big":
            floats.byteswap()
    _, classes = (dim.size for dim in tensor.tensor_shape.dim)
    return [floats[start : start + classes].tolist() for start in range(0, len(floats), classes)]


def main(address, hostname, root_certificate, key_file, labels, image):
    key = json.loads(Path(key_file).read_text())["primaryKey"]
    names = Path(labels).read_text().splitlines()
    with open_channel(address, hostname, Path(root_certificate).read_bytes()) as channel:
        [probabilities] = score_images(channel, key, [Path(image).read_bytes()])
    top = sorted(range(len(probabilities)), key=lambda index: -probabilities[index])[:5]
    for index in top:
        print(f"{probabilities[index]:6.1%}  {names[index]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
