// The OpenAI Node SDK against a gateway that lets everything out to the fake cloud.

const assert = require("node:assert/strict");
const OpenAI = require("openai");

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
  console.log("all checks passed");
})().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
