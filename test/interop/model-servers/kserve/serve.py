"""KServe's model server with an ONNX file: serve.py FILE NAME INPUT OUTPUT HTTP_PORT GRPC_PORT"""

import sys

import onnxruntime
from kserve import InferOutput, InferRequest, InferResponse, Model, ModelServer

file, name, input_name, output_name, http_port, grpc_port = sys.argv[1:]
# The server reads its own arguments from there.
del sys.argv[1:]


class OnnxModel(Model):
    def load(self):
        self.session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        self.ready = True

    def get_input_types(self):
        return [{"name": input_name, "datatype": "FP32", "shape": [-1, 224, 224, 3]}]

    def get_output_types(self):
        return [{"name": output_name, "datatype": "FP32", "shape": [-1, 1, 1, 1280]}]

    async def predict(self, payload: InferRequest, headers=None, response_headers=None):
        [images] = payload.inputs
        [features] = self.session.run([output_name], {input_name: images.as_numpy()})
        output = InferOutput(name=output_name, shape=list(features.shape), datatype="FP32")
        output.set_data_from_numpy(features, binary_data=True)
        return InferResponse(response_id=payload.id, model_name=name, infer_outputs=[output])


model = OnnxModel(name)
model.load()
ModelServer(http_port=int(http_port), grpc_port=int(grpc_port), workers=1, enable_grpc=True).start([model])
