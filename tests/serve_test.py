"""Asks `regard serve` as clients do: well-behaved ones, slow ones, many at once, and those that try to break it.

usage: serve_test.py --program build/regard [--memory] [unittest's arguments]
  --memory   also check that memory does not grow (not in sanitizer builds)
"""

import argparse
import concurrent.futures
import functools
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
ASTRONAUT = ROOT / "samples" / "astronaut.png"
HOPPER = ROOT / "samples" / "grace_hopper.jpg"


class Options:
    program = None
    memory = False


class Served:
    """`regard serve` on a free port, or on a Unix socket, as long as it is entered."""

    def __init__(self, *flags, port=True):
        self.command = [Options.program, "serve", *map(str, flags), *(["--port", "0"] if port else [])]

    def __enter__(self):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=self.errors)
        self.said = self.process.stdout.readline().decode()
        found = re.search(r"http://[^/]*:(\d+)/", self.said)
        self.port = int(found.group(1)) if found else None
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()

    def connect(self, timeout=60):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, method, path, body=None, type=None, **headers):
        """Status, header, body."""
        connection = self.connect()
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if type:
            headers["Content-Type"] = type
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response.status, response.headers, content

    def raw(self, text, timeout=30):
        """What is answered to these bytes, until the connection ends."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as client:
            client.sendall(text)
            answer = b""
            while part := client.recv(65536):
                answer += part
        return answer

    def metric(self, name):
        text = self.ask("GET", "/metrics")[2].decode()
        return sum(float(line.rpartition(" ")[2]) for line in text.splitlines()
                   if line.split("{")[0].split(" ")[0] == name)

    def resident(self):
        """In MB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) / 1024

    def logged(self):
        self.errors.seek(0)
        return [json.loads(line) for line in self.errors.read().decode().splitlines()]


def recognized(*images):
    """What `regard recognize` prints."""
    return subprocess.run([Options.program, "recognize", *map(str, images), "--format", "json"], check=True,
                          capture_output=True, timeout=300).stdout


def form(*files, name="images"):
    """A multipart/form-data body and its type."""
    parts = [b"--boundary\r\nContent-Disposition: form-data; name=\"%s\"; filename=\"%s\"\r\n\r\n%s\r\n" %
             (name.encode(), str(file).encode(), content) for file, content in files]
    return b"".join(parts) + b"--boundary--\r\n", "multipart/form-data; boundary=boundary"


