/**
 * Removes a safeguard from the bot on purpose. The source is edited as it is loaded, in this process alone, so that
 * production code has no switch for it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Edit {
  /** A name that exactly one module of the bot exports; `main` is the entry point, which exports nothing. */
  in: string;
  find: RegExp | string;
  put: string;
}

const SOURCE = fileURLToPath(new URL('../../src/', import.meta.url));
const ENTRY = 'main';

let modules: Map<string, string[]> | null = null;

/** The modules of the bot by the names that they export. */
function exportingModules(): Map<string, string[]> {
  if (modules !== null) return modules;
  modules = new Map([[ENTRY, [join(SOURCE, 'main.ts')]]]);
  for (const entry of readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })) {
    if (!entry.endsWith('.ts') || entry.startsWith('sandbox/')) continue;
    const file = join(SOURCE, entry);
    const names = readFileSync(file, 'utf8').matchAll(
      /^export (?:async )?(?:function|const|class|interface|type) (\w+)/gm,
    );
    for (const [, name = ''] of names) modules.set(name, [...(modules.get(name) ?? []), file]);
  }
  return modules;
}

/** @throws Error when no module exports this name, or several do */
export function moduleOf(name: string): string {
  const files = exportingModules().get(name) ?? [];
  const [file] = files;
  if (file === undefined || files.length > 1) {
    throw new Error(`${files.length} modules export ${name}; an edit needs a name that exactly one exports.`);
  }
  return file;
}

/** Applies these edits to every module of the bot that is loaded from now on. */
export function mutate(edits: readonly Edit[], name: string): void {
  const byFile = Map.groupBy(edits, (edit) => moduleOf(edit.in));
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const mine = byFile.get(url.startsWith('file:') ? fileURLToPath(url) : '');
      if (mine === undefined) return loaded;
      const source = mine.reduce<string>((text, edit) => applied(text, edit, name), String(loaded.source));
      return { ...loaded, source };
    },
  });
}

/** @throws Error when the edit matches nowhere, or in more than one place */
export function applied(text: string, edit: Edit, name: string): string {
  const { find, put } = edit;
  const found =
    typeof find === 'string' ? text.split(find).length - 1 : [...text.matchAll(new RegExp(find, 'g'))].length;
  if (found !== 1)
    throw new Error(`The edit of ${name} matches ${found} times in the module of ${edit.in}: adjust it.`);
  return text.replace(find, () => put);
}

/** The flags and the setting that give a child process the same mutation as this process. */
export function inheritedMutation(): { flags: string[]; env: Record<string, string> } {
  const mutation = process.env['MUTATION'];
  if (mutation === undefined) return { flags: [], env: {} };
  return { flags: ['--import', new URL('../mutations/hook.ts', import.meta.url).href], env: { MUTATION: mutation } };
}
