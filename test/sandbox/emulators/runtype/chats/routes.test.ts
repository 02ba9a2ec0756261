import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RuntypeEmulator, Script, WebsiteOptions } from '../../../../../src/sandbox/emulators/runtype/types.ts';
import { effects, only, readEvents, typesOf, withEmulator } from '../support.ts';

const ORIGIN = 'https://shop.example';
const hello = [{ role: 'user', content: 'Hello' }];

/** An agent with one approval, which the visitor gives. */
const pickup: Script = {
  name: 'pickup',
  kind: 'agent',
  title: 'Pick-up desk',
  steps: [{ do: 'approval', toolName: 'place_order', parameters: { cups: 2 }, approver: 'end-user' }],
};

async function call(emulator: RuntypeEmulator, name: string, body: object, origin: string | null = ORIGIN) {
  const headers = { 'content-type': 'application/json', ...(origin !== null && { origin }) };
  const answer = await fetch(`${emulator.url}/v1/client/${name}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  const json = answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : {};
  return { status: answer.status, text, json, readableBy: answer.headers.get('access-control-allow-origin') };
}

function inShop(run: (emulator: RuntypeEmulator) => Promise<void>, website: WebsiteOptions = { origins: [ORIGIN] }) {
  return withEmulator({ website }, async (emulator) => {
    emulator.scripts.set('pickup', pickup);
    await run(emulator);
  });
}

async function begin(emulator: RuntypeEmulator, flowId?: string): Promise<string> {
  const { status, json } = await call(emulator, 'init', { token: emulator.clientToken, ...(flowId && { flowId }) });
  assert.equal(status, 200);
  return json.sessionId;
}

async function pause(emulator: RuntypeEmulator, sessionId: string) {
  const { text } = await call(emulator, 'chat', { sessionId, messages: hello });
  const { executionId, approvalId } = only(readEvents(text), 'approval_start');
  return { sessionId, executionId, approvalId };
}

describe('a website’s chats', () => {
  test('are off by default', () =>
    withEmulator({}, async (emulator) => {
      assert.equal((await call(emulator, 'init', { token: emulator.clientToken })).status, 401);
      assert.equal((await call(emulator, 'chat', { sessionId: 'cs_1', messages: hello })).status, 401);
    }));

  test('begin with a valid token, on a page that it names', () =>
    inShop(async (emulator) => {
      const { clientToken: token } = emulator;
      assert.equal((await call(emulator, 'init', { token: 'ct_live_other' })).status, 401);
      assert.equal((await call(emulator, 'init', { token }, 'https://evil.example')).status, 403);
      assert.equal((await call(emulator, 'init', { token }, null)).status, 403);
      const began = await call(emulator, 'init', { token });
      assert.deepEqual([began.status, began.readableBy], [200, ORIGIN]);
      assert.equal((await call(emulator, 'chat', { sessionId: 'cs_other', messages: hello })).status, 401);
    }));

  test('announce an approval of the owner, which the visitor can’t give, and the owner can', () =>
    inShop(async (emulator) => {
      const paused = await pause(emulator, await begin(emulator));
      const refused = await call(emulator, 'approve', { ...paused, decision: 'approved' });
      assert.deepEqual([refused.status, refused.json.code], [403, 'APPROVAL_APPROVER_NOT_END_USER']);
      const answer = await fetch(`${emulator.url}/v1/dispatch/approve`, {
        method: 'POST',
        headers: { authorization: `Bearer ${emulator.apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ ...paused, decision: 'approved' }),
      });
      assert.ok(typesOf(readEvents(await answer.text())).includes('execution_complete'));
      assert.equal(effects(emulator), 1);
      assert.equal((await call(emulator, 'approve', { ...paused, decision: 'denied' })).status, 409);
    }));

  test('let the visitor give what is theirs', () =>
    inShop(async (emulator) => {
      const paused = await pause(emulator, await begin(emulator, 'pickup'));
      const { text } = await call(emulator, 'approve', { ...paused, decision: 'approved' });
      assert.equal(only(readEvents(text), 'approval_complete')['decision'], 'approved');
    }));

  test('can be refused where approvals are the owner’s, or the page can’t show them', () =>
    inShop(
      async (emulator) => {
        const send = async (flowId: string, more: object = {}) =>
          call(emulator, 'chat', { sessionId: await begin(emulator, flowId), messages: hello, ...more });
        const capabilities = { endUserApproval: true };
        assert.equal((await send('refund-agent', { capabilities })).json.code, 'APPROVAL_MODE_UNSUPPORTED');
        assert.equal((await send('pickup')).status, 501);
        assert.equal((await send('pickup', { capabilities })).status, 200);
        assert.equal((await send('plain')).status, 200);
      },
      { origins: [ORIGIN], ownerGates: 'refused' },
    ));

  test('know their runs, and the tools of their page', () =>
    inShop(async (emulator) => {
      const sessionId = await begin(emulator);
      const { executionId } = await emulator.runToPause('refund-agent');
      const approvalId = emulator.runs()[0]?.pending[0]?.approvalId;
      const other = await call(emulator, 'approve', { sessionId, executionId, approvalId, decision: 'approved' });
      assert.equal(other.status, 404, 'of a run that is no chat');
      const unsent = await call(emulator, 'chat', { sessionId, messages: hello, clientToolsFingerprint: 'f1' });
      assert.deepEqual([unsent.status, unsent.json.error], [409, 'client_tools_resend_required']);
      const tools = { clientTools: [{ name: 'show_cart' }], clientToolsFingerprint: 'f1' };
      assert.equal((await call(emulator, 'chat', { sessionId, messages: hello, ...tools })).status, 200);
      assert.equal(
        (await call(emulator, 'chat', { sessionId, messages: hello, clientToolsFingerprint: 'f1' })).status,
        200,
      );
    }));

  test('answer a browser’s preflight for their pages only', () =>
    inShop(async (emulator) => {
      const ask = (origin: string) =>
        fetch(`${emulator.url}/v1/client/chat`, { method: 'OPTIONS', headers: { origin } });
      assert.equal((await ask(ORIGIN)).headers.get('access-control-allow-origin'), ORIGIN);
      assert.equal((await ask('https://evil.example')).headers.get('access-control-allow-origin'), null);
    }));
});