def large_png():
    """One that says it has 3.6 billion pixels."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(bytes(1000000))) + chunk(b"IEND", b""))


class Recognition(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.served = cls.enterClassContext(Served())

    def test_answers_are_what_recognize_prints(self):
        status, header, content = self.served.ask("POST", f"/recognize?file={ASTRONAUT}", ASTRONAUT.read_bytes(), "image/png")
        self.assertEqual((status, header["Content-Type"]), (200, "application/json"))
        self.assertEqual(content, recognized(ASTRONAUT))

    def test_several_images_in_one_request(self):
        body, type = form((ASTRONAUT, ASTRONAUT.read_bytes()), (HOPPER, HOPPER.read_bytes()), ("notes.txt", b"no image"))
        status, header, content = self.served.ask("POST", "/recognize", body, type)
        self.assertEqual((status, header["Content-Type"]), (200, "application/x-ndjson"))
        lines = content.splitlines(keepends=True)
        self.assertEqual(b"".join(lines[:2]), recognized(ASTRONAUT, HOPPER))
        wrong = json.loads(lines[2])
        self.assertEqual((wrong["file"], wrong["faces"]), ("notes.txt", []))
        self.assertIn("is not an image that can be read", wrong["error"])

    def test_explanations(self):
        image = ASTRONAUT.read_bytes()
        status, _, content = self.served.ask("POST", "/explain?file=a.png", image, "image/png")
        self.assertEqual(status, 200)
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "a.png").write_bytes(image)
            printed = subprocess.run([Options.program, "explain", "a.png", "--format", "json"], cwd=folder, check=True,
                                     capture_output=True, timeout=300).stdout
            self.assertEqual(content, printed)
            _, header, drawn = self.served.ask("POST", "/explain?format=png", image, "image/png")
            self.assertEqual(header["Content-Type"], "image/png")
            self.assertEqual(drawn, pathlib.Path(folder, "a-explained.png").read_bytes())

    def test_wrong_images(self):
        ask = self.served.ask
        for body, type, status, hint in [(b"text", "image/png", 415, "got text"), (b"", "image/png", 415, "an empty file"),
                                         (ASTRONAUT.read_bytes()[:5000], "image/png", 400, "cut short"),
                                         (b"GIF89a" + bytes(20), "image/gif", 415, "expected JPEG, PNG, WebP, got GIF"),
                                         (b"a=b", "application/x-www-form-urlencoded", 415, "image/*"),
                                         (b"--x\r\n", "multipart/form-data; boundary=x", 400, "form")]:
            got, _, content = ask("POST", "/recognize", body, type)
            self.assertEqual(got, status, (body[:10], content))
            self.assertIn(hint, json.loads(content)["error"])
        body, type = form(*[(f"{i}.png", b"x") for i in range(17)])
        self.assertIn("too many parts", json.loads(ask("POST", "/recognize", body, type)[2])["error"])
        self.assertEqual(ask("POST", "/recognize?format=xml", ASTRONAUT.read_bytes(), "image/png")[0], 400)

    def test_bombs_are_refused_before_they_are_decoded(self):
        before = self.served.resident()
        status, _, content = self.served.ask("POST", "/recognize", large_png(), "image/png")
        self.assertEqual(status, 400)
        self.assertIn("too large", json.loads(content)["error"])
        if Options.memory:
            self.assertLess(self.served.resident() - before, 50)

    def test_health_and_metrics(self):
        for path in ("/health/live", "/health/ready"):
            self.assertEqual(self.served.ask("GET", path)[0], 200)
        before = self.served.metric("regard_images_total")
        self.served.ask("POST", "/recognize", ASTRONAUT.read_bytes(), "image/png")
        self.assertEqual(self.served.metric("regard_images_total"), before + 1)

    def test_pages_of_other_origins_are_refused(self):
        ask = self.served.ask
        image = ASTRONAUT.read_bytes()
        self.assertEqual(ask("POST", "/recognize", image, "image/png", Origin="https://evil.example")[0], 403)
        self.assertEqual(ask("GET", "/health/live", Host="evil.example")[0], 403)
        status, header, _ = ask("POST", "/recognize", image, "image/png", Origin=f"http://127.0.0.1:{self.served.port}")
        self.assertEqual(status, 200)
        self.assertNotIn("Access-Control-Allow-Origin", header)


class Isolation(unittest.TestCase):
    def decoders(self, served):
        children = pathlib.Path(f"/proc/{served.process.pid}/task").glob("*/children")
        return [int(child) for text in children for child in text.read_text().split()]

    def test_images_are_decoded_in_other_processes(self):
        image = ASTRONAUT.read_bytes()
        with Served("--isolate", "--jobs", 1, "--formats", "PNG", "--max-pixels", 1000000) as served:
            ask = functools.partial(served.ask, "POST", type="image/png")
            self.assertEqual(ask(f"/recognize?file={ASTRONAUT}", image)[2], recognized(ASTRONAUT))
            [decoder] = self.decoders(served)
            limits = pathlib.Path(f"/proc/{decoder}/limits").read_text()
            self.assertRegex(limits, r"Max address space +\d+")
            self.assertRegex(limits, r"Max cpu time +\d+")
            self.assertEqual(sorted(os.listdir(f"/proc/{decoder}/fd")), ["0", "1", "2"], "none of a client's sockets")
            for body, status, hint in [(image[:5000], 400, b"cut short"), (large_png(), 400, b"too large"),
                                       (HOPPER.read_bytes(), 415, b"got JPEG")]:
                got, _, content = ask("/recognize", body)
                self.assertEqual(got, status)
                self.assertIn(hint, content)
            self.assertEqual(self.decoders(served), [decoder], "errors do not end it")
            os.kill(decoder, signal.SIGSTOP)  # as one that an image keeps busy
            with concurrent.futures.ThreadPoolExecutor(1) as thread:
                answer = thread.submit(ask, "/recognize", image)
                time.sleep(0.5)
                os.kill(decoder, signal.SIGXCPU)
                os.kill(decoder, signal.SIGCONT)
                status, _, content = answer.result()
            self.assertEqual(status, 400)
            self.assertIn(b"too much time or memory", content)
            self.assertEqual(ask("/recognize", image)[0], 200)
            self.assertNotEqual(self.decoders(served), [decoder])
            children = self.decoders(served)
            served.process.terminate()
            self.assertEqual(served.process.wait(60), 0)
            for child in children:
                self.assertFalse(pathlib.Path(f"/proc/{child}").exists())


class Documentation(unittest.TestCase):
    """The curl lines of docs/server.md."""

    def test_the_lines_of_the_documentation(self):
        if not shutil.which("curl"):
            self.skipTest("curl is not installed")
        text = (ROOT / "docs" / "server.md").read_text(encoding="utf-8")
        lines = re.findall(r"^    (curl .*)$", text, re.MULTILINE)
        self.assertGreater(len(lines), 5)
        with Served() as served, tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "samples").symlink_to(ROOT / "samples")
            for line in lines:
                self.assertIn("127.0.0.1:8018", line)
                result = subprocess.run(line.replace(":8018", f":{served.port}").replace("curl", "curl --fail-with-body --silent"),
                                        shell=True, cwd=folder, capture_output=True, timeout=120, check=False)
                self.assertEqual(result.returncode, 0, (line, result.stdout, result.stderr))
                self.assertTrue(result.stdout or "-o" in line, line)
            self.assertTrue(pathlib.Path(folder, "explained.png").read_bytes().startswith(b"\x89PNG"))


class Access(unittest.TestCase):
    def test_a_token_is_asked_for(self):
        with tempfile.TemporaryDirectory() as folder:
            token = pathlib.Path(folder, "token")
            token.write_text("a secret of this test\n".replace(" ", "-"))
            token.chmod(0o600)
            with Served("--address", "0.0.0.0", "--token-file", token) as served:
                image = ASTRONAUT.read_bytes()
                status, header, _ = served.ask("POST", "/recognize", image, "image/png")
                self.assertEqual((status, header["WWW-Authenticate"]), (401, "Bearer"))
                self.assertEqual(served.ask("GET", "/health/live")[0], 200)
                self.assertEqual(served.ask("GET", "/metrics")[0], 401)
                bearer = "Bearer a-secret-of-this-test"
                self.assertEqual(served.ask("POST", "/recognize", image, "image/png", Authorization=bearer)[0], 200)
                self.assertEqual(served.ask("POST", "/recognize", image, "image/png", Authorization=bearer[:-1])[0], 401)
            token.chmod(0o644)
            result = subprocess.run([Options.program, "serve", "--token-file", token], capture_output=True, timeout=60)
            self.assertEqual(result.returncode, 1)
            self.assertIn(b"other users", result.stderr)

    def test_nobody_else_without_a_token(self):
        result = subprocess.run([Options.program, "serve", "--address", "0.0.0.0"], capture_output=True, timeout=60)
        self.assertEqual(result.returncode, 1)
        self.assertIn(b"0.0.0.0: others could connect without a token", result.stderr)

    def test_a_unix_socket(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "socket")
            with Served("--socket", path, port=False) as served:
                self.assertTrue(served.said.startswith(str(path)))
                self.assertEqual(path.stat().st_mode & 0o777, 0o660)
                with socket.socket(socket.AF_UNIX) as client:
                    client.connect(str(path))
                    client.sendall(b"GET /health/live HTTP/1.1\r\nHost: anything\r\nConnection: close\r\n\r\n")
                    self.assertTrue(client.recv(65536).startswith(b"HTTP/1.1 200 OK"))
                served.process.send_signal(signal.SIGTERM)
                self.assertEqual(served.process.wait(60), 0)
            self.assertFalse(path.exists())


class Proxy(unittest.TestCase):
    """packaging/nginx.conf, with a certificate, a port and a socket of the test's own."""

    def start_nginx(self, folder, port):
        run = functools.partial(subprocess.run, check=True, capture_output=True, cwd=folder, timeout=60)
        run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key", "-out", "pem", "-days", "1",
             "-subj", "/CN=faces.example.org", "-addext", "subjectAltName=DNS:faces.example.org"])
        snippet = (ROOT / "packaging" / "nginx.conf").read_text()
        for theirs, ours in [("/etc/ssl/faces.example.org.pem", f"{folder}/pem"), ("listen 443", f"listen 127.0.0.1:{port}"),
                             ("/etc/ssl/faces.example.org.key", f"{folder}/key"), ("/run/regard/socket", f"{folder}/socket")]:
            self.assertIn(theirs, snippet)
            snippet = snippet.replace(theirs, ours)
        pathlib.Path(folder, "snippet.conf").write_text(snippet)
        user = "user root;" if os.geteuid() == 0 else ""
        pathlib.Path(folder, "nginx.conf").write_text(
            f"daemon off; pid {folder}/pid; error_log {folder}/error.log; {user} events {{}} "
            f"http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; "
            f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; include {folder}/snippet.conf; }}")
        run(["nginx", "-t", "-c", f"{folder}/nginx.conf", "-e", f"{folder}/error.log"])
        nginx = subprocess.Popen(["nginx", "-c", f"{folder}/nginx.conf", "-e", f"{folder}/error.log"])
        self.addCleanup(nginx.wait)
        self.addCleanup(nginx.terminate)

    def test_nginx_in_front(self):
        missing = [program for program in ("nginx", "openssl", "curl") if not shutil.which(program)]
        if missing:
            self.skipTest(f"not installed: {', '.join(missing)}")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with tempfile.TemporaryDirectory() as folder, \
                Served("--socket", f"{folder}/socket", "--host", "faces.example.org", port=False):
            self.start_nginx(folder, port)

            def curl(path, *more):
                return subprocess.run(["curl", "-sS", "--retry", "20", "--retry-connrefused", "--retry-delay", "1", "--cacert",
                                       f"{folder}/pem", "--resolve", f"faces.example.org:{port}:127.0.0.1", *more,
                                       f"https://faces.example.org:{port}{path}"], check=True, capture_output=True, timeout=60).stdout
            self.assertIn(b"An expression is not a feeling", curl("/"))
            answer = curl(f"/recognize?file={ASTRONAUT}", "--data-binary", f"@{ASTRONAUT}", "-H", "Content-Type: image/png")
            self.assertEqual(answer, recognized(ASTRONAUT))
            self.assertIn(b"other origins", curl("/recognize", "-F", f"x=@{HOPPER}", "-H", "Origin: https://evil.example"))
            # Requests of pages of its own, by HTTPS.
            own = curl("/recognize", "-F", f"x=@{HOPPER}", "-H", f"Origin: https://faces.example.org:{port}")
            self.assertIn(b"neutral", own)


