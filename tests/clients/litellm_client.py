"""litellm and instructor against a gateway that lets everything out to a fake cloud, of one dialect or the other."""

import json
import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import instructor  # noqa: E402
import litellm  # noqa: E402
from openai import OpenAI  # noqa: E402
from pydantic import BaseModel  # noqa: E402
from tried import client as named  # noqa: E402
from tried import tried  # noqa: E402

litellm.telemetry = False
litellm.suppress_debug_info = True
TEXT = "The fake cloud says hello."
ASK = [{"role": "user", "content": "Compare two ways to sort a list."}]
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "look_up",
            "description": "Looks it up.",
            "parameters": {"type": "object", "properties": {"what": {"type": "string"}}},
        },
    }
]
SCHEMA = {"type": "object", "properties": {"x": {"type": "string"}}, "required": ["x"], "additionalProperties": False}


class Found(BaseModel):
    """What was found."""

    x: str


def arguments(calls):
    return [json.loads(call.function.arguments) for call in calls]


def of(model, base):
    asked = {"model": model, "api_base": base, "api_key": "unused", "num_retries": 0, "max_tokens": 1024}
    answer = litellm.completion(messages=ASK, **asked)
    assert answer.choices[0].message.content == TEXT and answer.usage.total_tokens > 0, answer
    parts = list(litellm.completion(messages=ASK, stream=True, **asked))
    assert "".join(part.choices[0].delta.content or "" for part in parts) == TEXT, parts

    first = litellm.completion(messages=ASK, tools=TOOLS, **asked).choices[0].message
    assert arguments(first.tool_calls) == [{"what": "a"}, {"what": "b"}], first
    said = [{"role": "tool", "tool_call_id": call.id, "content": "found"} for call in first.tool_calls]
    second = litellm.completion(messages=ASK + [first] + said, tools=TOOLS, **asked)
    assert second.choices[0].message.content == TEXT, second

    try:
        litellm.completion(messages=ASK, **{**asked, "model": model.replace("auto", "no-such-model")})
    except litellm.exceptions.NotFoundError as error:
        assert error.status_code == 404, error
    else:
        raise AssertionError("it was not refused")

    stream = litellm.completion(messages=[{"role": "user", "content": "Compare, and stand still."}], stream=True, **asked)
    next(stream)
    getattr(stream, "completion_stream").close() if hasattr(stream.completion_stream, "close") else None
    del stream


def structured():
    form = {"type": "json_schema", "json_schema": {"name": "found", "schema": SCHEMA, "strict": True}}
    asked = {"model": "openai/auto", "api_base": os.environ["OPENAI_BASE_URL"], "api_key": "unused"}
    answer = litellm.completion(messages=[{"role": "user", "content": "Give it as JSON."}], response_format=form, **asked)
    assert json.loads(answer.choices[0].message.content) == {"x": "y"}, answer

    client = instructor.from_openai(OpenAI(max_retries=0), mode=instructor.Mode.JSON_SCHEMA)
    ask = [{"role": "user", "content": "Give it as JSON."}]
    found = client.chat.completions.create(model="auto", messages=ask, response_model=Found, max_retries=0)
    assert found.x == "y", found


of("openai/auto", os.environ["OPENAI_BASE_URL"])
of("anthropic/auto", os.environ["ANTHROPIC_BASE_URL"])
row = named("litellm", ", `openai/` and `anthropic/`")
structured()
tried(row, "chat", "stream", "tools", "structured", "error", "hang-up")
tried(named("instructor"), "structured")
print("all checks passed")
