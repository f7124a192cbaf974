"""Kills a command at random moments, and starts it again each time, for tests of what a killed run leaves behind."""

import signal
import subprocess
import time


def kill_and_resume(command, kills, draw, *, written, whole, start_over, check=lambda: None, signals=(signal.SIGKILL,), **popen):
    """Starts `command`, which continues what it finds, until it has been killed `kills` times, and then until it is done.

    A run is killed once it has written a random number of bytes more than it found, a few of them before it has written anything:
    `written()` says how many there are, `whole` how many a run of its own writes. How fast the machine is does not matter. A run that
    is done before it is killed begins again after `start_over()`. `check()` is called after each kill.
    """
    left = kills
    while left > 0:
        before = written()
        more = draw.uniform(-0.3, 1) * 2 * whole / kills
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, **popen) as run:
            if more < 0:
                time.sleep(draw.uniform(0, 0.5))
            while run.poll() is None and written() < before + max(0, more):
                time.sleep(0.005)
            time.sleep(draw.uniform(0, 0.02))
            run.send_signal(draw.choice(signals))
        if run.returncode == 0:
            start_over()
        else:
            left -= 1
            check()
    subprocess.run(command, check=True, capture_output=True, **popen)


def bytes_in(*places):
    """How many bytes there are in files and folders; what is not there has none."""
    total = 0
    for place in places:
        for path in place.iterdir() if place.is_dir() else [place]:
            try:
                total += path.stat().st_size
            except FileNotFoundError:  # renamed or removed meanwhile
                pass
    return total
