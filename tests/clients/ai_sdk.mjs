// The AI SDK with its OpenAI, Anthropic and compatible providers, against a gateway that lets everything out to a fake cloud.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import told from "./tried.cjs";

// ES modules know no NODE_PATH, so each is looked up where it was installed.
async function load(name) {
  const folder = join(process.env.NODE_PATH, name);
  const entry = JSON.parse(readFileSync(join(folder, "package.json"))).exports["."];
  return import(pathToFileURL(join(folder, entry.import)).href);
}
const { generateText, streamText, stepCountIs, jsonSchema, tool, Output } = await load("ai");
const { createOpenAI } = await load("@ai-sdk/openai");
const { createAnthropic } = await load("@ai-sdk/anthropic");
const { createOpenAICompatible } = await load("@ai-sdk/openai-compatible");

const TEXT = "The fake cloud says hello.";
const prompt = "Compare two ways to sort a list.";
const base = process.env.OPENAI_BASE_URL;
const openai = createOpenAI({ baseURL: base, apiKey: "unused" });
const anthropic = createAnthropic({ baseURL: base, apiKey: "unused" });
const compatible = createOpenAICompatible({ name: "gate", baseURL: base, apiKey: "unused", supportsStructuredOutputs: true });
const schema = jsonSchema({
  type: "object",
  properties: { x: { type: "string" } },
  required: ["x"],
  additionalProperties: false,
});
const tools = {
  look_up: tool({
    description: "Looks it up.",
    inputSchema: jsonSchema({ type: "object", properties: { what: { type: "string" } }, required: ["what"] }),
    execute: async ({ what }) => `found ${what}`,
  }),
};

async function of(name, make) {
  const settings = { model: make("auto"), maxRetries: 0, maxOutputTokens: 1024 };
  const whole = await generateText({ ...settings, prompt });
  assert.equal(whole.text, TEXT);
  assert.ok(whole.usage.totalTokens > 0);

  let text = "";
  for await (const part of streamText({ ...settings, prompt }).textStream) text += part;
  assert.equal(text, TEXT);

  const looped = await generateText({ ...settings, prompt, tools, stopWhen: stepCountIs(3) });
  assert.equal(looped.text, TEXT);
  assert.deepEqual(looped.steps[0].toolCalls.map((call) => call.input), [{ what: "a" }, { what: "b" }]);

  const { output } = await generateText({ ...settings, prompt: "Give it as JSON.", output: Output.object({ schema }) });
  assert.deepEqual(output, { x: "y" });

  await assert.rejects(
    generateText({ ...settings, model: make("no-such-model"), prompt }),
    (error) => error.statusCode === 404,
  );

  const leaving = new AbortController();
  const stream = streamText({
    ...settings,
    prompt: "Compare, and stand still.",
    abortSignal: leaving.signal,
    onError: () => {},
  });
  for await (const part of stream.fullStream) {
    if (part.type === "text-delta") leaving.abort();
  }
  const [provider, surface] = name.split(" ");
  const row = told.client(provider, `, with \`ai\` ${told.version("ai")}${surface ? `, \`${surface}\`` : ""}`);
  told.tried(row, "chat", "stream", "tools", "structured", "error", "hang-up");
}

await of("@ai-sdk/openai", (model) => openai.chat(model));
await of("@ai-sdk/openai responses", (model) => openai.responses(model));
await of("@ai-sdk/anthropic", (model) => anthropic(model));
await of("@ai-sdk/openai-compatible", (model) => compatible(model));
console.log("all checks passed");
