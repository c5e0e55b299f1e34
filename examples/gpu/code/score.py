"""Entry script: loads the classifier and scores rows of 784 numbers.

It runs on a GPU where there is one: on AKS its environment holds onnxruntime-gpu, on this machine onnxruntime.
"""

import json
import os

import numpy as np
import onnxruntime
from azureml_inference_server_http.api.aml_response import AMLResponse

PIXELS = 784


def init():
    global session
    path = os.path.join(os.environ["AZUREML_MODEL_DIR"], "model", "digits.onnx")
    wanted = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    available = onnxruntime.get_available_providers()
    session = onnxruntime.InferenceSession(path, providers=[each for each in wanted if each in available])


def run(raw_data):
    try:
        rows = read_rows(raw_data)
    except ValueError as error:
        return AMLResponse({"message": str(error)}, 400, json_str=True)
    labels, scores = session.run(None, {session.get_inputs()[0].name: rows})
    return {"predictions": labels.tolist(), "scores": scores.tolist()}


def read_rows(raw_data):
    expected = f'expected {{"data": [[...]]}} with rows of {PIXELS} numbers from 0 to 1'
    try:
        data = json.loads(raw_data)["data"]
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"the body is not valid JSON; {expected}") from None
    if not isinstance(data, list) or not data or not all(isinstance(row, list) for row in data):
        raise ValueError(f"data is not a list of rows; {expected}")
    for number, row in enumerate(data):
        if len(row) != PIXELS:
            raise ValueError(f"row {number} has {len(row)} values; {expected}")
        if not all(type(value) in (int, float) and 0 <= value <= 1 for value in row):
            raise ValueError(f"row {number} contains a value that is not a number from 0 to 1; {expected}")
    return np.array(data, dtype=np.float32)
