"""What a client in Python, written only from the proto files, can rely on. run.ts starts the servers."""

import array
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path
from types import SimpleNamespace

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tensorflow.core.framework import tensor_pb2, types_pb2
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from client import images_request, open_channel, rows_of, score_images

SETTING = json.loads(Path(os.environ["INTEROP_SETTING"]).read_text(), object_hook=lambda it: SimpleNamespace(**it))
SAMPLE = Path(SETTING.sampleFolder)
LABELS = SAMPLE / "models/imagenet-labels.txt"
IMAGES = {name: (SAMPLE / "images" / name).read_bytes() for name in ("chelsea.png", "coffee.png", "rocket.jpg")}
# What TensorFlow 2.19 answers for them: the sample models' README has the table.
EXPECTED = {"chelsea.png": (282, 0.399), "coffee.png": (967, 0.954), "rocket.jpg": (657, 0.281)}
FEATURES = 1280
# Generous: these tests are about answers, not about how soon they come on a busy machine.
TIMEOUT = 120


def key_of(server, which="primaryKey"):
    return vars(json.loads(Path(server.keyFile).read_text(), object_hook=lambda it: SimpleNamespace(**it)))[which]


def authorized(server):
    return [("authorization", key_of(server))]


def channel_to(server, roots=None, hostname=None):
    roots = roots or Path(server.certificateFile).read_bytes()
    return open_channel(server.address, hostname or server.hostname, roots)


def top_class(probabilities):
    return max(range(len(probabilities)), key=probabilities.__getitem__)


def features_request(tensor, model="features"):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = model
    request.inputs["features"].CopyFrom(tensor)
    return request


def features_tensor(rows, **content):
    tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, **content)
    for size in (rows, 1, 1, FEATURES):
        tensor.tensor_shape.dim.add(size=size)
    return tensor


class InteropTest(unittest.TestCase):
    server = SETTING.images

    @classmethod
    def setUpClass(cls):
        cls.channel = channel_to(cls.server)
        cls.key = key_of(cls.server)
        cls.prediction = prediction_service_pb2_grpc.PredictionServiceStub(cls.channel)
        cls.models = model_service_pb2_grpc.ModelServiceStub(cls.channel)
        cls.health = health_pb2_grpc.HealthStub(cls.channel)

    @classmethod
    def tearDownClass(cls):
        cls.channel.close()

    def assert_refused(self, code, pattern, call):
        """The call ends with a status and a sentence that matches. Returns the error."""
        with self.assertRaises(grpc.RpcError) as refusal:
            call()
        self.assertEqual(refusal.exception.code(), code, refusal.exception.details())
        self.assertRegex(refusal.exception.details(), pattern)
        return refusal.exception

    def assert_sample(self, name, probabilities):
        label, probability = EXPECTED[name]
        self.assertEqual(top_class(probabilities), label)
        self.assertAlmostEqual(probabilities[label], probability, delta=0.06)


