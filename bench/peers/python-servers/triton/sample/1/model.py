"""The sample in Triton's Python backend."""

import triton_python_backend_utils as triton
from scorer import Scorer


class TritonPythonModel:
    def initialize(self, args):
        self.scorer = Scorer()

    def execute(self, requests):
        return [self.score(request) for request in requests]

    def score(self, request):
        [image] = triton.get_input_tensor_by_name(request, "image").as_numpy().reshape(-1)
        probabilities = triton.Tensor("probabilities", self.scorer.score(image))
        return triton.InferenceResponse([probabilities])
