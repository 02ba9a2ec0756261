/** A mount whose exchanges are checked against the OpenAPI document. */
import { type HttpMount, type HttpReply, headersOf } from '../../../src/core/ports/http.ts';
import type { ApiCheck } from './api-check.ts';

/** @param faults gets what is wrong */
export function checkedMount(mount: HttpMount, api: ApiCheck, faults: string[]): HttpMount {
  return {
    ...mount,
    async handle(request, reply, signal) {
      const read: Uint8Array[] = [];
      let isRead = false;
      async function* body() {
        for await (const chunk of request.body) {
          read.push(Uint8Array.from(chunk));
          yield chunk;
        }
        isRead = true;
      }
      const sent: Uint8Array[] = [];
      let head: { status: number; rawHeaders: readonly string[] } | null = null;
      const watched: HttpReply = {
        start(status, rawHeaders) {
          head = { status, rawHeaders };
          reply.start(status, rawHeaders);
        },
        write(bytes, done) {
          sent.push(Uint8Array.from(bytes));
          return reply.write(bytes, done);
        },
        end() {
          if (head !== null)
            faults.push(
              ...api.faultsOf({
                method: request.method,
                target: request.target,
                requestHeaders: headersOf(request.rawHeaders),
                requestBody: isRead ? Buffer.concat(read).toString('utf8') : null,
                status: head.status,
                responseHeaders: headersOf(head.rawHeaders),
                responseBody: Buffer.concat(sent).toString('utf8'),
              }),
            );
          reply.end();
        },
        destroy: () => reply.destroy(),
      };
      // Its getters stay as they are.
      await mount.handle(Object.create(request, { body: { value: body() } }), watched, signal);
    },
  };
}
