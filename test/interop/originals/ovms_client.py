"""Calls a service with ovmsclient: ovms_client.py ADDRESS:PORT MODEL INPUT IMAGE|ARRAY. Prints JSON."""

import json
import sys
from pathlib import Path

import numpy
from ovmsclient import make_grpc_client

address, model, name, value = sys.argv[1:]
client = make_grpc_client(address)
given = numpy.array(json.loads(value), dtype=numpy.float32) if value.startswith("[") else Path(value).read_bytes()
calls = {
    "status": lambda: client.get_model_status(model_name=model),
    "metadata": lambda: client.get_model_metadata(model_name=model),
    "answer": lambda: client.predict(inputs={name: given}, model_name=model).tolist(),
}
results = {}
for each, call in calls.items():
    try:
        results[each] = call()
    except Exception as error:
        results[each] = str(error)
print(json.dumps(results))
