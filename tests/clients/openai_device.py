"""The model in the process through OpenAI's Python SDK: formats, tools, probabilities, several answers, texts, embeddings,
responses."""

import json
from typing import Literal

import tried
from openai import BadRequestError, OpenAI
from pydantic import BaseModel

client = OpenAI()


class Pet(BaseModel):
    kind: Literal["cat", "dog"]
    tame: bool


def ask(text, **more):
    return client.chat.completions.create(model="auto", messages=[{"role": "user", "content": text}], seed=3,
                                          reasoning_effort="low", **more)


parsed = client.chat.completions.parse(model="auto", messages=[{"role": "user", "content": "A pet, please."}],
                                       response_format=Pet, seed=5, reasoning_effort="low")
assert isinstance(parsed.choices[0].message.parsed, Pet), parsed

loose = ask("Anything.", response_format={"type": "json_object"}, max_tokens=400)
if loose.choices[0].finish_reason == "stop":
    assert isinstance(json.loads(loose.choices[0].message.content), dict)

tool = {"type": "function", "function": {"name": "lamp", "parameters": {
    "type": "object", "properties": {"on": {"type": "boolean"}}, "required": ["on"], "additionalProperties": False}}}
named = {"type": "function", "function": {"name": "lamp"}}
call = ask("Light.", tools=[tool], tool_choice=named).choices[0].message.tool_calls[0]
assert call.function.name == "lamp" and isinstance(json.loads(call.function.arguments)["on"], bool)
with client.chat.completions.stream(model="auto", messages=[{"role": "user", "content": "Light."}], tools=[tool],
                                    tool_choice=named, seed=3, reasoning_effort="low") as stream:
    streamed = stream.get_final_completion().choices[0].message.tool_calls[0]
assert streamed.function.arguments == call.function.arguments and streamed.function.name == "lamp"

told = ask("Hello.", logprobs=True, top_logprobs=3, n=2, max_tokens=8)
assert len(told.choices) == 2
for choice in told.choices:
    tokens = choice.logprobs.content if choice.logprobs else []
    assert "".join(token.token for token in tokens) == choice.message.content
    assert all(len(token.top_logprobs) == 3 for token in tokens)

text = client.completions.create(model="auto", prompt=["One", "Two"], max_tokens=6, seed=1)
assert len(text.choices) == 2 and text.usage.completion_tokens <= 12

# The SDK asks for base64 by itself.
found = client.embeddings.create(model="finder", input=["a rose", "a sea"])
assert len(found.data) == 2 and abs(sum(number * number for number in found.data[0].embedding) - 1) < 1e-3

models = {model.id: model for model in client.models.list()}
assert models["device/home"].context_length >= 64 and models["device/finder"].capabilities["embeddings"]

try:
    ask("Hello.", response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "nothing"}}})
    raise AssertionError("a schema that nothing can follow was taken")
except BadRequestError as refused:
    assert refused.param == "response_format", refused


def respond(asked, **more):
    return client.responses.create(model="auto", input=asked, temperature=0, reasoning={"effort": "low"}, **more)


pet = client.responses.parse(model="auto", input="A pet, please.", text_format=Pet, temperature=0,
                             reasoning={"effort": "low"})
assert isinstance(pet.output_parsed, Pet) and pet.status == "completed", pet

lamp = {"type": "function"} | tool["function"]
forced = {"tools": [lamp], "tool_choice": {"type": "function", "name": "lamp"}}
called = respond("Light.", **forced).output[-1]
assert called.type == "function_call" and isinstance(json.loads(called.arguments)["on"], bool), called
with client.responses.stream(model="auto", input="Light.", temperature=0, reasoning={"effort": "low"}, **forced) as stream:
    again = stream.get_final_response().output[-1]
assert (again.name, again.arguments) == (called.name, called.arguments), again

cut = respond("Tell me of the sea.", max_output_tokens=2)
if cut.status == "incomplete":
    assert cut.incomplete_details.reason == "max_output_tokens" and cut.usage.output_tokens <= 2, cut

try:
    respond("Hello.", text={"format": {"type": "json_schema", "name": "x", "schema": {"type": "nothing"}}})
    raise AssertionError("a schema that nothing can follow was taken")
except BadRequestError as refused:
    assert refused.param == "text.format", refused

tried.tried(tried.client("openai"), "chat", "stream=yes, a call", "tools=a call", "structured", "error", "models")
tried.tried(tried.client("openai", ", `responses`"), "chat", "stream=a call", "tools=a call", "structured", "error")
print("all checks passed")
