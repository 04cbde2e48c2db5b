// The Anthropic Node SDK against a gateway that lets everything out to a fake cloud, of one dialect or the other.
'use strict';

const assert = require('node:assert');
const { Anthropic, BadRequestError } = require('@anthropic-ai/sdk');
const { client: named, tried } = require('./tried.cjs');

const TEXT = 'The fake cloud says hello.';
const ASK = [{ role: 'user', content: 'Compare two ways to sort a list.' }];
const TOOLS = [
  { name: 'look_up', input_schema: { type: 'object', properties: { what: { type: 'string' } } } },
];
const client = new Anthropic({ maxRetries: 0 });
const ask = (more) => ({ model: 'auto', max_tokens: 200, messages: ASK, ...more });

async function main() {
  const answer = await client.messages.create(ask());
  assert.strictEqual(answer.content[0].text, TEXT);
  assert.strictEqual(answer.stop_reason, 'end_turn');

  const last = await client.messages.stream(ask()).finalMessage();
  assert.strictEqual(last.content[0].text, TEXT);
  assert.ok(last.usage.output_tokens > 0);

  const called = await client.messages.stream(ask({ tools: TOOLS })).finalMessage();
  const calls = called.content.filter((block) => block.type === 'tool_use');
  assert.deepStrictEqual(calls.map((call) => call.input), [{ what: 'a' }, { what: 'b' }]);
  const results = calls.map((call) => ({ type: 'tool_result', tool_use_id: call.id, content: 'found' }));
  const messages = [...ASK, { role: 'assistant', content: called.content }, { role: 'user', content: results }];
  const second = await client.messages.create(ask({ messages, tools: TOOLS }));
  assert.strictEqual(second.content[0].text, TEXT);

  await assert.rejects(client.messages.create(ask({ messages: [] })), BadRequestError);
  assert.ok((await client.messages.countTokens({ model: 'auto', messages: ASK })).input_tokens > 0);
  const names = [];
  for await (const model of client.models.list()) names.push(model.id);
  assert.ok(names.some((name) => name.includes('fake-frontier')), names.join());

  const asked = [{ role: 'user', content: 'Think, and compare two ways to sort a list.' }];
  const thought = await client.messages.create(
    ask({ messages: asked, max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 1024 } }),
  );
  assert.deepStrictEqual(thought.content.map((block) => block.type), ['thinking', 'text']);
  const sealed = process.env.UPSTREAM !== 'openai';
  assert.strictEqual(thought.content[0].signature, sealed ? 'c2VhbGVk' : '');

  const stalled = [{ role: 'user', content: 'Compare, and stand still.' }];
  for await (const event of await client.messages.create(ask({ messages: stalled, stream: true }))) {
    assert.strictEqual(event.type, 'message_start');
    break;
  }
  const row = named('@anthropic-ai/sdk');
  const thinking = sealed ? 'thinking=yes, with its seal' : 'thinking';
  const schema = { type: 'object', properties: { x: { type: 'string' } }, required: ['x'], additionalProperties: false };
  const form = { format: { type: 'json_schema', schema } };
  const formed = await client.messages.create(
    ask({ messages: [{ role: 'user', content: 'Give it as JSON.' }], output_config: form }),
  );
  assert.deepStrictEqual(JSON.parse(formed.content[0].text), { x: 'y' });
  tried(row, 'chat', 'stream', 'tools', thinking, 'structured', 'error', 'hang-up', 'models', 'counting');
  console.log('all checks passed');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
