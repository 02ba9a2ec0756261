/** Commands that read the SQLite file, where DATABASE_URL names PostgreSQL: each says what to do instead, and changes nothing. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { startChild } from '../support/child.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-without-file-'));
after(() => rmSync(folder, { recursive: true }));

/** Nothing listens there: no command needs to connect to know. */
const env = { DATABASE_URL: 'postgres://countersign:secret-word@127.0.0.1:1/countersign' };

const commands: [args: string[], instead: RegExp][] = [
  [['backup'], /pg_dump --format=custom --file=countersign\.dump "\$DATABASE_URL".*docs\/backup\.md/],
  [['move', '--to', 'postgres://countersign@127.0.0.1:1/other'], /--from/],
];

describe('on PostgreSQL', () => {
  for (const [args, instead] of commands) {
    test(`${args.slice(0, 2).join(' ')} says what to do`, async () => {
      const child = startChild('src/cli/main.ts', { env, args, cwd: folder });
      assert.equal(await child.ended, 1);
      const said = child.lines.join('\n');
      assert.match(said, /DATABASE_URL: names PostgreSQL, and this command reads a SQLite file\./);
      assert.match(said, instead);
      assert.ok(!said.includes('secret-word'), said);
    });
  }
});
