"""Measures `regard serve`: throughput against one `regard recognize` process on the same images, and latencies at capacity and
at twice that. With --batches instead: what requests with several chips gain over as many requests with one, which is the most that
the server could gain by working on the chips of several requests in one call of the network. With --peers: throughput against
other people's packages behind an HTTP server (bench/peers), on the same JPEG files.

usage: bench/serving.py --program build/regard [--seconds 15] [--images IMAGE...] [--batches MODEL...] [--peers bench/peers/X.js...]
"""

import argparse
import functools
import http.client
import json
import os
import pathlib
import re
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Served:
    """A server that prints its address."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.port = int(re.search(rb":(\d+)/", self.process.stdout.readline()).group(1))

    def resident(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) / 1024

    def stop(self):
        self.process.terminate()
        self.process.wait()


def regard_server(program, *flags):
    return Served(program, "serve", "--port", "0", "--quiet", *flags)


def run_together(works):
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def clients(server, images, seconds, count, pace=0.0):
    """Clients that ask one request after the other, or every `pace` seconds. Statuses with their times."""
    answers, end = [], time.monotonic() + seconds

    def ask(number):
        connection, turn = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60), number
        time.sleep(pace * number / count)  # not all at the same moment
        while (begin := time.monotonic()) < end:
            name, content, kind = images[turn % len(images)]
            turn += 1
            connection.request("POST", f"/recognize?file={name}", content, {"Content-Type": kind})
            response = connection.getresponse()
            response.read()
            answers.append((response.status, time.monotonic() - begin))
            if pace:
                time.sleep(max(0.0, begin + pace - time.monotonic()))
    begin = time.monotonic()
    run_together([functools.partial(ask, i) for i in range(count)])
    return answers, time.monotonic() - begin


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(part * len(values)))] if values else float("nan")


def recognize(program, images, count):
    """Images a second of one process, without its start."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for i in range(count):
            name, content, _ = images[i % len(images)]
            files.append(pathlib.Path(folder, f"{i:05}{pathlib.Path(name).suffix}"))
            files[-1].write_bytes(content)

        def seconds(some):
            begin = time.monotonic()
            subprocess.run([program, "recognize", *map(str, some), "--format", "json"], check=True, stdout=subprocess.DEVNULL)
            return time.monotonic() - begin
        return (len(files) - 2) / (seconds(files) - seconds(files[:2]))


def chips_a_second(server, model, size, chips, seconds, count):
    """Of `count` clients that send so many chips a request."""
    data = os.urandom(chips * size * size * 3)
    head = json.dumps({"inputs": [{"name": "chips", "datatype": "UINT8", "shape": [chips, size, size, 3],
                                   "parameters": {"binary_data_size": len(data)}}]}).encode()
    headers = {"Content-Type": "application/octet-stream", "Inference-Header-Content-Length": str(len(head))}
    answers, end = [], time.monotonic() + seconds

    def ask():
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        while time.monotonic() < end:
            connection.request("POST", f"/v2/models/{model}-chips/infer", head + data, headers)
            response = connection.getresponse()
            response.read()
            assert response.status == 200, response.status
            answers.append(chips)
    begin = time.monotonic()
    run_together([ask] * count)
    return sum(answers) / (time.monotonic() - begin)


def compare_batches(program, model, seconds):
    """A thread for each request, and all threads for one, in turns, since other programs use the machine, too."""
    cores = os.cpu_count()
    servers = {jobs: regard_server(program, "--model", model, "--jobs", str(jobs)) for jobs in (cores, 1)}
    connection = http.client.HTTPConnection("127.0.0.1", servers[1].port, timeout=60)
    connection.request("GET", f"/v2/models/{model}-chips")
    size = json.load(connection.getresponse())["inputs"][0]["shape"][1]
    rates, kinds = {}, [(jobs, chips) for chips in (1, 2, 4, 8) for jobs in servers]
    for turn in range(4):  # the first one warms
        for jobs, chips in kinds:
            rate = chips_a_second(servers[jobs], model, size, chips, seconds, jobs)
            if turn > 0:
                rates.setdefault((jobs, chips), []).append(rate)
    for kind in kinds:
        ratios = sorted(a / b for a, b in zip(rates[kind], rates[cores, 1]))
        print(f"{model}: {kind[0]} requests at a time with {kind[1]} chips each: {sorted(rates[kind])[1]:.1f} chips/s, "
              f"{ratios[1]:.2f} of {cores} with one")
    for server in servers.values():
        server.stop()


def compare_peers(program, peers, images, seconds):
    """Each in turn with regard, three times, by a client for each core."""
    server = regard_server(program)
    for script in peers:
        peer = Served("node", script, "--serve")
        ratios = []
        for turn in range(4):  # the first one warms
            rates = []
            for one in (server, peer):
                answers, took = clients(one, images, seconds / 3, os.cpu_count())
                assert all(status == 200 for status, _ in answers), answers
                rates.append(len(answers) / took)
            if turn > 0:
                ratios.append(rates[0] / rates[1])
                print("%s: %.2f images/s, regard %.2f" % (script.stem, rates[1], rates[0]), flush=True)
        print("%s: regard answers %.1f times as many (%.1f to %.1f)" % (script.stem, sorted(ratios)[1], min(ratios), max(ratios)))
        peer.stop()
    server.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=str(ROOT / "build" / "regard"))
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--images", nargs="*", type=pathlib.Path,
                        default=[ROOT / "samples" / "astronaut.png", ROOT / "samples" / "grace_hopper.jpg"])
    parser.add_argument("--batches", nargs="+", metavar="MODEL")
    parser.add_argument("--peers", nargs="+", type=pathlib.Path, metavar="SCRIPT")
    options = parser.parse_args()
    for model in options.batches or []:
        compare_batches(options.program, model, options.seconds / 15)
    if options.batches:
        return
    images = [(p.name, p.read_bytes(), "image/png" if p.suffix == ".png" else "image/jpeg") for p in options.images]
    if options.peers:
        compare_peers(options.program, options.peers, [image for image in images if image[2] == "image/jpeg"], options.seconds)
        return
    server = regard_server(options.program)
    clients(server, images, 2, 2)  # warm
    rates = []
    for _ in range(3):  # in turns, since other programs use the machine, too
        answers, took = clients(server, images, options.seconds / 3, 4)
        rates.append((len(answers) / took, recognize(options.program, images, max(8, len(answers)))))
        print("serve %.1f images/s, recognize %.1f images/s" % rates[-1])
    print("throughput of serve over recognize, median: %.2f" % sorted(a / b for a, b in rates)[1])
    capacity = sorted(a for a, _ in rates)[1]
    before = server.resident()
    slowest = []
    for load in (1, 2):
        count = 32
        answers, _ = clients(server, images, options.seconds, count, pace=count / (load * capacity))
        done = [t for status, t in answers if status == 200]
        print(f"load {load} x capacity: {len(answers)} requests, {len(done)} answered, "
              f"{sum(status == 503 for status, _ in answers)} with 503, "
              f"{sum(status not in (200, 503) for status, _ in answers)} otherwise; 50th percentile "
              f"{1000 * percentile(done, .5):.0f} ms, 99th {1000 * percentile(done, .99):.0f} ms")
        slowest.append(percentile(done, .99))
    print(f"99th percentile at twice capacity over that at capacity: {slowest[1] / slowest[0]:.2f}")
    print(f"memory: {before:.0f} MB, {server.resident():.0f} MB after that")
    server.stop()


if __name__ == "__main__":
    main()
