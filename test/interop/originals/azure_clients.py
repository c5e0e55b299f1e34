"""Calls a service with the unmodified PredictionClient of azureml-contrib-brainwave or azureml-accel-models.

    azure_clients.py CALLS

CALLS is a JSON list of {client, port, ssl, key, fixed, method, image, array, outputs}. Prints a JSON list with an answer or an
error for each.
"""

import json
import sys
import sysconfig
import time
import types
from pathlib import Path

import grpc
import numpy

PACKAGES = Path(sysconfig.get_path("purelib"))


def package(name):
    """A package without its __init__, which imports Azure's management libraries. The clients need none of them."""
    module = types.ModuleType(name)
    module.__path__ = [str(PACKAGES / name.replace(".", "/"))]
    sys.modules[name] = module
    return module


def contrib():
    for name in ("azureml", "azureml.contrib", "azureml.contrib.brainwave"):
        package(name)
    from azureml.contrib.brainwave.client import PredictionClient

    return PredictionClient


def accel():
    for name in ("azureml", "azureml.accel", "azureml.core", "azureml.core.webservice"):
        package(name)
    # An annotation of client_from_service, which looks a service up in Azure.
    package("azureml.core.webservice.aks").AksWebservice = object
    from azureml.accel._client import PredictionClient

    return PredictionClient


def connect(call):
    constructor = {"contrib": contrib, "accel": accel}[call["client"]]()
    client = constructor("localhost", call["port"], call["ssl"], call["key"])
    if call.get("fixed"):
        # The one line of docs/migrating-from-azure-ml-sdk-v1.md: this client never sends its key.
        client._channel_func = lambda: grpc.secure_channel(f"localhost:{call['port']}", grpc.composite_channel_credentials(grpc.ssl_channel_credentials(), grpc.access_token_call_credentials(call["key"])))
    return client


def answer(call):
    client, method = connect(call), call["method"]
    if "image" in call:
        return getattr(client, method)(call["image"])
    array = numpy.array(call["array"], dtype=call.get("dtype", "float32"))
    return getattr(client, method)(array if call["client"] == "contrib" else {"images": array})


def result(call):
    try:
        return {"answer": numpy.asarray(answer(call)).tolist()}
    except grpc.RpcError as error:
        status = error.code().name if hasattr(error, "code") else None
        return {"error": str(error), "status": status}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


# Both wait a quarter of a minute between their five tries.
time.sleep = lambda seconds: None
results = [result(call) for call in json.loads(sys.argv[1])]
print(json.dumps(results))
