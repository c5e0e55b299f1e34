"""KServe's model server with the sample model: kserve_server.py HTTP_PORT GRPC_PORT"""

import sys

from kserve import InferOutput, InferRequest, InferResponse, Model, ModelServer
from scorer import Scorer

http_port, grpc_port = sys.argv[1:]
# The server reads its own arguments from there.
del sys.argv[1:]


class Classifier(Model):
    def load(self):
        self.scorer = Scorer()
        self.ready = True

    async def predict(self, payload: InferRequest, headers=None, response_headers=None):
        [image] = payload.inputs[0].as_numpy().reshape(-1)
        probabilities = self.scorer.score(image)
        output = InferOutput(name="probabilities", shape=list(probabilities.shape), datatype="FP32")
        output.set_data_from_numpy(probabilities, binary_data=True)
        return InferResponse(response_id=payload.id, model_name=self.name, infer_outputs=[output])


model = Classifier("sample")
model.load()
ModelServer(http_port=int(http_port), grpc_port=int(grpc_port), workers=1, enable_grpc=True).start([model])