class Unit(unittest.TestCase):
    """packaging/regard.service."""

    def test_systemd_accepts_it_and_finds_it_safe(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is not installed")
        unit = (ROOT / "packaging" / "regard.service").read_text()
        self.assertIn("ExecStart=regard serve", unit)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "regard.service")
            path.write_text(unit.replace("ExecStart=regard", f"ExecStart={Options.program}"))
            for check in (["verify"], ["security", "--offline=true", "--threshold=10"]):  # 1.0 of 10, where 10 is exposed to everything
                result = subprocess.run(["systemd-analyze", *check, str(path)], capture_output=True, timeout=60, check=False, text=True)
                self.assertEqual(result.returncode, 0, (check, result.stdout[-500:], result.stderr))


class Load(unittest.TestCase):
    def test_a_thousand_hanging_connections_stop_nobody(self):
        with Served() as served:
            clients = []
            for i in range(1000):
                client = socket.create_connection(("127.0.0.1", served.port))
                client.sendall(b"POST /recognize HTTP/1.1\r\nHost: localhost\r\n"[:10 + i % 40])
                clients.append(client)
            begin = time.monotonic()
            self.assertEqual(served.ask("GET", "/health/live")[0], 200)
            self.assertLess(time.monotonic() - begin, 2)
            self.assertGreater(served.metric("regard_connections"), 900)
            deadline = time.monotonic() + 30
            while (connections := served.metric("regard_connections")) > 2 and time.monotonic() < deadline:
                time.sleep(0.2)
            # That of the question, and perhaps that of the one before, which is being closed.
            self.assertLessEqual(connections, 2, "their time is over")
            for client in clients:
                client.close()

    def test_too_much_is_answered_with_503_and_nothing_is_lost(self):
        image = HOPPER.read_bytes()
        with Served("--jobs", 1, "--queue", 2, "--quiet") as served:
            def ask(_):
                return [(status, header["Retry-After"]) for status, header, _ in
                        (served.ask("POST", "/recognize", image, "image/jpeg") for _ in range(5))]
            with concurrent.futures.ThreadPoolExecutor(16) as threads:
                answers = sum(threads.map(ask, range(16)), [])
            self.assertEqual({status for status, _ in answers}, {200, 503})
            self.assertEqual(len(answers), 80)
            for status, retry in answers:
                self.assertEqual(retry is not None, status == 503)
                self.assertGreaterEqual(int(retry or 1), 1)

    def test_abandoned_requests_are_not_worked_on(self):
        image = HOPPER.read_bytes()
        head = b"POST /recognize HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(image)
        with Served("--jobs", 1, "--queue", 50) as served:
            clients = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(30)]
            for client in clients:
                client.sendall(head + image)
            for client in clients:
                client.close()
            deadline = time.monotonic() + 60
            while served.metric("regard_abandoned_total") + served.metric("regard_images_total") < 30 and time.monotonic() < deadline:
                time.sleep(0.05)
            self.assertGreater(served.metric("regard_abandoned_total"), 15)
            self.assertEqual(served.metric("regard_abandoned_total") + served.metric("regard_images_total"), 30)

    def test_sigterm_answers_what_was_accepted(self):
        image = HOPPER.read_bytes()
        with Served("--jobs", 1, "--queue", 100) as served:
            served.ask("POST", "/recognize", image, "image/jpeg")
            accepted = threading.Barrier(21)

            def ask(_):
                connection = served.connect()
                connection.request("POST", "/recognize", image, {"Content-Type": "image/jpeg"})
                accepted.wait(60)
                response = connection.getresponse()
                return response.status, bool(json.loads(response.read())["faces"])
            with concurrent.futures.ThreadPoolExecutor(20) as threads:
                answers = threads.map(ask, range(20))
                accepted.wait(60)
                deadline = time.monotonic() + 30
                while served.metric("regard_received_bytes_total") == 0 and time.monotonic() < deadline:
                    time.sleep(0.01)
                time.sleep(0.2)  # all have been read by now
                served.process.send_signal(signal.SIGTERM)
                self.assertEqual(list(answers), [(200, True)] * 20)
            self.assertEqual(served.process.wait(60), 0)
            self.assertEqual([line["message"] for line in served.logged()][-1], "stopped")

    def test_the_model_is_reloaded_under_load(self):
        image = HOPPER.read_bytes()
        with Served("--quiet") as served:
            stop = threading.Event()
            statuses = []

            def ask():
                while not stop.is_set():
                    statuses.append(served.ask("POST", "/recognize", image, "image/jpeg")[0])
            with concurrent.futures.ThreadPoolExecutor(2) as threads:
                for _ in range(2):
                    threads.submit(ask)
                for reloads in (1, 2):
                    served.process.send_signal(signal.SIGHUP)
                    deadline = time.monotonic() + 60
                    while served.metric("regard_reloads_total") < reloads and time.monotonic() < deadline:
                        time.sleep(0.1)
                stop.set()
            self.assertEqual(set(statuses), {200})
            self.assertEqual(served.metric("regard_reloads_total"), 2)


