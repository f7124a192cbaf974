"""Asks `regard serve` for an hour with everything mixed: right and broken requests, slow clients, clients that leave, and a reload
of the model every minute, after which it says how much memory and how many descriptors the server holds. Exit status 1 if memory grew
by more than 10 MB after the warm-up, if descriptors grew, if the server ended, or if an answer was not as it should be.

usage: bench/serving_soak.py --program build/regard [--reloads 60] [--every SECONDS] [--rate 4] [--seed 1] [server's flags]
"""

import argparse
import collections
import json
import os
import pathlib
import random
import signal
import socket
import statistics
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from serve_test import ASTRONAUT, HOPPER, Options, Served, form, large_png  # noqa: E402

WARM_UP = 5  # reloads, at most a quarter of all: caches fill
PATIENCE = 600  # seconds: other programs may hold this one up
MOST_GROWTH = 10  # MB
IMAGES = [(ASTRONAUT, "image/png"), (HOPPER, "image/jpeg")]


class PatientlyServed(Served):
    def connect(self, timeout=PATIENCE):
        return super().connect(timeout)


class Soak:
    def __init__(self, served, seed):
        self.served = served
        self.random = random.Random(seed)
        self.count = collections.Counter()
        self.wrong = []
        self.threads = []

    def expect(self, kind, got, *statuses):
        self.count[f"{kind} {got}"] += 1
        if got not in statuses:
            self.wrong.append((kind, got))

    def ask(self, kind, statuses, *request):
        self.expect(kind, self.served.ask(*request)[0], *statuses)

    # Right requests; 503 is right where too many came at the same time.

    def image(self):
        path, type = self.random.choice(IMAGES)
        query = self.random.choice(("", "?format=csv", "?file=a.jpg"))
        self.ask("image", (200, 503), "POST", f"/recognize{query}", path.read_bytes(), type)

    def several(self):
        body, type = form(*((path.name, path.read_bytes()) for path, _ in IMAGES), ("notes.txt", b"none"))
        self.ask("form", (200, 503), "POST", "/recognize", body, type)

    def explanation(self):
        query = self.random.choice(("", "?format=png"))
        self.ask("explain", (200, 503), "POST", f"/explain{query}", HOPPER.read_bytes(), "image/jpeg")

    def tensor(self):
        side = self.random.randrange(40, 200)
        pixels = {"name": "pixels", "datatype": "UINT8", "shape": [side, side, 3], "data": [self.random.randrange(256)] * (side * side * 3)}
        self.ask("tensor", (200, 503), "POST", "/v2/models/ferplus-mobilenet-pixels/infer", json.dumps({"inputs": [pixels]}),
                 "application/json")

    def page(self):
        self.ask("page", (200,), "GET", self.random.choice(("/", "/page.js", "/metrics", "/about", "/openapi.json", "/v2")))

    # Broken ones.

    def damaged_image(self):
        path, type = self.random.choice(IMAGES)
        content = bytearray(path.read_bytes()[:self.random.randrange(100, 100000)])
        for _ in range(20):
            content[self.random.randrange(len(content))] = self.random.randrange(256)
        self.ask("damaged", (200, 400, 415, 503), "POST", "/recognize", bytes(content), type)

    def bomb(self):
        self.ask("bomb", (400, 503), "POST", "/recognize", large_png(), "image/png")

    def wrong_json(self):
        text = self.random.choice(("{", "[" * 100000, '{"inputs": [{}]}', '{"inputs": 1}', "\xff"))
        self.ask("wrong JSON", (400, 503), "POST", "/v2/models/ferplus-mobilenet/infer", text.encode("latin-1"), "application/json")

    def noise(self):
        text = bytearray(b"POST /recognize?file=a HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: 9\r\n"
                         b"Connection: close\r\n\r\nno image.")
        for _ in range(self.random.randrange(1, 6)):
            text[self.random.randrange(len(text))] = self.random.randrange(256)
        with socket.create_connection(("127.0.0.1", self.served.port), timeout=PATIENCE) as client:
            client.sendall(text)
            client.shutdown(socket.SHUT_WR)
            status = client.recv(65536)[9:12]
        self.expect("noise", int(status or 0), 0, 400, 403, 404, 405, 408, 411, 413, 415, 417, 501, 503)

    # Slow ones, and ones that leave; in threads of their own.

    def slow(self):
        text = (b"POST /recognize HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\nContent-Length: 50000\r\n\r\n"
                + HOPPER.read_bytes())[:self.random.choice((50, 100, 2000))]
        pause = self.random.choice((0.05, 0.5, 5))

        def drip():
            with socket.create_connection(("127.0.0.1", self.served.port), timeout=PATIENCE) as client:
                try:
                    for i in range(0, len(text), 10):
                        client.sendall(text[i:i + 10])
                        time.sleep(pause)
                    client.recv(65536)
                except OSError:
                    pass  # the server has had enough
        self.threads = [thread for thread in self.threads if thread.is_alive()]
        self.threads.append(threading.Thread(target=drip, daemon=True))
        self.threads[-1].start()
        self.count["slow"] += 1

    def leaving(self):
        body = HOPPER.read_bytes()
        with socket.create_connection(("127.0.0.1", self.served.port), timeout=PATIENCE) as client:
            client.sendall(b"POST /recognize HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
                           % len(body) + body)
        self.count["left"] += 1

    def one(self):
        kinds = [self.image] * 6 + [self.page] * 3 + [self.damaged_image] * 2 + [
            self.several, self.explanation, self.tensor, self.bomb, self.wrong_json, self.noise, self.slow, self.leaving]
        self.random.choice(kinds)()

    def state(self):
        """Memory in MB and descriptors: slow clients are gone, the model has just been loaded anew, also for explanations."""
        for thread in self.threads:
            thread.join(PATIENCE)
        reloads = self.served.metric("regard_reloads_total")
        self.served.process.send_signal(signal.SIGHUP)
        while self.served.metric("regard_reloads_total") == reloads:
            time.sleep(0.1)
        for ask in (self.explanation, self.image, self.image):
            ask()
        return self.served.resident(), len(os.listdir(f"/proc/{self.served.process.pid}/fd"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=str(ROOT / "build" / "regard"))
    parser.add_argument("--reloads", type=int, default=60)
    parser.add_argument("--every", type=float, default=60, help="seconds from one reload to the next")
    parser.add_argument("--rate", type=float, default=4, help="requests a second")
    parser.add_argument("--seed", type=int, default=1)
    options, flags = parser.parse_known_args()
    Options.program = os.path.abspath(options.program)
    states = []
    with PatientlyServed("--quiet", *flags) as served:
        soak = Soak(served, options.seed)
        for turn in range(options.reloads):
            end = time.monotonic() + options.every
            while time.monotonic() < end - options.every / 4:  # then slow clients come to their end
                begin = time.monotonic()
                soak.one()
                time.sleep(max(0.0, begin + 1 / options.rate - time.monotonic()))
            states.append(soak.state())
            print(f"{turn + 1}: {states[-1][0]:.1f} MB, {states[-1][1]} descriptors, {sum(soak.count.values())} requests, "
                  f"{len(soak.wrong)} wrong answers, {served.metric('regard_reloads_total'):.0f} reloads", flush=True)
            time.sleep(max(0.0, end - time.monotonic()))
        alive = served.process.poll() is None
    for kind, count in sorted(soak.count.items()):
        print(f"{count:6} {kind}")
    warm_up = min(WARM_UP, options.reloads // 4)
    rest = states[warm_up:]
    few = max(1, min(10, len(rest) // 2))
    growth, more = (statistics.median(s[i] for s in rest[-few:]) - statistics.median(s[i] for s in rest[:few]) for i in (0, 1))
    print(f"after {warm_up} reloads: memory grew by {growth:.1f} MB, descriptors by {more:.0f}; wrong answers: {soak.wrong[:5]}")
    return 0 if alive and not soak.wrong and growth < MOST_GROWTH and more <= 0 else 1


if __name__ == "__main__":
    sys.exit(main())
