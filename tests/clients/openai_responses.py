"""The OpenAI Python SDK's responses against a gateway that lets everything out to a fake cloud, of one dialect or the other."""

import asyncio
import json
import os

from openai import AsyncOpenAI, BadRequestError, NotFoundError, OpenAI
from pydantic import BaseModel
from tried import client as named
from tried import tried

TEXT = "The fake cloud says hello."
ASK = "Compare two ways to sort a list."
TOOLS = [
    {
        "type": "function",
        "name": "look_up",
        "description": "Looks it up.",
        "parameters": {"type": "object", "properties": {"what": {"type": "string"}}},
        "strict": False,
    }
]

client = OpenAI(max_retries=0)


def plain():
    raw = client.responses.with_raw_response.create(model="auto", input=ASK, instructions="Be brief.")
    assert raw.headers["x-hearthgate-zone"] == "cloud", raw.headers
    answer = raw.parse()
    assert answer.output_text == TEXT, answer
    assert (answer.status, answer.object, answer.store) == ("completed", "response", True), answer
    assert answer.id.startswith("resp_") and answer.instructions == "Be brief.", answer
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens > 0, answer


def stream():
    events = list(client.responses.create(model="auto", input=[{"role": "user", "content": ASK}], stream=True))
    kinds = [event.type for event in events]
    assert kinds[:4] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
    ], kinds
    assert kinds[-4:] == [
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ], kinds
    assert [event.sequence_number for event in events] == list(range(len(events))), events
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == TEXT, events
    assert events[-1].response.output_text == TEXT and events[-1].response.usage.total_tokens > 0, events[-1]


def stream_helper():
    with client.responses.stream(model="auto", input=ASK) as events:
        text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
        last = events.get_final_response()
    assert text == last.output_text == TEXT, (text, last)


async def stream_async():
    events = await AsyncOpenAI(max_retries=0).responses.create(model="auto", input=ASK, stream=True)
    text = "".join([event.delta async for event in events if event.type == "response.output_text.delta"])
    assert text == TEXT, text


def going_on():
    """What is stored is gone on from, told, listed and deleted."""
    first = client.responses.create(model="auto", input=ASK)
    second = client.responses.create(model="auto", input="And then?", previous_response_id=first.id)
    assert second.previous_response_id == first.id and second.output_text == TEXT, second
    with client.responses.stream(model="auto", input="And last?", previous_response_id=second.id) as events:
        third = events.get_final_response()
    items = list(client.responses.input_items.list(third.id, order="asc", limit=2))
    assert [item.role for item in items] == ["user", "assistant", "user", "assistant", "user"], items
    assert items[2].content[0].text == "And then?" and len({item.id for item in items}) == 5, items
    assert client.responses.retrieve(second.id) == second
    client.responses.delete(second.id)
    for call in [
        lambda: client.responses.retrieve(second.id),
        lambda: client.responses.delete(second.id),
        lambda: client.responses.retrieve(client.responses.create(model="auto", input=ASK, store=False).id),
    ]:
        try:
            call()
        except NotFoundError as error:
            assert error.code == "response_not_found", error
        else:
            raise AssertionError("it should not be there")
    try:
        client.responses.create(model="auto", input=ASK, previous_response_id=second.id)
    except BadRequestError as error:
        assert error.code == "previous_response_not_found" and error.param == "previous_response_id", error
    else:
        raise AssertionError("it should not be there")


def tools_by_id():
    """A round trip in which each side sends only what is new."""
    first = client.responses.create(model="auto", input=ASK, tools=TOOLS)
    outputs = [{"type": "function_call_output", "call_id": call.call_id, "output": "found"} for call in calls_of(first)]
    second = client.responses.create(model="auto", input=outputs, tools=TOOLS, previous_response_id=first.id)
    assert second.output_text == TEXT, second


def calls_of(answer):
    calls = [item for item in answer.output if item.type == "function_call"]
    assert [json.loads(call.arguments) for call in calls] == [{"what": "a"}, {"what": "b"}], answer
    return calls


def tools():
    history = [{"role": "user", "content": ASK}]
    first = client.responses.create(model="auto", input=history, tools=TOOLS)
    calls = calls_of(first)
    with client.responses.stream(model="auto", input=history, tools=TOOLS) as events:
        streamed = events.get_final_response()
    assert [(call.call_id, call.name) for call in calls_of(streamed)] == [(call.call_id, call.name) for call in calls]
    outputs = [{"type": "function_call_output", "call_id": call.call_id, "output": "found"} for call in calls]
    second = client.responses.create(model="auto", input=history + first.output + outputs, tools=TOOLS)
    assert second.output_text == TEXT, second


def thinking():
    asked = {"effort": "medium", "summary": "auto"}
    with client.responses.stream(model="auto", input="Think, and " + ASK, reasoning=asked, max_output_tokens=16000) as events:
        answer = events.get_final_response()
    assert [item.type for item in answer.output] == ["reasoning", "message"], answer
    assert answer.output[0].summary[0].text == "Both are.", answer


class Found(BaseModel):
    """What was found."""

    x: str


def structured():
    answer = client.responses.parse(model="auto", input="Give it as JSON.", text_format=Found)
    assert answer.output_parsed == Found(x="y"), answer


def errors():
    for body, kind in [
        ({"input": 7}, BadRequestError),
        ({"previous_response_id": "resp_1"}, BadRequestError),
        ({"tools": [{"type": "custom", "name": "x"}]}, BadRequestError),
        ({"model": "no-such-model"}, NotFoundError),
    ]:
        try:
            client.responses.create(**({"model": "auto", "input": ASK} | body))
        except kind as error:
            assert error.type == "invalid_request_error" and error.message, error
        else:
            raise AssertionError(f"{body} was not refused")


def hang_up():
    """Leaves a stream that stands still; the test sees to it that the cloud is left too."""
    with client.responses.create(model="auto", input="Compare, and stand still.", stream=True) as events:
        assert next(iter(events)).type == "response.created"


plain()
stream()
stream_helper()
asyncio.run(stream_async())
tools()
going_on()
tools_by_id()
thinking()
errors()
hang_up()
row = named("openai", ", `responses`")
structured()
tried(row, "chat", "stream", "tools", "thinking", "structured", "error", "hang-up")
print("all checks passed")
