/** A later release of the bot: a copy of the source with a change. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** @param edits by file: the text, and what stands in its place. @returns the script of the copy, which is deleted with this process */
export function newerVersion(edits: Readonly<Record<string, readonly [string, string]>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-newer-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(root, 'src'), join(folder, 'src'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, version: '99.0.0' }));
  for (const [file, [from, to]] of Object.entries(edits)) {
    const text = readFileSync(join(folder, file), 'utf8');
    assert.ok(text.includes(from), `${file} has no ${from}`);
    writeFileSync(join(folder, file), text.replace(from, to));
  }
  return relative(root, join(folder, 'src/main.ts'));
}

/** Notes something in each approval that the version before it does not know. */
export const withField = {
  'src/core/approval/approval.ts': ['const commonShape = {', 'const commonShape = {\n  later: z.string().optional(),'],
  'src/core/approval/steps/transitions.ts': ['    ...beginning,', "    ...beginning,\n    later: 'noted',"],
} as const;
