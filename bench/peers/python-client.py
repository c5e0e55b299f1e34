"""grpcio's client under load: prints calls per second. Reads the target as JSON and the key from BENCH_KEY."""

import json
import os
import sys
import threading
import time

import grpc
from tensorflow.core.framework import types_pb2
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

load = json.loads(sys.argv[1])
metadata = (("authorization", os.environ["BENCH_KEY"]),)
image = os.urandom(load["imageBytes"])

with open(load["certificateFile"], "rb") as file:
    credentials = grpc.ssl_channel_credentials(file.read())
channel = grpc.secure_channel(
    f"127.0.0.1:{load['port']}",
    credentials,
    options=[("grpc.ssl_target_name_override", load["hostname"])],
)
stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)


def predict():
    """Does the same as our client: creates the message, calls, and extracts the probabilities from the response."""
    request = predict_pb2.PredictRequest()
    tensor = request.inputs["images"]
    tensor.dtype = types_pb2.DT_STRING
    tensor.tensor_shape.dim.add().size = 1
    tensor.string_val.append(image)
    response = stub.Predict(request, timeout=30, metadata=metadata)
    return response.outputs["output_alias"].float_val


def calls_per_second(seconds):
    ends_at = time.perf_counter() + seconds
    counts = [0] * load["inFlight"]

    def work(index):
        while time.perf_counter() < ends_at:
            predict()
            counts[index] += 1

    started_at = time.perf_counter()
    threads = [threading.Thread(target=work, args=(index,)) for index in range(load["inFlight"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started_at)


calls_per_second(1)
print(calls_per_second(load["seconds"]))
