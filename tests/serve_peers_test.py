"""Lets other people's clients of the Open Inference Protocol talk to `regard serve`, and others' validator read its
description.

usage: serve_peers_test.py --program build/regard [unittest's arguments]

It needs tritonclient[http], kserve and openapi-spec-validator (pip); each test without its package is skipped.
"""

import argparse
import asyncio
import importlib.util
import json
import pathlib
import unittest

from serve_test import ASTRONAUT, HOPPER, Options, Served, recognized

MODEL = "ferplus-mobilenet"


def needs(*packages):
    missing = [package for package in packages if importlib.util.find_spec(package) is None]
    return unittest.skipIf(missing, f"not installed: {', '.join(missing)}")


class Peers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.served = cls.enterClassContext(Served())

    def faces(self, text, path):
        """Held against what `regard recognize` prints, but for the name of the file."""
        expected = json.loads(recognized(path))
        self.assertEqual({**json.loads(text), "file": ""}, {**expected, "file": ""})

    @needs("tritonclient", "numpy")
    def test_tritonclient(self):
        import numpy
        import tritonclient.http as triton
        client = triton.InferenceServerClient(f"127.0.0.1:{self.served.port}")
        self.assertTrue(client.is_server_live() and client.is_server_ready() and client.is_model_ready(MODEL))
        self.assertTrue(client.is_model_ready(MODEL, "1"))
        self.assertFalse(client.is_model_ready("no-such-model"))
        self.assertIn("binary_tensor_data", client.get_server_metadata()["extensions"])
        metadata = client.get_model_metadata(f"{MODEL}-chips")
        size = metadata["inputs"][0]["shape"][1]

        images = triton.InferInput("image", [2], "BYTES")
        images.set_data_from_numpy(numpy.array([ASTRONAUT.read_bytes(), HOPPER.read_bytes()], dtype=numpy.object_))
        for outputs in (None, [triton.InferRequestedOutput("faces", binary_data=False)]):
            result = client.infer(MODEL, [images], outputs=outputs, request_id="18")
            self.assertEqual(result.get_response()["id"], "18")
            for text, path in zip(result.as_numpy("faces"), (ASTRONAUT, HOPPER)):
                self.faces(text, path)

        chips = triton.InferInput("chips", [3, size, size, 3], "UINT8")
        grey = numpy.stack([numpy.full((size, size, 3), value, numpy.uint8) for value in (0, 128, 255)])
        answers = []
        for binary in (True, False):
            chips.set_data_from_numpy(grey, binary_data=binary)
            result = client.infer(f"{MODEL}-chips", [chips])
            answers.append(result.as_numpy("probabilities"))
            self.assertEqual(answers[-1].shape, (3, len(metadata["parameters"]["labels"])))
            numpy.testing.assert_allclose(answers[-1].sum(axis=1), 1, atol=1e-5)
            best = [metadata["parameters"]["labels"][i] for i in answers[-1].argmax(axis=1)]
            self.assertEqual([e.decode() for e in result.as_numpy("expression")], best)
        numpy.testing.assert_array_equal(*answers)

        pixels = triton.InferInput("pixels", [64, 48, 3], "UINT8")
        pixels.set_data_from_numpy(numpy.zeros((64, 48, 3), numpy.uint8))
        found = json.loads(client.infer(f"{MODEL}-pixels", [pixels]).as_numpy("faces")[0])
        self.assertEqual((found["width"], found["height"], found["faces"]), (48, 64, []))

        wrong = triton.InferInput("image", [1], "BYTES")
        wrong.set_data_from_numpy(numpy.array([b"no image"], dtype=numpy.object_))
        with self.assertRaisesRegex(triton.InferenceServerException, "image 0: is not an image that can be read"):
            client.infer(MODEL, [wrong])
        with self.assertRaisesRegex(triton.InferenceServerException, "chips UINT8"):
            client.infer(f"{MODEL}-chips", [wrong])
        with self.assertRaisesRegex(triton.InferenceServerException, "no model nothing"):
            client.infer("nothing", [wrong])
        client.close()

    @needs("kserve")
    def test_kserve(self):
        from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig

        async def talk():
            client = InferenceRESTClient(RESTConfig(protocol="v2"))
            url = f"http://127.0.0.1:{self.served.port}"
            self.assertTrue(await client.is_server_live(url) and await client.is_server_ready(url))
            self.assertTrue(await client.is_model_ready(url, MODEL))
            pixels = InferInput("pixels", [2, 2, 3], "UINT8", data=[0] * 12)
            return await client.infer(url, InferRequest(f"{MODEL}-pixels", [pixels]), model_name=f"{MODEL}-pixels")
        answer = asyncio.run(talk())
        answer = answer if isinstance(answer, dict) else answer.to_dict()
        found = json.loads(answer["outputs"][0]["data"][0])
        self.assertEqual((found["width"], found["faces"]), (2, []))

    @needs("openapi_spec_validator")
    def test_the_description_is_valid(self):
        import openapi_spec_validator
        openapi_spec_validator.validate(json.loads(self.served.ask("GET", "/openapi.json")[2]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=pathlib.Path)
    options, rest = parser.parse_known_args()
    Options.program = str(options.program.resolve())
    unittest.main(argv=["serve_peers_test.py", *rest])
