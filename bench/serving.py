"""Measures `regard serve`: throughput against one `regard recognize` process on the same images, and latencies at capacity and
at twice that.

usage: bench/serving.py --program build/regard [--seconds 15] [--images IMAGE...]
"""

import argparse
import http.client
import pathlib
import re
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Server:
    def __init__(self, program, *flags):
        self.process = subprocess.Popen([program, "serve", "--port", "0", "--quiet", *flags], stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        self.port = int(re.search(rb":(\d+)/", self.process.stdout.readline()).group(1))

    def resident(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) / 1024

    def stop(self):
        self.process.terminate()
        self.process.wait()


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
    threads = [threading.Thread(target=ask, args=(i,)) for i in range(count)]
    begin = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=str(ROOT / "build" / "regard"))
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--images", nargs="*", type=pathlib.Path,
                        default=[ROOT / "samples" / "astronaut.png", ROOT / "samples" / "grace_hopper.jpg"])
    options = parser.parse_args()
    images = [(p.name, p.read_bytes(), "image/png" if p.suffix == ".png" else "image/jpeg") for p in options.images]
    server = Server(options.program)
    clients(server, images, 2, 2)  # warm
    rates = []
    for _ in range(3):  # in turns, since other programs use the machine, too
        answers, took = clients(server, images, options.seconds / 3, 4)
        rates.append((len(answers) / took, recognize(options.program, images, max(8, len(answers)))))
        print("serve %.1f images/s, recognize %.1f images/s" % rates[-1])
    print("throughput of serve over recognize, median: %.2f" % sorted(a / b for a, b in rates)[1])
    capacity = sorted(a for a, _ in rates)[1]
    before = server.resident()
    for load in (1, 2):
        count = 32
        answers, _ = clients(server, images, options.seconds, count, pace=count / (load * capacity))
        done = [t for status, t in answers if status == 200]
        print(f"load {load} x capacity: {len(answers)} requests, {len(done)} answered, "
              f"{sum(status == 503 for status, _ in answers)} with 503, "
              f"{sum(status not in (200, 503) for status, _ in answers)} otherwise; 50th percentile "
              f"{1000 * percentile(done, .5):.0f} ms, 99th {1000 * percentile(done, .99):.0f} ms")
    print(f"memory: {before:.0f} MB, {server.resident():.0f} MB after that")
    server.stop()


if __name__ == "__main__":
    main()
