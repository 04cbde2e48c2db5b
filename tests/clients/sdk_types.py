"""Holds the golden files, which are what the gateway tells clients and sends to providers, against the types of the SDKs: those are
made of OpenAI's and Anthropic's published descriptions. A field that is missing or of another type, and of requests one that is not
known, is a fault."""

import collections.abc
import json
import pathlib
import re
import sys

import anthropic.types
import anthropic.types.message_create_params
import ollama
import openai.types
import openai.types.chat
import openai.types.chat.completion_create_params
import openai.types.responses
import openai.types.shared
from pydantic import ConfigDict, TypeAdapter, ValidationError

GOLDEN = pathlib.Path(__file__).parent.parent / "golden" / "dialects"

TOLD = {
    "openai": (openai.types.chat.ChatCompletion, openai.types.chat.ChatCompletionChunk),
    "completions": (openai.types.Completion, openai.types.Completion),
    "responses": (openai.types.responses.Response, openai.types.responses.ResponseStreamEvent),
    "anthropic": (anthropic.types.Message, anthropic.types.RawMessageStreamEvent),
    "ollama": (ollama.ChatResponse, ollama.ChatResponse),
}
SENT = {
    "openai": openai.types.chat.completion_create_params.CompletionCreateParams,
    "anthropic": anthropic.types.message_create_params.MessageCreateParams,
}

# What older models still take, and the types of this version do not have any more.
OLDER = {"anthropic": ("temperature", "top_p", "top_k")}


def whole(value):
    """Reads all of it: iterables of requests are looked at as they are read."""
    if isinstance(value, collections.abc.Mapping):
        for inner in value.values():
            whole(inner)
    elif isinstance(value, collections.abc.Iterable) and not isinstance(value, (str, bytes)):
        for inner in value:
            if not isinstance(inner, tuple):
                whole(inner)


def adapter(of, known=False):
    return TypeAdapter(of, config=ConfigDict(extra="forbid") if known else None)


ANSWERS = {name: (adapter(plain), adapter(event)) for name, (plain, event) in TOLD.items()}
REQUESTS = {name: adapter(of, known=True) for name, of in SENT.items()}
ERRORS = {"openai": adapter(openai.types.shared.ErrorObject), "anthropic": adapter(anthropic.types.ErrorResponse)}
ERRORS["responses"] = ERRORS["completions"] = ERRORS["openai"]


def error(dialect, body):
    if dialect == "ollama":
        assert isinstance(body["error"], str), body
    else:
        ERRORS[dialect].validate_python(body if dialect == "anthropic" else body["error"])


def told(dialect, body, streamed):
    if dialect == "completions" and streamed:
        # Null until the last one, at OpenAI as here, which its types do not say.
        for choice in body.get("choices", []):
            choice["finish_reason"] = choice["finish_reason"] or "stop"
    if "error" in body and body.get("object") != "response" and body.get("type") != "error":
        error(dialect, body)
    elif body.get("type") == "error" and dialect == "anthropic":
        error(dialect, body)
    elif body != {"type": "ping"}:
        ANSWERS[dialect][streamed].validate_python(body)


def events(dialect, text):
    if dialect == "ollama":
        return [json.loads(line) for line in text.splitlines()]
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]


def sections(text):
    """The parts of a golden file, each with its name."""
    marks = list(re.finditer(r"(?m)^(sent, streamed|sent|plain|streamed) ?", text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return [(mark.group(1), text[mark.end() : end].strip()) for mark, end in zip(marks, ends)]


faults, looked_at = [], 0
for file in sorted(GOLDEN.glob("*.txt")):
    case, client, provider = re.fullmatch(r"(.+)\.(\w+)-(\w+)\.txt", file.name).groups()
    text = file.read_text().replace("TIME", "1700000000").replace('"created_at":0', '"created_at":"2026-01-01T00:00:00Z"')
    for name, part in sections(text):
        try:
            if name.startswith("sent"):
                if provider in REQUESTS:
                    body = json.loads(part)
                    body = {key: value for key, value in body.items() if key not in OLDER.get(provider, ())}
                    whole(REQUESTS[provider].validate_python(body))
                    looked_at += 1
            elif name == "plain" or part.startswith("{") and len(part.splitlines()) == 1:
                told(client, json.loads(part), False)
                looked_at += 1
            else:
                for event in events(client, part):
                    told(client, event, True)
                    looked_at += 1
        except (ValidationError, AssertionError) as fault:
            faults.append(f"{file.name}, {name}: {fault}")

if faults:
    sys.exit("\n\n".join(faults))
assert looked_at > 500, looked_at
print("all checks passed")