class Limits(unittest.TestCase):
    """What is just allowed, and what is just too much."""

    @classmethod
    def setUpClass(cls):
        cls.image = ASTRONAUT.read_bytes()  # 512 x 512
        cls.served = cls.enterClassContext(Served("--max-images", 2, "--max-pixels", 512 * 512, "--max-header", 1000,
                                                  "--max-body", len(cls.image)))

    def refused(self, status, hint, path, body, type="image/png"):
        got, _, content = self.served.ask("POST", path, body, type)
        self.assertEqual(got, status, content)
        self.assertIn(hint, json.loads(content)["error"])

    def test_body_and_pixels(self):
        self.assertEqual(self.served.ask("POST", "/recognize", self.image, "image/png")[0], 200)
        self.refused(413, f"body is longer than {len(self.image)} bytes", "/recognize", self.image + b"\0")
        with Served("--max-pixels", 512 * 512 - 1) as other:
            status, _, content = other.ask("POST", "/recognize", self.image, "image/png")
            self.assertEqual((status, b"too large" in content), (400, True), content)

    def test_header(self):
        # Boost.Beast counts the first line and what it has read beyond the fields in some cases, in some not.
        path, fields = b"GET /health/live?", b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX: "
        for length, status in [(1000, 200), (1100, 431)]:
            more = length - len(path + fields) - 4
            for text in (path + fields + b"x" * more, path + b"x" * more + fields):
                self.assertEqual(self.served.raw(text + b"\r\n\r\n")[:12], b"HTTP/1.1 %d" % status)

    def test_parts(self):
        small = (HOPPER.name, b"no image")
        body, type = form(small, small)
        self.assertEqual(len(self.served.ask("POST", "/recognize", body, type)[2].splitlines()), 2)
        body, type = form(small, small, small)
        self.refused(400, "too many parts; expected 2 at most", "/recognize", body, type)
        body, type = form(("x" * 4096, b"no image"))
        self.refused(400, "part has a long header", "/recognize", body, type)
        texts = {"name": "image", "datatype": "BYTES", "shape": [3], "data": ["", "", ""]}
        self.refused(400, "too many images", "/v2/models/ferplus-mobilenet/infer", json.dumps({"inputs": [texts]}), "application/json")

    def test_depth_of_json(self):
        for depth, hint in [(64, "is no object"), (65, "nests too deeply; expected 64 levels"), (200000, "nests too deeply")]:
            self.refused(400, hint, "/v2/models/ferplus-mobilenet/infer", b"[" * depth + b"]" * depth, "application/json")

    def test_connections(self):
        with Served("--max-connections", 3) as served:
            open_ones = []
            for _ in range(3):
                open_ones.append(served.connect())
                open_ones[-1].request("GET", "/health/live")
                self.assertEqual(open_ones[-1].getresponse().read(), b'{"live":true}\n')
            status, header, content = served.ask("GET", "/health/live")
            self.assertEqual((status, header["Retry-After"]), (503, "1"))
            self.assertIn(b"too many connections", content)
            for connection in open_ones:
                connection.close()


