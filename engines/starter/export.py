"""Writes the GGUF: Q8_0 matrices, F32 norms, the tokeniser and the chat template.

    python export.py --from DIR --out hearthgate-starter.gguf [--weights weights.npz]
"""

import argparse
import json
from pathlib import Path

import gguf
import numpy as np

import model
from tokenizer import CONTROL, OWN

SIZE_MAX = 24_000_000
NAMES = {
    "attn_norm": "attn_norm", "q": "attn_q", "k": "attn_k", "v": "attn_v", "o": "attn_output",
    "q_norm": "attn_q_norm", "k_norm": "attn_k_norm",
    "ffn_norm": "ffn_norm", "gate": "ffn_gate", "up": "ffn_up", "down": "ffn_down",
}
DESCRIPTION = (
    "The starter model of Hearthgate: small, trained from scratch on generated text. It greets, reckons, knows a "
    "closed stock of facts, edits lists and sentences, and says when it does not know."
)


def write(source: Path, out: Path, weights: str) -> None:
    params, shape = model.load(source / weights)
    writer = gguf.GGUFWriter(str(out), "qwen3")
    writer.add_name("hearthgate-starter")
    writer.add_description(DESCRIPTION)
    writer.add_license("MIT OR Apache-2.0")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.inner)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_key_length(shape.head)
    writer.add_value_length(shape.head)
    writer.add_layer_norm_rms_eps(model.EPSILON)
    writer.add_rope_freq_base(model.ROPE_BASE)
    writer.add_rope_dimension_count(shape.head)
    writer.add_vocab_size(shape.vocabulary)
    vocabulary(writer, source / "tokenizer.json", shape.vocabulary)
    writer.add_chat_template((Path(__file__).parent / "chat.jinja").read_text())

    matrix(writer, "token_embd.weight", params["embed"])
    writer.add_tensor("output_norm.weight", np.asarray(params["norm"], np.float32))
    for at in range(shape.layers):
        for part, name in NAMES.items():
            values = params[f"layer{at}"][part]
            if values.ndim == 1:
                writer.add_tensor(f"blk.{at}.{name}.weight", np.asarray(values, np.float32))
            else:
                matrix(writer, f"blk.{at}.{name}.weight", values.T)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    if out.stat().st_size > SIZE_MAX:
        raise SystemExit(f"{out} has {out.stat().st_size} bytes, more than {SIZE_MAX}")
    print(f"{out}: {out.stat().st_size} bytes")


def matrix(writer: gguf.GGUFWriter, name: str, values) -> None:
    """values: (outputs, inputs)."""
    packed = gguf.quants.quantize(np.ascontiguousarray(values, np.float32), gguf.GGMLQuantizationType.Q8_0)
    writer.add_tensor(name, packed, raw_dtype=gguf.GGMLQuantizationType.Q8_0)


def vocabulary(writer: gguf.GGUFWriter, path: Path, size: int) -> None:
    said = json.loads(path.read_text())
    ids = dict(said["model"]["vocab"]) | {mark["content"]: mark["id"] for mark in said["added_tokens"]}
    names = [name for name, _ in sorted(ids.items(), key=lambda item: item[1])]
    if len(names) != size or sorted(ids.values()) != list(range(size)):
        raise SystemExit(f"the tokeniser has {len(names)} tokens, the model {size}")
    kinds = [
        gguf.TokenType.CONTROL if name in CONTROL else gguf.TokenType.USER_DEFINED if name in OWN
        else gguf.TokenType.NORMAL for name in names
    ]
    merges = [pair if isinstance(pair, str) else " ".join(pair) for pair in said["model"]["merges"]]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(names)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(ids["<|endoftext|>"])
    writer.add_eos_token_id(ids["<|im_end|>"])
    writer.add_pad_token_id(ids["<|endoftext|>"])
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)


def read(path: Path) -> tuple[model.Params, model.Shape]:
    """The weights as they are stored, made whole again."""
    reader = gguf.GGUFReader(str(path))
    number = lambda key: int(reader.fields[f"qwen3.{key}"].contents())
    shape = model.Shape(
        width=number("embedding_length"), layers=number("block_count"), heads=number("attention.head_count"),
        kv_heads=number("attention.head_count_kv"), head=number("attention.key_length"),
        inner=number("feed_forward_length"), vocabulary=number("vocab_size"), context=number("context_length"),
    )
    values = {tensor.name: gguf.quants.dequantize(tensor.data, tensor.tensor_type) for tensor in reader.tensors}
    flat = {"embed": values["token_embd.weight"], "norm": values["output_norm.weight"]}
    for at in range(shape.layers):
        for part, name in NAMES.items():
            flat[f"layer{at}.{part}"] = values[f"blk.{at}.{name}.weight"].T
    return model.unflatten(flat), shape


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--from", dest="source", type=Path, required=True)
    arguments.add_argument("--weights", default="weights.npz")
    arguments.add_argument("--out", type=Path, required=True)
    options = arguments.parse_args()
    write(options.source, options.out, options.weights)


if __name__ == "__main__":
    main()