class Scoring(InteropTest):
    def test_scores_each_sample_image_as_tensorflow_does(self):
        for name, image in IMAGES.items():
            [probabilities] = score_images(self.channel, self.key, [image], TIMEOUT)
            self.assert_sample(name, probabilities)

    def test_scores_several_images_in_one_call_in_their_order(self):
        rows = score_images(self.channel, self.key, list(IMAGES.values()), TIMEOUT)
        for name, probabilities in zip(IMAGES, rows):
            self.assert_sample(name, probabilities)

    def test_client_py_run_as_a_command_prints_the_top_classes(self):
        server = self.server
        arguments = [server.address, server.hostname, server.certificateFile, server.keyFile, LABELS]
        program = Path(__file__).with_name("client.py")
        printed = subprocess.run(
            [sys.executable, program, *arguments, SAMPLE / "images/coffee.png"],
            check=True, capture_output=True, text=True, timeout=TIMEOUT,
        ).stdout.splitlines()
        self.assertEqual(len(printed), 5)
        self.assertRegex(printed[0], r"^ *9\d\.\d%  espresso$")

    def test_answers_100_concurrent_calls_on_one_channel(self):
        names = [list(IMAGES)[index % 3] for index in range(100)]
        calls = []
        for name in names:
            request = images_request([IMAGES[name]])
            calls.append(self.prediction.Predict.future(request, TIMEOUT, authorized(self.server)))
        for name, call in zip(names, calls):
            [probabilities] = rows_of(call.result().outputs["output_alias"])
            self.assert_sample(name, probabilities)
        # Node's own, such as of listeners that look like a leak.
        self.assertNotIn("Warning:", Path(self.server.logFile).read_text())

    def test_a_gzip_compressed_request_is_scored_like_a_plain_one(self):
        # Bytes after an image's end are not read; these make the message worth compressing.
        request = images_request([IMAGES["rocket.jpg"] + bytes(200_000)])
        for compression in (grpc.Compression.Gzip, grpc.Compression.Deflate):
            response = self.prediction.Predict(request, TIMEOUT, authorized(self.server), compression=compression)
            [probabilities] = rows_of(response.outputs["output_alias"])
            self.assert_sample("rocket.jpg", probabilities)

    def test_a_cancelled_call_does_not_hurt_the_next(self):
        request = images_request([IMAGES["coffee.png"]] * 16)
        call = self.prediction.Predict.future(request, TIMEOUT, authorized(self.server))
        call.cancel()
        self.assertEqual(call.code(), grpc.StatusCode.CANCELLED)
        [probabilities] = score_images(self.channel, self.key, [IMAGES["rocket.jpg"]], TIMEOUT)
        self.assert_sample("rocket.jpg", probabilities)


class Keys(InteropTest):
    def predict(self, metadata, image=b"\xff\xd8"):
        return self.prediction.Predict(images_request([image]), TIMEOUT, metadata)

    def test_refuses_a_call_without_a_key_and_says_so(self):
        self.assert_refused(grpc.StatusCode.UNAUTHENTICATED, "no key", lambda: self.predict([]))

    def test_refuses_a_wrong_key_and_says_so(self):
        wrong = [("authorization", self.key[:-1])]
        self.assert_refused(grpc.StatusCode.UNAUTHENTICATED, "key is invalid", lambda: self.predict(wrong))

    def test_refuses_a_large_request_without_a_key_while_it_is_still_being_sent(self):
        large = bytes(20_000_000)
        self.assert_refused(grpc.StatusCode.UNAUTHENTICATED, "no key", lambda: self.predict([], large))
        [probabilities] = score_images(self.channel, self.key, [IMAGES["rocket.jpg"]], TIMEOUT)
        self.assert_sample("rocket.jpg", probabilities)

    def test_takes_the_secondary_key(self):
        secondary = key_of(self.server, "secondaryKey")
        [probabilities] = score_images(self.channel, secondary, [IMAGES["rocket.jpg"]], TIMEOUT)
        self.assert_sample("rocket.jpg", probabilities)

    def test_takes_a_key_as_grpcs_own_access_token_credentials_send_it(self):
        roots = Path(self.server.certificateFile).read_bytes()
        credentials = grpc.composite_channel_credentials(
            grpc.ssl_channel_credentials(roots), grpc.access_token_call_credentials(self.key)
        )
        options = [("grpc.ssl_target_name_override", self.server.hostname)]
        with grpc.secure_channel(self.server.address, credentials, options) as channel:
            stub = model_service_pb2_grpc.ModelServiceStub(channel)
            stub.GetModelStatus(get_model_status_pb2.GetModelStatusRequest(), timeout=TIMEOUT)

    def test_model_status_and_metadata_need_the_key(self):
        status = get_model_status_pb2.GetModelStatusRequest()
        metadata = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
        for call, request in ((self.models.GetModelStatus, status), (self.prediction.GetModelMetadata, metadata)):
            self.assert_refused(grpc.StatusCode.UNAUTHENTICATED, "no key", lambda: call(request, TIMEOUT))


