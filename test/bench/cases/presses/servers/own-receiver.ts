/** A press over HTTP by hand: signature, form, JSON, one group commit, answer. Arguments: the database, the secret. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { approvalIn, openClaims } from './claims.ts';

const FRESH_S = 300;
const [, , file = '', secret = ''] = process.argv;
const claims = openClaims(file);

interface Payload {
  user: { id: string };
  actions: { value: string }[];
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    const stamp = String(request.headers['x-slack-request-timestamp']);
    const expected = createHmac('sha256', secret).update(`v0:${stamp}:`).update(body).digest('hex');
    const given = Buffer.from(String(request.headers['x-slack-signature']));
    const isSigned = given.length === expected.length + 3 && timingSafeEqual(given, Buffer.from(`v0=${expected}`));
    if (!isSigned || Math.abs(Date.now() / 1_000 - Number(stamp)) > FRESH_S) {
      response.writeHead(401).end();
      return;
    }
    const payload = JSON.parse(new URLSearchParams(body.toString()).get('payload') ?? '{}') as Payload;
    const approval = approvalIn(payload.actions[0]?.value ?? '');
    void claims.decideAndEnqueue(approval, payload.user.id).then(() => response.writeHead(200).end());
  });
});
server.listen(0, '127.0.0.1', () => console.log(`ready ${(server.address() as AddressInfo).port}`));
