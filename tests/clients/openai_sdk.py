"""The OpenAI Python SDK against a gateway that lets everything out to the fake cloud."""

import asyncio
import json

from openai import AsyncOpenAI, BadRequestError, OpenAI
from pydantic import BaseModel
from tried import client as named
from tried import tried

TEXT = "The fake cloud says hello."
MESSAGES = [{"role": "user", "content": "Compare two ways to sort a list."}]

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "look_up",
            "description": "Looks it up.",
            "strict": True,
            "parameters": {
                "type": "object",
                "properties": {"what": {"type": "string"}},
                "required": ["what"],
                "additionalProperties": False,
            },
        },
    }
]

client = OpenAI(max_retries=0)


class Found(BaseModel):
    """What was found."""

    x: str


def chat():
    raw = client.chat.completions.with_raw_response.create(model="auto", messages=MESSAGES)
    assert raw.headers["x-hearthgate-zone"] == "cloud", raw.headers
    answer = raw.parse()
    assert answer.choices[0].message.content == TEXT, answer
    assert answer.choices[0].finish_reason == "stop", answer
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0, answer


def stream():
    chunks = list(
        client.chat.completions.create(
            model="auto", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
        )
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == TEXT, text
    assert chunks[-1].usage.total_tokens > 0, chunks[-1]


def stream_without_usage():
    chunks = list(client.chat.completions.create(model="auto", messages=MESSAGES, stream=True))
    assert all(chunk.choices and chunk.usage is None for chunk in chunks), chunks


async def stream_async():
    stream = await AsyncOpenAI(max_retries=0).chat.completions.create(model="auto", messages=MESSAGES, stream=True)
    text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
    assert text == TEXT, text


def models():
    names = [model.id for model in client.models.list()]
    assert any("fake-frontier" in name for name in names), names


def errors():
    try:
        client.chat.completions.create(model="auto", messages="not a list")
    except BadRequestError as error:
        assert error.status_code == 400 and error.type == "invalid_request_error", error
        assert error.message, error
    else:
        raise AssertionError("a request without a list of messages was not refused")


def calls_of(message):
    calls = message.tool_calls
    assert [json.loads(call.function.arguments) for call in calls] == [{"what": "a"}, {"what": "b"}], message
    return calls


def tools():
    first = client.chat.completions.create(model="auto", messages=MESSAGES, tools=TOOLS).choices[0].message
    with client.chat.completions.stream(model="auto", messages=MESSAGES, tools=TOOLS) as events:
        streamed = events.get_final_completion().choices[0].message
    assert [call.id for call in calls_of(streamed)] == [call.id for call in calls_of(first)], streamed
    said = [{"role": "tool", "tool_call_id": call.id, "content": "found"} for call in calls_of(first)]
    second = client.chat.completions.create(model="auto", messages=MESSAGES + [first] + said, tools=TOOLS)
    assert second.choices[0].message.content == TEXT, second


def structured():
    ask = [{"role": "user", "content": "Give it as JSON."}]
    answer = client.chat.completions.parse(model="auto", messages=ask, response_format=Found)
    assert answer.choices[0].message.parsed == Found(x="y"), answer


def hang_up():
    """Leaves a stream that stands still; the test sees to it that the cloud is left too."""
    asked = [{"role": "user", "content": "Compare, and stand still."}]
    with client.chat.completions.create(model="auto", messages=asked, stream=True) as chunks:
        next(iter(chunks))


chat()
stream()
stream_without_usage()
asyncio.run(stream_async())
tools()
structured()
models()
errors()
hang_up()
tried(named("openai"), "chat", "stream", "tools", "structured", "error", "hang-up", "models")
print("all checks passed")
