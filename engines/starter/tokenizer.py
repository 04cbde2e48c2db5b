"""The tokeniser: byte-level pairs with single digits, as Qwen2 splits text.

    python tokenizer.py --out DIR [--size 4096] [--texts 60000] [--seed 1]
"""

import argparse
import random
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

# llama.cpp: src/llama-vocab.cpp, LLAMA_VOCAB_PRE_TYPE_QWEN2.
SPLIT = (
    r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
CONTROL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
# Tokens of their own that are text.
OWN = ("<think>", "</think>", "<tool_call>", "</tool_call>")


def blank(vocabulary: dict[str, int], merges: list[tuple[str, str]]) -> Tokenizer:
    made = Tokenizer(models.BPE(vocabulary, merges))
    made.pre_tokenizer = splitting()
    made.decoder = decoders.ByteLevel()
    return made


def splitting() -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(SPLIT), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])


def train(texts, size: int) -> Tokenizer:
    """256 bytes, then merges, then the marks of the template."""
    marks = [AddedToken(mark, normalized=False, special=True) for mark in (*CONTROL, *OWN)]
    learner = Tokenizer(models.BPE())
    learner.pre_tokenizer = splitting()
    pieces = (piece for text in texts for piece in unmarked(text))
    trainer = trainers.BpeTrainer(
        vocab_size=size - len(marks), initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False, max_token_length=24, min_frequency=8,
    )
    learner.train_from_iterator(pieces, trainer)
    made = learner
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(marks)
    return made


def unmarked(text: str) -> list[str]:
    for mark in (*CONTROL, *OWN):
        text = text.replace(mark, "\0")
    return [piece for piece in text.split("\0") if piece]


def load(path: Path | str) -> Tokenizer:
    return Tokenizer.from_file(str(path))


def main() -> None:
    from corpus import texts

    arguments = argparse.ArgumentParser()
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument("--size", type=int, default=4096)
    arguments.add_argument("--texts", type=int, default=60_000)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    made = train(texts(random.Random(options.seed), False, options.texts), options.size)
    made.save(str(options.out / "tokenizer.json"))
    print(f"{made.get_vocab_size()} tokens")


if __name__ == "__main__":
    main()
