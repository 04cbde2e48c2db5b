"""The weights file: a header, the table in int8, the dense matrices in f32, little-endian."""

import struct
import sys
import zlib

import numpy as np

import model
import text

MAGIC, VERSION = b"HGTAG\0", 2
ORDER = ["conv0", "conv0_bias", "conv1", "conv1_bias", "conv2", "conv2_bias", "conv3", "conv3_bias", "tag", "tag_bias", "pool", "pool_bias",
         "mix", "mix_bias", "out", "out_bias", "language", "language_bias"]


def quantised(rows):
    """(int8 rows, scale): one scale for all, since sums are then exact in integers."""
    scale = np.float32(np.quantile(np.abs(rows), 0.9999) / 127)
    return np.clip(np.rint(rows / scale), -127, 127).astype(np.int8), scale


def write(path, rows, dense):
    small, scale = quantised(rows)
    body = small.tobytes() + b"".join(np.ascontiguousarray(dense[name], "<f4").tobytes() for name in ORDER)
    sizes = [text.ROWS_LOG2, model.WIDTH, model.HIDDEN, model.POOL, model.MIXED, model.TAGS, model.OUTPUTS,
             dense["language_bias"].shape[0]]
    header = MAGIC + struct.pack("<H8If", VERSION, *sizes, float(scale))
    with open(path, "wb") as file:
        file.write(header + body + struct.pack("<I", zlib.crc32(header + body)))


def shapes():
    """The dense matrices and their shapes, in the order of the file."""
    return {name: np.asarray(value).shape for name, value in model.initial(0).items() if name in ORDER}


def read(path):
    """(rows in f32, dense matrices)"""
    data = open(path, "rb").read()
    header = struct.calcsize("<H8If") + len(MAGIC)
    scale = struct.unpack_from("<f", data, header - 4)[0]
    count = (1 << text.ROWS_LOG2) * model.WIDTH
    rows = np.frombuffer(data, np.int8, count, header).reshape(-1, model.WIDTH).astype(np.float32) * np.float32(scale)
    at, dense, known = header + count, {}, shapes()
    for name in ORDER:
        size = int(np.prod(known[name]))
        dense[name] = np.frombuffer(data, "<f4", size, at).reshape(known[name])
        at += 4 * size
    return rows, dense


def main():
    """python weights.py OUT STATE:SHARE … writes the weighted mean of several runs."""
    out, *parts = sys.argv[1:]
    states = [(np.load(name), float(share)) for name, _, share in (part.rpartition(":") for part in parts)]
    mean = lambda key: sum(share * state[key] for state, share in states)
    write(out, mean("rows"), {name: mean(f"dense_{name}") for name in ORDER})


if __name__ == "__main__":
    main()
