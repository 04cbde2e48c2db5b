// Ollama's Node client against a gateway that lets everything out to a fake cloud, of one dialect or the other.

const assert = require("node:assert/strict");
const { Ollama } = require("ollama");
const { client: named, tried } = require("./tried.cjs");

const TEXT = "The fake cloud says hello.";
const messages = [{ role: "user", content: "Compare two ways to sort a list." }];
const host = process.env.OLLAMA_HOST;
const client = new Ollama({ host });
const tools = [
  {
    type: "function",
    function: {
      name: "look_up",
      description: "Looks it up.",
      parameters: { type: "object", properties: { what: { type: "string" } } },
    },
  },
];

async function gathered(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

async function chat() {
  const answer = await client.chat({ model: "auto", messages });
  assert.equal(answer.message.content, TEXT);
  assert.ok(answer.done && answer.eval_count > 0);
  const parts = await gathered(await client.chat({ model: "auto", messages, stream: true }));
  assert.equal(parts.map((part) => part.message.content).join(""), TEXT);
  assert.equal(parts.at(-1).done_reason, "stop");
}

async function generate() {
  const asked = { model: "auto", prompt: messages[0].content };
  assert.equal((await client.generate(asked)).response, TEXT);
  const parts = await gathered(await client.generate({ ...asked, stream: true }));
  assert.equal(parts.map((part) => part.response).join(""), TEXT);
}

async function toolsThereAndBack() {
  const first = await client.chat({ model: "auto", messages, tools });
  const calls = first.message.tool_calls;
  assert.deepEqual(calls.map((call) => call.function.arguments), [{ what: "a" }, { what: "b" }]);
  const said = calls.map((call) => ({ role: "tool", tool_name: call.function.name, content: "found" }));
  const second = await client.chat({ model: "auto", messages: [...messages, first.message, ...said], tools });
  assert.equal(second.message.content, TEXT);
}

async function structured() {
  const format = { type: "object", properties: { x: { type: "string" } }, required: ["x"] };
  const asked = [{ role: "user", content: "Give it as JSON." }];
  const answer = await client.chat({ model: "auto", messages: asked, format });
  assert.deepEqual(JSON.parse(answer.message.content), { x: "y" });
}

async function errors() {
  const refused = (error) => error.status_code === 404 && error.error.length > 0;
  await assert.rejects(client.chat({ model: "no-such-model", messages }), refused);
  await assert.rejects(client.show({ model: "no-such-model" }), refused);
}

async function models() {
  const { models } = await client.list();
  assert.deepEqual(models.map((model) => model.name), ["auto", "cloud/fake-frontier"]);
  assert.deepEqual((await client.ps()).models, []);
  assert.match((await client.version()).version, /^\d+\.\d+\.\d+$/);
}

async function hangUp() {
  const asked = [{ role: "user", content: "Compare, and stand still." }];
  const stream = await client.chat({ model: "auto", messages: asked, stream: true });
  for await (const part of stream) {
    assert.equal(part.done, false);
    stream.abort();
    break;
  }
}

(async () => {
  await chat();
  await generate();
  await toolsThereAndBack();
  await structured();
  await errors();
  await models();
  await hangUp();
  const row = named("ollama");
  tried(row, "chat", "stream", "tools", "structured", "error", "hang-up", "models");
  console.log("all checks passed");
})().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
