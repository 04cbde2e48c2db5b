"""LangChain's OpenAI and Anthropic models against a gateway that lets everything out to a fake cloud, of one dialect or the other."""

from anthropic import NotFoundError as AnthropicNotFound
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from openai import NotFoundError
from pydantic import BaseModel
from tried import client, tried

TEXT = "The fake cloud says hello."
ASK = [HumanMessage("Compare two ways to sort a list.")]


@tool
def look_up(what: str) -> str:
    """Looks it up."""
    return "found " + what


class Found(BaseModel):
    """What was found."""

    x: str


def of(row, make):
    chat, missing = make("auto"), make("no-such-model")
    answer = chat.invoke(ASK)
    assert answer.text == TEXT and answer.usage_metadata["total_tokens"] > 0, answer
    whole = None
    for chunk in chat.stream(ASK):
        whole = chunk if whole is None else whole + chunk
    assert whole.text == TEXT, whole

    bound = chat.bind_tools([look_up])
    first = bound.invoke(ASK)
    assert [call["args"] for call in first.tool_calls] == [{"what": "a"}, {"what": "b"}], first
    said = [ToolMessage(look_up.invoke(call["args"]), tool_call_id=call["id"]) for call in first.tool_calls]
    assert bound.invoke(ASK + [first] + said).text == TEXT
    calls = None
    for chunk in bound.stream(ASK):
        calls = chunk if calls is None else calls + chunk
    assert [call["args"] for call in calls.tool_calls] == [{"what": "a"}, {"what": "b"}], calls

    structured = chat.with_structured_output(Found, method="json_schema")
    assert structured.invoke("Give it as JSON.") == Found(x="y")

    try:
        missing.invoke(ASK)
    except (NotFoundError, AnthropicNotFound) as error:
        assert error.status_code == 404, error
    else:
        raise AssertionError("it was not refused")

    events = chat.stream("Compare, and stand still.")
    next(events)
    events.close()
    tried(row, "chat", "stream", "tools", "structured", "error", "hang-up")


of(client("langchain-openai"), lambda model: ChatOpenAI(model=model, max_retries=0))
responses = client("langchain-openai", ", `responses`")
of(responses, lambda model: ChatOpenAI(model=model, max_retries=0, use_responses_api=True))
of(client("langchain-anthropic"), lambda model: ChatAnthropic(model=model, max_retries=0, max_tokens=1024))
print("all checks passed")
