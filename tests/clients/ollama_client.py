"""Ollama's Python client against a gateway that lets everything out to a fake cloud, of one dialect or the other."""

import asyncio
import json
import os

import ollama
from tried import client as named
from tried import tried

TEXT = "The fake cloud says hello."
ASK = [{"role": "user", "content": "Compare two ways to sort a list."}]
SCHEMA = {"type": "object", "properties": {"x": {"type": "string"}}, "required": ["x"]}

client = ollama.Client()


def look_up(what: str) -> str:
    """Looks it up.

    Args:
      what: what to look up
    """
    return "found " + what


def chat():
    answer = client.chat(model="auto", messages=ASK, options={"temperature": 0.5, "num_predict": 200, "num_ctx": 4096})
    assert answer.message.content == TEXT and answer.message.role == "assistant", answer
    assert answer.done and answer.done_reason == "stop" and answer.model == "cloud/fake-frontier", answer
    assert answer.prompt_eval_count > 0 and answer.eval_count > 0 and answer.total_duration > 0, answer


def stream():
    parts = list(client.chat(model="auto", messages=ASK, stream=True))
    assert "".join(part.message.content for part in parts) == TEXT, parts
    assert [part.done for part in parts] == [False] * (len(parts) - 1) + [True], parts
    assert parts[-1].eval_count > 0 and parts[-1].total_duration >= parts[-1].eval_duration > 0, parts[-1]


async def stream_async():
    parts = await ollama.AsyncClient().chat(model="auto", messages=ASK, stream=True)
    assert "".join([part.message.content async for part in parts]) == TEXT


def generate():
    asked = {"model": "auto", "prompt": ASK[0]["content"], "system": "Be brief."}
    answer = client.generate(**asked)
    assert answer.response == TEXT and answer.done and answer.eval_count > 0, answer
    parts = list(client.generate(**asked, stream=True))
    assert "".join(part.response for part in parts) == TEXT, parts
    loaded = client.generate(model="auto")
    assert loaded.response == "" and loaded.done_reason == "load", loaded


def tools():
    history = list(ASK)
    first = client.chat(model="auto", messages=history, tools=[look_up])
    calls = first.message.tool_calls
    assert [(call.function.name, call.function.arguments) for call in calls] == [
        ("look_up", {"what": "a"}),
        ("look_up", {"what": "b"}),
    ], first
    streamed = client.chat(model="auto", messages=history, tools=[look_up], stream=True)
    together = [call for part in streamed for call in part.message.tool_calls or []]
    assert [call.function.arguments for call in together] == [{"what": "a"}, {"what": "b"}], together
    history.append(first.message)
    for call in calls:
        said = look_up(**call.function.arguments)
        history.append({"role": "tool", "tool_name": call.function.name, "content": said})
    second = client.chat(model="auto", messages=history, tools=[look_up])
    assert second.message.content == TEXT, second


def thinking():
    asked = [{"role": "user", "content": "Think, and compare."}]
    answer = client.chat(model="auto", messages=asked, think=True, options={"num_predict": 16000})
    assert (answer.message.thinking, answer.message.content) == ("Both are.", "Neither."), answer
    parts = list(client.chat(model="auto", messages=asked, think="high", stream=True, options={"num_predict": 16000}))
    assert "".join(part.message.thinking or "" for part in parts) == "Both are.", parts
    quiet = client.chat(model="auto", messages=asked, think=False)
    assert quiet.message.thinking is None and quiet.message.content == "Neither.", quiet


def structured():
    answer = client.chat(model="auto", messages=[{"role": "user", "content": "Give it as JSON."}], format=SCHEMA)
    assert json.loads(answer.message.content) == {"x": "y"}, answer


def errors():
    for call, status in [
        (lambda: client.chat(model="no-such-model", messages=ASK), 404),
        (lambda: client.chat(model="auto", messages=ASK, options={"mirostat": 2}), 400),
        (lambda: list(client.chat(model="no-such-model", messages=ASK, stream=True)), 404),
        (lambda: client.show("no-such-model"), 404),
        (lambda: client.embed(model="auto", input="x"), 404),
        (lambda: client.pull("anything"), 404),
    ]:
        try:
            call()
        except ollama.ResponseError as error:
            assert error.status_code == status and error.error, error
        else:
            raise AssertionError("it was not refused")


def models():
    names = [model.model for model in client.list().models]
    assert names == ["auto", "cloud/fake-frontier"], names
    shown = client.show("cloud/fake-frontier")
    assert "completion" in shown.capabilities, shown
    assert client.ps().models == [], client.ps()


def hang_up():
    """Leaves a stream that stands still; the test sees to it that the cloud is left too."""
    parts = client.chat(model="auto", messages=[{"role": "user", "content": "Compare, and stand still."}], stream=True)
    next(iter(parts))
    parts.close()


chat()
stream()
asyncio.run(stream_async())
generate()
tools()
thinking()
structured()
errors()
models()
hang_up()
row = named("ollama")
tried(row, "chat", "stream", "tools", "thinking", "structured", "error", "hang-up", "models")
print("all checks passed")
