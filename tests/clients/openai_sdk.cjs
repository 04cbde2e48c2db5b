// The OpenAI Node SDK against a gateway that lets everything out to the fake cloud.

const assert = require("node:assert/strict");
const OpenAI = require("openai");
const { client: named, tried } = require("./tried.cjs");

const TEXT = "The fake cloud says hello.";
const messages = [{ role: "user", content: "Compare two ways to sort a list." }];
const client = new OpenAI({ maxRetries: 0 });

async function chat() {
  const { data, response } = await client.chat.completions.create({ model: "auto", messages }).withResponse();
  assert.equal(response.headers.get("x-hearthgate-zone"), "cloud");
  assert.equal(data.choices[0].message.content, TEXT);
  assert.equal(data.choices[0].finish_reason, "stop");
  assert.equal(data.usage.total_tokens, data.usage.prompt_tokens + data.usage.completion_tokens);
}

async function stream() {
  const stream = await client.chat.completions.create({
    model: "auto",
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = "";
  let usage = null;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? "";
    usage = chunk.usage ?? usage;
  }
  assert.equal(text, TEXT);
  assert.ok(usage.total_tokens > 0);
}

async function responses() {
  const whole = await client.responses.create({ model: "auto", input: messages });
  assert.equal(whole.output_text, TEXT);
  assert.equal(whole.status, "completed");
  const stream = client.responses.stream({ model: "auto", input: messages });
  let text = "";
  stream.on("response.output_text.delta", (event) => (text += event.delta));
  const last = await stream.finalResponse();
  assert.equal(text, TEXT);
  assert.equal(last.output_text, TEXT);
  assert.ok(last.usage.total_tokens > 0);
}

const parameters = {
  type: "object",
  properties: { what: { type: "string" } },
  required: ["what"],
  additionalProperties: false,
};
const schema = { type: "object", properties: { x: { type: "string" } }, required: ["x"], additionalProperties: false };
const formed = [{ role: "user", content: "Give it as JSON." }];
const stalled = [{ role: "user", content: "Compare, and stand still." }];
const isCalled = (calls, argumentsOf) =>
  assert.deepEqual(calls.map((call) => JSON.parse(argumentsOf(call))), [{ what: "a" }, { what: "b" }]);

async function chatTools() {
  const tools = [{ type: "function", function: { name: "look_up", strict: true, parameters } }];
  const streamed = await client.chat.completions.stream({ model: "auto", messages, tools }).finalMessage();
  isCalled(streamed.tool_calls, (call) => call.function.arguments);
  const first = (await client.chat.completions.create({ model: "auto", messages, tools })).choices[0].message;
  isCalled(first.tool_calls, (call) => call.function.arguments);
  const said = first.tool_calls.map((call) => ({ role: "tool", tool_call_id: call.id, content: "found" }));
  const second = await client.chat.completions.create({ model: "auto", messages: [...messages, first, ...said], tools });
  assert.equal(second.choices[0].message.content, TEXT);
}

async function responsesTools() {
  const tools = [{ type: "function", name: "look_up", parameters, strict: true }];
  const first = await client.responses.create({ model: "auto", input: messages, tools });
  const calls = first.output.filter((item) => item.type === "function_call");
  isCalled(calls, (call) => call.arguments);
  const said = calls.map((call) => ({ type: "function_call_output", call_id: call.call_id, output: "found" }));
  const second = await client.responses.create({ model: "auto", input: [...messages, ...first.output, ...said], tools });
  assert.equal(second.output_text, TEXT);
}

async function structured() {
  const response_format = { type: "json_schema", json_schema: { name: "found", schema, strict: true } };
  const chat = await client.chat.completions.parse({ model: "auto", messages: formed, response_format });
  assert.deepEqual(chat.choices[0].message.parsed, { x: "y" });
  const text = { format: { type: "json_schema", name: "found", schema, strict: true } };
  const response = await client.responses.parse({ model: "auto", input: formed, text });
  assert.deepEqual(response.output_parsed, { x: "y" });
}

// Leaves streams that stand still; the test sees to it that the cloud is left too.
async function hangUp() {
  for await (const _ of await client.chat.completions.create({ model: "auto", messages: stalled, stream: true })) break;
  for await (const _ of await client.responses.create({ model: "auto", input: stalled, stream: true })) break;
}

async function models() {
  const names = [];
  for await (const model of client.models.list()) names.push(model.id);
  assert.ok(names.some((name) => name.includes("fake-frontier")), names.join(", "));
}

async function errors() {
  await assert.rejects(client.chat.completions.create({ model: "auto", messages: "not a list" }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError, String(error));
    assert.equal(error.status, 400);
    assert.equal(error.type, "invalid_request_error");
    return true;
  });
  await assert.rejects(
    client.responses.create({ model: "auto", input: "x", previous_response_id: "resp_1" }),
    (error) => error instanceof OpenAI.BadRequestError && error.code === "previous_response_not_found",
  );
}

(async () => {
  await chat();
  await stream();
  await responses();
  await models();
  await errors();
  await chatTools();
  await responsesTools();
  await structured();
  await hangUp();
  tried(named("openai"), "chat", "stream", "tools", "structured", "error", "hang-up", "models");
  tried(named("openai", ", `responses`"), "chat", "stream", "tools", "structured", "error", "hang-up");
  console.log("all checks passed");
})().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
