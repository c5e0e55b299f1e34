"""MLServer runtime for an ONNX file whose input and output are named in the model's settings."""

import onnxruntime
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class OnnxModel(MLModel):
    async def load(self):
        uri = self.settings.parameters.uri
        self.session = onnxruntime.InferenceSession(uri, providers=["CPUExecutionProvider"])
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        [given] = payload.inputs
        [output] = [tensor.name for tensor in self.settings.outputs]
        [features] = self.session.run([output], {given.name: NumpyCodec.decode_input(given)})
        return InferenceResponse(
            model_name=self.name, model_version=self.version, outputs=[NumpyCodec.encode_output(output, features)]
        )
