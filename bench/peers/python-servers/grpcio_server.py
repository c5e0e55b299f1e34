"""A hand-written server of TensorFlow Serving's protocol: grpcio_server.py PORT"""

import os
import sys
from concurrent import futures

import grpc
from scorer import Scorer
from tensorflow.core.framework import types_pb2
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc


class Prediction(prediction_service_pb2_grpc.PredictionServiceServicer):
    def __init__(self):
        self.scorer = Scorer()

    def Predict(self, request, context):
        [image] = request.inputs["images"].string_val
        probabilities = self.scorer.score(image)
        response = predict_pb2.PredictResponse()
        tensor = response.outputs["output_alias"]
        tensor.dtype = types_pb2.DT_FLOAT
        for size in probabilities.shape:
            tensor.tensor_shape.dim.add().size = size
        tensor.tensor_content = probabilities.tobytes()
        return response


server = grpc.server(
    futures.ThreadPoolExecutor(max_workers=os.cpu_count() * 2),
    options=[("grpc.max_receive_message_length", 32 * 1024 * 1024)],
)
prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(Prediction(), server)
server.add_insecure_port(f"127.0.0.1:{sys.argv[1]}")
server.start()
server.wait_for_termination()
