import type { Client } from 'pg';

/** How long a server may take to say goodbye, ms: a line that is cut never does. */
const GOODBYE_MS = 1_000;

/** Ends a connection that nothing is under way on. */
export async function endClient(client: Client): Promise<void> {
  const timer = setTimeout(() => cut(client), GOODBYE_MS);
  try {
    await client.end();
  } catch {
    // It has ended otherwise.
  } finally {
    clearTimeout(timer);
  }
}

/** Ends it at once, whatever is under way. */
export function cut(client: Client): void {
  const { connection } = client as unknown as { connection?: { stream?: { destroy(): void } } };
  connection?.stream?.destroy();
}
