import assert from 'node:assert/strict';
import test from 'node:test';
import type { RuntypeEmulator } from '../../../../../src/sandbox/emulators/runtype/types.ts';
import { dispatch, effects, jsonOf, only, post, readEvents, typesOf, withEmulator } from '../support.ts';

const resume = (emulator: RuntypeEmulator, executionId: string, toolOutputs: Record<string, unknown>) =>
  post(emulator, '/v1/dispatch/resume', { executionId, toolOutputs });

test('two calls wait in one stream and are answered together, by toolCallId', () =>
  withEmulator({}, async (emulator) => {
    const events = await dispatch(emulator, 'parallel-awaits');
    assert.deepEqual(typesOf(events).slice(-2), ['await', 'await']);
    const [address, phone] = events.slice(-2);
    assert.equal(address?.executionId, phone?.executionId);
    assert.notEqual(address?.['toolCallId'], phone?.['toolCallId']);
    const reply = await resume(emulator, String(address?.executionId), {
      [String(address?.['toolCallId'])]: { content: [{ type: 'text', text: 'Lindenweg 14' }] },
      [String(phone?.['toolCallId'])]: 'the shop',
    });
    const done = readEvents(reply.text);
    assert.deepEqual(
      done.filter((event) => event.type === 'tool_complete').map((event) => event['toolCallId']),
      [address?.['toolCallId'], phone?.['toolCallId']],
    );
    assert.equal(
      only(done, 'execution_complete')['finalOutput'],
      'B-3307 goes to Lindenweg 14; the driver calls the shop.',
    );
  }));

test('a call that is left out pauses again under the same toolCallId', () =>
  withEmulator({}, async (emulator) => {
    const [address, phone] = (await dispatch(emulator, 'parallel-awaits')).slice(-2);
    const executionId = String(address?.executionId);
    const partial = readEvents((await resume(emulator, executionId, { confirm_address: 'Lindenweg 14' })).text);
    assert.equal(partial.at(-1)?.type, 'await');
    assert.equal(only(partial, 'await')['toolCallId'], phone?.['toolCallId']);
    assert.equal(emulator.runs()[0]?.pending.length, 1);

    const again = await resume(emulator, executionId, { [String(address?.['toolCallId'])]: 'Lindenweg 99' });
    assert.equal(again.status, 404, 'that pause is over');
    const empty = readEvents((await resume(emulator, executionId, {})).text);
    assert.equal(only(empty, 'await')['toolCallId'], phone?.['toolCallId']);

    const last = await resume(emulator, executionId, { [String(phone?.['toolCallId'])]: { number: 142 } });
    const { finalOutput } = only(readEvents(last.text), 'execution_complete');
    assert.equal(finalOutput, 'B-3307 goes to Lindenweg 14; the driver calls {"number":142}.');
    assert.equal(effects(emulator), 2);
  }));

test('the toolCallId goes before the tool name', () =>
  withEmulator({}, async (emulator) => {
    const slot = only(await dispatch(emulator, 'slot-flow'), 'await');
    const outputs = { pick_slot: 'by name', [String(slot['toolCallId'])]: 'by id' };
    assert.match((await resume(emulator, slot.executionId, outputs)).text, /is booked: by id\./);
  }));

test('a second resume finds no pause, and two at once have one effect', () =>
  withEmulator({}, async (emulator) => {
    const { executionId } = only(await dispatch(emulator, 'slot-flow'), 'await');
    const replies = await Promise.all(['one', 'two'].map((slot) => resume(emulator, executionId, { pick_slot: slot })));
    assert.deepEqual(replies.map((reply) => reply.status).toSorted(), [200, 404]);
    const late = await resume(emulator, executionId, { pick_slot: 'three' });
    assert.deepEqual([late.status, jsonOf(late)], [404, { error: 'No paused execution found for this executionId' }]);
    assert.equal(effects(emulator), 1);
  }));

test('calls without a toolCallId are answered by name, page tools with or without their prefix', () =>
  withEmulator({}, async (emulator) => {
    emulator.scripts.set('page', {
      name: 'page',
      kind: 'flow',
      title: 'Page tools',
      steps: [
        { do: 'awaits', calls: [{ toolName: 'add_to_cart', parameters: {}, origin: 'webmcp' }], noToolCallId: true },
        { do: 'awaits', calls: [{ toolName: 'show_cart', parameters: {}, origin: 'webmcp' }] },
        { do: 'complete', finalOutput: '{{add_to_cart}}, {{show_cart}}' },
      ],
    });
    const added = only(await dispatch(emulator, 'page'), 'await');
    assert.equal(added['toolCallId'], undefined);
    assert.equal(added['toolName'], 'webmcp:add_to_cart');
    assert.match(String(added['toolId']), /^runtime_webmcp:add_to_cart_\d+$/);
    assert.deepEqual(emulator.runs()[0]?.pending, [{ toolName: 'webmcp:add_to_cart' }]);
    const shown = readEvents((await resume(emulator, added.executionId, { 'webmcp:add_to_cart': 'added' })).text);
    assert.equal(only(shown, 'await')['pageOrigin'], 'https://shop.example');
    assert.match((await resume(emulator, added.executionId, { show_cart: 'shown' })).text, /"added, shown"/);
  }));

test('a failed output completes its tool call without success', () =>
  withEmulator({}, async (emulator) => {
    const { executionId } = only(await dispatch(emulator, 'slot-flow'), 'await');
    const output = { content: [{ type: 'text', text: 'Nobody is free.' }], isError: true };
    const done = readEvents((await resume(emulator, executionId, { pick_slot: output })).text);
    assert.equal(only(done, 'tool_complete')['success'], false);
    assert.deepEqual(only(done, 'tool_complete')['result'], output);
  }));
