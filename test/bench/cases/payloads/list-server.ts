/** A worker that serves one JSON text to every request, so that a measured turn does not include its work. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort } from 'node:worker_threads';

let body = Buffer.from('{}');
const server = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
});
parentPort?.on('message', (text: string) => {
  body = Buffer.from(text);
  parentPort?.postMessage({ served: body.length });
});
server.listen(0, '127.0.0.1', () => parentPort?.postMessage({ port: (server.address() as AddressInfo).port }));
