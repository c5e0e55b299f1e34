"""Backend `onnxruntime` for Triton, in Python: nvidia-pytriton ships Triton with no backend but its Python one."""

import json
import os

import onnxruntime
import triton_python_backend_utils as triton


class TritonPythonModel:
    def initialize(self, args):
        config = json.loads(args["model_config"])
        [self.input], [self.output] = ([tensor["name"] for tensor in config[kind]] for kind in ("input", "output"))
        file = os.path.join(args["model_repository"], args["model_version"], "model.onnx")
        self.session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])

    def execute(self, requests):
        return [triton.InferenceResponse([self.run(request)]) for request in requests]

    def run(self, request):
        images = triton.get_input_tensor_by_name(request, self.input).as_numpy()
        [features] = self.session.run([self.output], {self.input: images})
        return triton.Tensor(self.output, features)
