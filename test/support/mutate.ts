/**
 * What a test takes away from the bot on purpose. The source is edited as it is loaded, in this process alone, so that
 * production code holds no switch for it.
 */
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

export interface Edit {
  /** Below `src/`. */
  file: string;
  find: RegExp | string;
  put: string;
}

export const SOURCE = fileURLToPath(new URL('../../src/', import.meta.url));

/** From here on the bot's modules are loaded with these edits. */
export function mutate(edits: readonly Edit[], name: string): void {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const file = url.startsWith('file:') ? fileURLToPath(url) : '';
      const mine = edits.filter((edit) => file === `${SOURCE}${edit.file}`);
      if (mine.length === 0) return loaded;
      return {
        ...loaded,
        source: mine.reduce<string>((text, edit) => applied(text, edit, name), String(loaded.source)),
      };
    },
  });
}

/** @throws Error when the edit does not fit any more, or fits in more than one place */
export function applied(text: string, { file, find, put }: Edit, name: string): string {
  const found =
    typeof find === 'string' ? text.split(find).length - 1 : [...text.matchAll(new RegExp(find, 'g'))].length;
  if (found !== 1) throw new Error(`The edit of ${name} fits ${file} ${found} times: mend it.`);
  return text.replace(find, () => put);
}

/** The flags and the setting with which a child process of ours lacks what this process lacks (`test/remedies`). */
export function lacking(): { flags: string[]; env: Record<string, string> } {
  const remedy = process.env['REMEDY'];
  if (remedy === undefined) return { flags: [], env: {} };
  return { flags: ['--import', new URL('../mutations/hook.ts', import.meta.url).href], env: { REMEDY: remedy } };
}