class Certificates(InteropTest):
    def assert_no_connection(self, channel, pattern):
        with channel:
            stub = health_pb2_grpc.HealthStub(channel)
            request = health_pb2.HealthCheckRequest()
            self.assert_refused(grpc.StatusCode.UNAVAILABLE, pattern, lambda: stub.Check(request, TIMEOUT))

    def test_a_certificate_that_is_not_trusted_ends_the_call(self):
        strangers = Path(self.server.nextCertificateFile).read_bytes()
        self.assert_no_connection(channel_to(self.server, roots=strangers), "(?i)certificate.verify.failed")

    def test_a_host_name_that_the_certificate_does_not_cover_ends_the_call(self):
        self.assert_no_connection(channel_to(self.server, hostname="other.localhost"), "(?i)hostname|peer name")

    def test_a_plaintext_channel_ends_the_call(self):
        self.assert_no_connection(grpc.insecure_channel(self.server.address), ".")


class Health(InteropTest):
    def test_check_needs_no_key(self):
        for service in ("", "tensorflow.serving.PredictionService"):
            response = self.health.Check(health_pb2.HealthCheckRequest(service=service), TIMEOUT)
            self.assertEqual(response.status, health_pb2.HealthCheckResponse.SERVING)

    def test_check_of_an_unknown_service_is_not_found(self):
        request = health_pb2.HealthCheckRequest(service="no.such.Service")
        self.assert_refused(grpc.StatusCode.NOT_FOUND, "no.such.Service", lambda: self.health.Check(request, TIMEOUT))

    def test_watch_of_an_unknown_service_says_so_and_stays_open(self):
        watch = self.health.Watch(health_pb2.HealthCheckRequest(service="no.such.Service"), TIMEOUT)
        self.assertEqual(next(watch).status, health_pb2.HealthCheckResponse.SERVICE_UNKNOWN)
        self.assertTrue(watch.is_active())
        watch.cancel()
        self.assertEqual(watch.code(), grpc.StatusCode.CANCELLED)


class Models(InteropTest):
    def test_model_status_is_available(self):
        request = get_model_status_pb2.GetModelStatusRequest()
        request.model_spec.name = "images"
        response = self.models.GetModelStatus(request, TIMEOUT, authorized(self.server))
        [version] = response.model_version_status
        self.assertEqual((version.version, version.state), (1, get_model_status_pb2.ModelVersionStatus.AVAILABLE))

    def test_model_metadata_unpacks_to_the_signature(self):
        request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
        request.model_spec.name = "images"
        response = self.prediction.GetModelMetadata(request, TIMEOUT, authorized(self.server))
        signatures = get_model_metadata_pb2.SignatureDefMap()
        self.assertTrue(response.metadata["signature_def"].Unpack(signatures))
        signature = signatures.signature_def["serving_default"]
        self.assertEqual(signature.inputs["images"].dtype, types_pb2.DT_STRING)
        output = signature.outputs["output_alias"]
        self.assertEqual(output.dtype, types_pb2.DT_FLOAT)
        self.assertEqual([dim.size for dim in output.tensor_shape.dim], [-1, 1000])


