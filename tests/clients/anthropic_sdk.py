"""The Anthropic Python SDK against a gateway that lets everything out to a fake cloud, of one dialect or the other."""

import asyncio
import json
import os

import anthropic
from anthropic import Anthropic, AsyncAnthropic
from tried import client as named
from tried import tried

TEXT = "The fake cloud says hello."
ASK = [{"role": "user", "content": "Compare two ways to sort a list."}]
TOOLS = [
    {
        "name": "look_up",
        "description": "Looks it up.",
        "input_schema": {"type": "object", "properties": {"what": {"type": "string"}}},
    }
]
# What only a provider of the same dialect can say.
SEALED = os.environ["UPSTREAM"] != "openai"

client = Anthropic(max_retries=0)


def chat():
    raw = client.messages.with_raw_response.create(model="auto", max_tokens=200, messages=ASK, system="Be brief.")
    assert raw.headers["x-hearthgate-zone"] == "cloud", raw.headers
    answer = raw.parse()
    assert [block.text for block in answer.content] == [TEXT], answer
    assert (answer.stop_reason, answer.role, answer.type) == ("end_turn", "assistant", "message"), answer
    assert answer.usage.input_tokens > 0 and answer.usage.output_tokens > 0, answer
    assert answer._request_id, "the request's id stands in a header of its own"


def stream():
    with client.messages.stream(model="auto", max_tokens=200, messages=ASK) as events:
        text = "".join(events.text_stream)
        last = events.get_final_message()
    assert text == TEXT, text
    assert last.content[0].text == TEXT and last.stop_reason == "end_turn", last
    assert last.usage.input_tokens > 0 and last.usage.output_tokens > 0, last


async def stream_async():
    async with AsyncAnthropic(max_retries=0).messages.stream(model="auto", max_tokens=200, messages=ASK) as events:
        text = "".join([text async for text in events.text_stream])
    assert text == TEXT, text


def tools():
    messages = list(ASK)
    first = client.messages.create(model="auto", max_tokens=200, messages=messages, tools=TOOLS)
    assert first.stop_reason == "tool_use", first
    calls = [block for block in first.content if block.type == "tool_use"]
    assert [call.input for call in calls] == [{"what": "a"}, {"what": "b"}], calls
    with client.messages.stream(model="auto", max_tokens=200, messages=messages, tools=TOOLS) as events:
        streamed = events.get_final_message()
    assert [block.model_dump() for block in streamed.content] == [block.model_dump() for block in first.content], streamed
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": "found"} for call in calls]
    messages += [{"role": "assistant", "content": first.content}, {"role": "user", "content": results}]
    second = client.messages.create(model="auto", max_tokens=200, messages=messages, tools=TOOLS)
    assert second.content[0].text == TEXT, second


def thinking():
    budget = {"type": "enabled", "budget_tokens": 1024}
    asked = [{"role": "user", "content": "Think, and compare two ways to sort a list."}]
    with client.messages.stream(model="auto", max_tokens=4000, messages=asked, thinking=budget) as events:
        answer = events.get_final_message()
    kinds = [block.type for block in answer.content]
    assert kinds == ["thinking", "text"], answer
    assert answer.content[0].thinking == "Both are.", answer
    if SEALED:
        assert answer.content[0].signature == "c2VhbGVk", "the seal of a thought is passed on"


def structured():
    schema = {"type": "object", "properties": {"x": {"type": "string"}}, "required": ["x"], "additionalProperties": False}
    config = {"format": {"type": "json_schema", "schema": schema}}
    asked = [{"role": "user", "content": "Give it as JSON."}]
    answer = client.messages.create(model="auto", max_tokens=200, messages=asked, extra_body={"output_config": config})
    assert json.loads(answer.content[0].text) == {"x": "y"}, answer


def errors():
    for body, kind in [
        ({"max_tokens": 0}, anthropic.BadRequestError),
        ({"model": "no-such-model"}, anthropic.NotFoundError),
        ({"messages": []}, anthropic.BadRequestError),
    ]:
        try:
            client.messages.create(**({"model": "auto", "max_tokens": 9, "messages": ASK} | body))
        except kind as error:
            assert error.body["type"] == "error" and error.body["error"]["message"], error.body
            assert error.request_id, error
        else:
            raise AssertionError(f"{body} was not refused")


def hang_up():
    """Leaves a stream that stands still; the test sees to it that the cloud is left too."""
    stalled = [{"role": "user", "content": "Compare, and stand still."}]
    with client.messages.create(model="auto", max_tokens=200, messages=stalled, stream=True) as events:
        assert next(iter(events)).type == "message_start"


def counts():
    count = client.messages.count_tokens(model="auto", messages=ASK)
    assert count.input_tokens > 0, count


def models():
    names = [model.id for model in client.models.list()]
    assert any("fake-frontier" in name for name in names), names
    assert client.models.retrieve("auto").type == "model"


chat()
stream()
asyncio.run(stream_async())
tools()
thinking()
errors()
counts()
models()
hang_up()
row = named("anthropic")
sealed = "thinking=yes, with its seal" if SEALED else "thinking"
structured()
tried(row, "chat", "stream", "tools", sealed, "structured", "error", "hang-up", "models", "counting")
print("all checks passed")
