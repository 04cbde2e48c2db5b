"""The OpenAI Python SDK against a gateway that lets everything out to the fake cloud."""

import asyncio

from openai import AsyncOpenAI, BadRequestError, OpenAI

TEXT = "The fake cloud says hello."
MESSAGES = [{"role": "user", "content": "Compare two ways to sort a list."}]

client = OpenAI(max_retries=0)


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


chat()
stream()
stream_without_usage()
asyncio.run(stream_async())
models()
errors()
print("all checks passed")
