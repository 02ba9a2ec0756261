/**
 * The peer: Chat SDK with its Slack adapter, its state in SQLite, and the claim in the handler. Its answer waits for the
 * handler, which its own answer does not: only so nothing is acknowledged before its commit.
 * Arguments: the API's address, the token, the secret, the database of claims, the database of its state.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSlackAdapter } from '@chat-adapter/slack';
import { type Adapter, Chat, ConsoleLogger } from 'chat';
import { approvalIn, openClaims } from './claims.ts';
import { createSqliteState } from './sqlite-state.ts';

const [, , apiUrl = '', botToken = '', signingSecret = '', file = '', stateFile = ''] = process.argv;
const claims = openClaims(file);
const logger = new ConsoleLogger('error');
// Its own types disagree under `exactOptionalPropertyTypes`.
const slack = createSlackAdapter({ apiUrl, botToken, signingSecret, logger }) as Adapter;
const bot = new Chat({
  userName: 'bench',
  adapters: { slack },
  state: createSqliteState(stateFile),
  logger,
});
bot.onAction((event) => claims.decideAndEnqueue(approvalIn(event.value ?? ''), event.user.userId));
await bot.initialize();

const server = createServer(async (incoming, response) => {
  const body = Buffer.concat(await Array.fromAsync(incoming as AsyncIterable<Buffer>));
  const headers = new Headers(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  const work: Promise<unknown>[] = [];
  const request = new Request('http://127.0.0.1/', { method: 'POST', headers, body });
  const answer = await slack.handleWebhook(request, { waitUntil: (promise) => void work.push(promise) });
  await Promise.all(work);
  response.writeHead(answer.status).end(await answer.text());
});
server.listen(0, '127.0.0.1', () => console.log(`ready ${(server.address() as AddressInfo).port}`));
