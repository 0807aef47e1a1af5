"""A worker that does what a hostile file may do to its decoder, by the word that it is given for a file."""

from __future__ import annotations

COMMAND = """
import sys
sys.path[:] = sys.argv[1:]
import os, signal, time
import numpy as np
import hashmatch.patience as patience_module
import hashmatch.worker as worker
from hashmatch.frames import Frame
from hashmatch.media.image import ImageReader
real = worker.hash_one

class Hungry:
    def read(self, size):
        return bytearray(1 << 40)

def slow_frames(reader, stream, limits, **how):
    for number in range(20):
        time.sleep(2.5)
        yield Frame(np.full((80, 80), number, np.uint8), number, 2.5 * number)

def odd(source, options, called=None, patience=None):
    word = source.decode(errors="replace") if isinstance(source, bytes) else os.path.basename(str(source))
    if word.startswith("dies-"):
        os.kill(os.getpid(), int(word.removeprefix("dies-")))
    if word == "leaves":
        os._exit(3)
    if word == "sleeps":
        time.sleep(1000)
    if word == "cannot be ended by a clock":
        signal.signal(signal.SIGPROF, signal.SIG_IGN)
    if word in ("works", "cannot be ended by a clock"):
        while True:
            pass
    if word == "waits":
        open(source + ".begun", "wb").close()
        while not os.path.exists(source + ".go"):
            time.sleep(0.02)
    if word == "prints":
        os.write(1, b"x" * 1000)
        print("y" * 1000)
    if word == "needs much":
        source, called = Hungry(), called or source
    if word == "signs.mp4":
        patience_module._SIGNS = 0.0
    if word == "slow.gif":
        ImageReader.frames = slow_frames
    return real(source, options, called, patience)

worker.hash_one = odd
worker.main()
"""
