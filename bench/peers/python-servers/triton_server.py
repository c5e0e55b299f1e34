"""Triton's Python backend with the sample model: triton_server.py HTTP_PORT GRPC_PORT METRICS_PORT"""

import os
import sys

import numpy
from pytriton.model_config import ModelConfig, Tensor
from pytriton.triton import Triton, TritonConfig
from scorer import Scorer

http_port, grpc_port, metrics_port = map(int, sys.argv[1:])
scorer = Scorer()


def classify(requests):
    return [{"probabilities": scorer.score(request["image"].reshape(-1)[0])} for request in requests]


config = TritonConfig(http_port=http_port, grpc_port=grpc_port, metrics_port=metrics_port)
with Triton(config=config) as triton:
    triton.bind(
        model_name="sample",
        # One instance per core.
        infer_func=[classify] * os.cpu_count(),
        inputs=[Tensor(name="image", dtype=bytes, shape=(1,))],
        outputs=[Tensor(name="probabilities", dtype=numpy.float32, shape=(1, 1000))],
        config=ModelConfig(batching=False),
    )
    triton.serve()
