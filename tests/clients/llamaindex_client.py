"""LlamaIndex's OpenAI-like model against a gateway that lets everything out to a fake cloud, of one dialect or the other."""

import os

from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.prompts import PromptTemplate
from llama_index.core.tools import FunctionTool
from llama_index.llms.openai_like import OpenAILike
from openai import NotFoundError
from pydantic import BaseModel
from tried import client, tried

TEXT = "The fake cloud says hello."
ASK = "Compare two ways to sort a list."


class Found(BaseModel):
    """What was found."""

    x: str


def look_up(what: str) -> str:
    """Looks it up."""
    return "found " + what


def model(name):
    return OpenAILike(
        model=name,
        api_base=os.environ["OPENAI_BASE_URL"],
        api_key="unused",
        max_retries=0,
        is_chat_model=True,
        is_function_calling_model=True,
        should_use_structured_outputs=True,
    )


chat = model("auto")
assert chat.complete(ASK).text == TEXT
assert "".join(part.delta or "" for part in chat.stream_complete(ASK)) == TEXT

tool = FunctionTool.from_defaults(look_up)
history = [ChatMessage(role="user", content=ASK)]
first = chat.chat_with_tools([tool], chat_history=history, allow_parallel_tool_calls=True)
calls = chat.get_tool_calls_from_response(first)
assert [call.tool_kwargs for call in calls] == [{"what": "a"}, {"what": "b"}], calls
history.append(first.message)
for call in calls:
    said = str(tool.call(**call.tool_kwargs))
    history.append(ChatMessage(role="tool", content=said, additional_kwargs={"tool_call_id": call.tool_id}))
assert chat.chat_with_tools([tool], chat_history=history, allow_parallel_tool_calls=True).message.content == TEXT

found = chat.structured_predict(Found, PromptTemplate("Give it as JSON."))
assert found == Found(x="y"), found

try:
    model("no-such-model").complete(ASK)
except NotFoundError as error:
    assert error.status_code == 404, error
else:
    raise AssertionError("it was not refused")

parts = chat.stream_complete("Compare, and stand still.")
next(parts)
parts.close()
tried(client("llama-index-llms-openai-like"), "chat", "stream", "tools", "structured", "error", "hang-up")
print("all checks passed")
