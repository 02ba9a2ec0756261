/** Signed requests as Slack sends them, made before the measurement, so that their making costs it nothing. */
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SlackEmulator } from '../../../../src/sandbox/emulators/slack/types.ts';
import { type Button, reviewer } from './cards.ts';

export interface SignedRequest {
  headers: Record<string, string>;
  body: Buffer;
}

/** The emulator's own requests for a press on each of these buttons. */
export async function signedPresses(slack: SlackEmulator, buttons: readonly Button[]): Promise<SignedRequest[]> {
  const requests: SignedRequest[] = [];
  const recorder = createServer(async (incoming, response) => {
    const body = Buffer.concat(await Array.fromAsync(incoming as AsyncIterable<Buffer>));
    const names = ['content-type', 'x-slack-request-timestamp', 'x-slack-signature', 'user-agent'];
    const headers = Object.fromEntries(names.map((name) => [name, String(incoming.headers[name])]));
    requests.push({ headers: { ...headers, 'content-length': String(body.length) }, body });
    response.end();
  }).listen(0, '127.0.0.1');
  await once(recorder, 'listening');
  slack.sendOverHttp(`http://127.0.0.1:${(recorder.address() as AddressInfo).port}/`);
  for (const { channel, message, id, value } of buttons) {
    await slack.press({ userId: reviewer.slackId, channel, ts: message, actionId: id, value });
  }
  slack.sendOverHttp(null);
  recorder.close();
  recorder.closeAllConnections();
  return requests;
}

/** Sends over connections that stay open. @returns the ms until the whole answer */
export function createSender(port: number, path: string): (signed: SignedRequest) => Promise<number> {
  const agent = new Agent({ keepAlive: true });
  return ({ headers, body }) =>
    new Promise((resolve, reject) => {
      const startedAt = performance.now();
      request({ host: '127.0.0.1', port, path, method: 'POST', headers, agent }, (response) => {
        response.resume();
        response.once('end', () => {
          if (response.statusCode === 200) resolve(performance.now() - startedAt);
          else reject(new Error(`a press was answered with ${response.statusCode}`));
        });
      })
        .once('error', reject)
        .end(body);
    });
}