class Arrays(InteropTest):
    server = SETTING.features
    values = [(index * 7 % 13) / 13 for index in range(2 * FEATURES)]

    def predict(self, tensor, **options):
        return self.prediction.Predict(features_request(tensor), TIMEOUT, authorized(self.server), **options)

    def test_an_array_in_tensor_content_and_in_float_val_scores_the_same(self):
        floats = array.array("f", self.values)
        if sys.byteorder == "big":
            floats.byteswap()
        packed = self.predict(features_tensor(2, tensor_content=floats.tobytes()))
        listed = self.predict(features_tensor(2, float_val=self.values))
        for probabilities in rows_of(packed.outputs["output_alias"]):
            self.assertAlmostEqual(sum(probabilities), 1, places=4)
        self.assertEqual(packed, listed)

    def test_a_gzip_compressed_array_scores_the_same(self):
        tensor = features_tensor(2, float_val=self.values)
        self.assertEqual(self.predict(tensor, compression=grpc.Compression.Gzip), self.predict(tensor))

    def test_an_array_of_another_shape_is_refused_with_what_was_got_and_expected(self):
        tensor = features_tensor(1, float_val=self.values[:FEATURES])
        tensor.tensor_shape.dim[3].size = 1279
        tensor.float_val.pop()
        self.assert_refused(grpc.StatusCode.INVALID_ARGUMENT, "1279.*1280", lambda: self.predict(tensor))

    def test_a_model_can_be_asked_for_by_its_version_number(self):
        request = features_request(features_tensor(1, float_val=self.values[:FEATURES]))
        request.model_spec.version.value = 1
        response = self.prediction.Predict(request, TIMEOUT, authorized(self.server))
        self.assertEqual(response.model_spec.version.value, 1)


class Refusals(InteropTest):
    server = SETTING.features

    def predict(self, request, metadata=()):
        return self.prediction.Predict(request, TIMEOUT, [*authorized(self.server), *metadata])

    def test_non_ascii_text_in_an_error_arrives_unchanged(self):
        name = "modèle 猫 🐈 100% \n\u0000 «%41»"
        request = features_request(tensor_pb2.TensorProto(), name)
        refusal = self.assert_refused(grpc.StatusCode.NOT_FOUND, "unknown model", lambda: self.predict(request))
        self.assertIn(f'"{name}"', refusal.details())

    def test_an_error_that_quotes_a_very_long_name_still_arrives(self):
        request = features_request(tensor_pb2.TensorProto(), "long" * 250_000)
        refusal = self.assert_refused(grpc.StatusCode.NOT_FOUND, '"longlong', lambda: self.predict(request))
        # grpcio takes 8 KiB of metadata unless it is told otherwise.
        self.assertLess(len(refusal.details()), 8192)

    def test_half_a_surrogate_pair_in_a_name_does_not_hurt_the_server(self):
        # Not UTF-8, so that no stub would send it: a HealthCheckRequest by hand.
        check = self.channel.unary_unary("/grpc.health.v1.Health/Check")
        self.assert_refused(grpc.StatusCode.NOT_FOUND, "unknown service", lambda: check(b"\x0a\x03\xed\xa0\x80", TIMEOUT))

    def test_the_request_id_comes_back_with_a_refusal(self):
        request = features_request(tensor_pb2.TensorProto(), "other")
        mine = [("x-request-id", "interop-1")]
        refusal = self.assert_refused(grpc.StatusCode.NOT_FOUND, "other", lambda: self.predict(request, mine))
        returned = dict(refusal.initial_metadata())
        self.assertEqual(returned["x-request-id"], "interop-1")
        self.assertEqual(returned["request_id"], "interop-1")

    def test_a_method_that_is_not_there_is_unimplemented(self):
        method = self.channel.unary_unary("/tensorflow.serving.PredictionService/Regress")
        self.assert_refused(
            grpc.StatusCode.UNIMPLEMENTED, "call Predict or Classify", lambda: method(b"", TIMEOUT, authorized(self.server))
        )

    def test_bytes_that_are_no_message_are_refused(self):
        method = self.channel.unary_unary("/tensorflow.serving.PredictionService/Predict")
        self.assert_refused(
            grpc.StatusCode.INVALID_ARGUMENT,
            "not a valid request",
            lambda: method(b"\x0a\xff\xff\xff\x7f", TIMEOUT, authorized(self.server)),
        )

    def test_a_message_over_the_limit_is_refused_and_the_channel_goes_on(self):
        too_large = features_request(features_tensor(1, tensor_content=bytes(40 * 1024 * 1024)))
        self.assert_refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "at most", lambda: self.predict(too_large))
        self.predict(features_request(features_tensor(1, float_val=[0.5])))