class Hostile(unittest.TestCase):
    def test_wrong_requests_get_a_clear_answer(self):
        head = b"POST /recognize HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
        with Served("--max-body", 100000) as served:
            for text, status in [(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(50), 400),
                                 (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
                                 (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", 400),
                                 (b"GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
                                 (b"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 404),
                                 (head + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
                                 (head + b"Content-Length: -5\r\n\r\n", 400),
                                 (head + b"Content-Length: 99999999999999999999\r\n\r\n", 400),
                                 (head + b"Content-Length: 100001\r\n\r\n", 413),
                                 (head + b"Transfer-Encoding: chunked\r\n\r\n" + b"ffff\r\n" + bytes(0xffff) + b"\r\n" +
                                  b"ffff\r\n" + bytes(0xffff), 413),
                                 (head + b"X: " + b"x" * 10000 + b"\r\n\r\n", 431),
                                 (head + b"x:x\r\n" * 3000 + b"\r\n", 431)]:
                answer = served.raw(text)
                self.assertEqual(answer[:12], b"HTTP/1.1 %d" % status, text[:120])
                json.loads(answer.partition(b"\r\n\r\n")[2])
            self.assertEqual(served.ask("GET", "/health/live")[0], 200)

    def test_random_changes_of_requests(self):
        random.seed(18)
        body, _ = form(("a.png", b"x" * 50), name="a")
        request = (b"POST /recognize?file=a HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=boundary\r\n"
                   b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body)) + body
        with Served("--quiet", "--header-time", 1, "--body-time", 1) as served:
            before = None
            for i in range(2000):
                text = bytearray(request)
                for _ in range(random.randint(1, 4)):
                    at = random.randrange(len(text))
                    text[at:at + random.choice((0, 1, 1, 5))] = random.choice((b"", b"\0", b"\r\n", b":", b"\xff", b"0", b"%"))
                with socket.create_connection(("127.0.0.1", served.port), timeout=30) as client:
                    client.sendall(text)
                    client.shutdown(socket.SHUT_WR)
                    answer = client.recv(65536)
                self.assertRegex(answer[:12], rb"^(HTTP/1\.1 (200|[45]\d\d))?$", bytes(text))
                self.assertNotEqual(answer[:12], b"HTTP/1.1 500", bytes(text))
                if i == 500:
                    before = served.resident()
            if Options.memory:
                self.assertLess(served.resident() - before, 5)
            self.assertEqual(served.ask("GET", "/health/live")[0], 200)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=os.path.abspath)
    parser.add_argument("--memory", action="store_true")
    options, rest = parser.parse_known_args()
    Options.program, Options.memory = options.program, options.memory
    unittest.main(argv=["serve_test.py", *rest])
