"""Scores an image.

    SCORING_KEY=… python score.py ADDRESS:PORT HOSTNAME ROOTS.pem IMAGE

If ROOTS.pem is '', gRPC reads the file that GRPC_DEFAULT_SSL_ROOTS_FILE_PATH names.
"""

import os
import sys
from array import array
from pathlib import Path

import grpc
from tensorflow.core.framework import types_pb2
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc


def score(address, hostname, roots, image, key):
    # The option is needed only if the address differs from the certificate's host name, and the roots only if no public
    # authority issued the certificate.
    credentials = grpc.ssl_channel_credentials(Path(roots).read_bytes() if roots else None)
    options = [("grpc.ssl_target_name_override", hostname)]
    with grpc.secure_channel(address, credentials, options) as channel:
        request = predict_pb2.PredictRequest()
        images = request.inputs["images"]
        images.dtype = types_pb2.DT_STRING
        images.tensor_shape.dim.add(size=1)
        images.string_val.append(Path(image).read_bytes())
        response = prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict(
            request, timeout=30, metadata=[("authorization", key)] if key else None
        )
    output = response.outputs["output_alias"]
    # Servers return the numbers in float_val or, as little-endian bytes, in tensor_content.
    if output.float_val:
        return output.float_val
    probabilities = array("f", output.tensor_content)
    if sys.byteorder == "big":
        probabilities.byteswap()
    return probabilities


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit("usage: score.py ADDRESS:PORT HOSTNAME ROOTS.pem IMAGE, with the key in SCORING_KEY")
    probabilities = score(*sys.argv[1:], os.environ.get("SCORING_KEY"))
    best = max(range(len(probabilities)), key=probabilities.__getitem__)
    print(f"class {best} with {100 * probabilities[best]:.1f} %")
