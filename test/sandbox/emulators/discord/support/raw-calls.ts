import type { TestContext } from 'node:test';
import { WebSocket } from 'ws';
import type { DiscordEmulator, Json } from '../../../../../src/sandbox/emulators/discord/types.ts';

/** A REST call without discord.js, for what the library would never send. */
export async function call(
  emulator: DiscordEmulator,
  method: string,
  path: string,
  body?: unknown,
  token = emulator.token,
): Promise<{ status: number; body: Json }> {
  const headers = { 'content-type': 'application/json', authorization: `Bot ${token}` };
  const given = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  const response = await fetch(`${emulator.url}/v10${path}`, { method, headers, ...given });
  return { status: response.status, body: response.status === 204 ? {} : ((await response.json()) as Json) };
}

/** Posts a message with one button, `approve`. */
export async function sendMessage(emulator: DiscordEmulator): Promise<string> {
  const button = { type: 2, style: 1, custom_id: 'approve', label: 'Approve' };
  const body = { content: 'Go?', components: [{ type: 1, components: [button] }] };
  return String((await call(emulator, 'POST', `/channels/${emulator.channel}/messages`, body)).body['id']);
}

export interface Payload {
  op: number;
  d: unknown;
  s: number | null;
  t: string | null;
}

/** A gateway client that does only what a test says; it has taken HELLO already. */
export async function openGateway(t: TestContext, emulator: DiscordEmulator) {
  const address = new URL(emulator.url.replace('http', 'ws'));
  const socket = new WebSocket(`${address.origin}/gateway?v=10&encoding=json`);
  t.after(() => socket.terminate());
  const waiting: Payload[] = [];
  let wake = () => {};
  socket.on('message', (data) => {
    waiting.push(JSON.parse(String(data)));
    wake();
  });
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  /** The next payload with this opcode; those before it are passed over. */
  const next = async (op: number): Promise<Payload> => {
    for (;;) {
      const payload = waiting.shift();
      if (payload?.op === op) return payload;
      if (payload) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  await next(10);
  return { send: (op: number, d: unknown) => socket.send(JSON.stringify({ op, d })), next, closed };
}