class Deadlines(InteropTest):
    request = images_request([IMAGES["rocket.jpg"]] * 16)

    def test_a_deadline_that_passes_is_deadline_exceeded_and_the_next_call_is_served(self):
        call = lambda: self.prediction.Predict(self.request, 0.005, authorized(self.server))
        self.assert_refused(grpc.StatusCode.DEADLINE_EXCEEDED, ".", call)
        [probabilities] = score_images(self.channel, self.key, [IMAGES["rocket.jpg"]], TIMEOUT)
        self.assert_sample("rocket.jpg", probabilities)

    def test_the_server_itself_ends_a_call_at_its_deadline(self):
        # The header alone, without a timer of the client's own: the answer is the server's.
        metadata = [*authorized(self.server), ("grpc-timeout", "5m")]
        call = lambda: self.prediction.Predict(self.request, metadata=metadata)
        self.assert_refused(grpc.StatusCode.DEADLINE_EXCEEDED, r"deadline of \d+ ms was exceeded", call)


class CertificateReload(InteropTest):
    server = SETTING.features

    def use(self, certificate, private_key):
        """Puts another pair in place and waits until the server says that it has read it."""
        before = self.state().reloads
        shutil.copyfile(certificate, self.server.certificateFile)
        shutil.copyfile(private_key, self.server.privateKeyFile)
        os.kill(self.server.pid, signal.SIGHUP)
        give_up_at = time.monotonic() + TIMEOUT
        while self.state().reloads == before:
            self.assertLess(time.monotonic(), give_up_at, "the server has not read its files again")
            time.sleep(0.01)
        self.assertFalse(hasattr(self.state(), "failure"), self.state())

    def state(self):
        return json.loads(Path(self.server.stateFile).read_text(), object_hook=lambda it: SimpleNamespace(**it))

    def check(self, channel):
        health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), TIMEOUT)

    def test_an_open_channel_outlives_a_new_certificate_and_new_channels_get_it(self):
        server = self.server
        old_roots = Path(server.certificateFile).read_bytes()
        old_pair = [f"{server.certificateFile}.old", f"{server.privateKeyFile}.old"]
        shutil.copyfile(server.certificateFile, old_pair[0])
        shutil.copyfile(server.privateKeyFile, old_pair[1])
        new_roots = Path(server.nextCertificateFile).read_bytes()
        self.check(self.channel)
        self.use(server.nextCertificateFile, server.nextPrivateKeyFile)
        try:
            self.check(self.channel)
            request = features_request(features_tensor(1, float_val=[0.5]))
            self.prediction.Predict(request, TIMEOUT, authorized(server))
            with channel_to(server, roots=new_roots) as channel:
                self.check(channel)
            with channel_to(server, roots=old_roots) as channel:
                self.assert_refused(
                    grpc.StatusCode.UNAVAILABLE, "(?i)certificate.verify.failed", lambda: self.check(channel)
                )
            with channel_to(server, roots=old_roots + new_roots) as channel:
                self.check(channel)
        finally:
            self.use(*old_pair)


class Stopping(InteropTest):
    server = SETTING.stopping

    def test_watch_says_that_the_server_stops_and_ends_in_order(self):
        watch = self.health.Watch(health_pb2.HealthCheckRequest(), TIMEOUT)
        self.assertEqual(next(watch).status, health_pb2.HealthCheckResponse.SERVING)
        os.kill(self.server.pid, signal.SIGTERM)
        self.assertEqual(
            [response.status for response in watch], [health_pb2.HealthCheckResponse.NOT_SERVING]
        )
        self.assertEqual(watch.code(), grpc.StatusCode.OK)


class CountingResult(unittest.TextTestResult):
    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


if __name__ == "__main__":
    runner = unittest.TextTestRunner(sys.stdout, verbosity=2, resultclass=CountingResult)
    result = runner.run(unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"]))
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    Path(os.environ["INTEROP_RESULTS"]).write_text(json.dumps({"passed": result.passed, "failed": failed}))
    sys.exit(0 if result.wasSuccessful() else 1)
