"""MLServer runtime with the sample model."""

import numpy
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse
from scorer import Scorer


class Classifier(MLModel):
    async def load(self):
        self.scorer = Scorer()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        [image] = payload.inputs[0].data.root
        probabilities = self.scorer.score(bytes(image))
        output = NumpyCodec.encode_output("probabilities", numpy.asarray(probabilities))
        return InferenceResponse(model_name=self.name, outputs=[output])
