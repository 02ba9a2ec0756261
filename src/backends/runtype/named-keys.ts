/** The keys of applications, each with a name or without. Tested in test/backends/runtype/settings.test.ts. */

export interface NamedKey {
  key: string;
  /** By which the policy file lists it; null: it has none. */
  name: string | null;
}

/** As an asker of the inbox is named. */
const NAME = /^[a-z][a-z0-9_.-]{0,39}$/;
/** A key of Runtype begins so, and has no name, whatever follows. */
const KEY = /^(?:rt|tv)_/;

/**
 * Parses `shop=rt_live_…` and `rt_live_…`.
 * @param problems gets what is wrong, without a key in it
 */
export function parseKeys(entries: readonly string[], problems: string[]): readonly NamedKey[] {
  const keys = entries.map((entry) => keyIn(entry));
  for (const [at, { name }] of keys.entries()) {
    if (name === null || (NAME.test(name) && !/^token-\d+$/.test(name))) continue;
    const where = entries.length > 1 ? `entry ${at + 1} of ${entries.length}: ` : '';
    const wrong = NAME.test(name)
      ? 'names like token-1 are those of ASK_TOKENS'
      : 'a name has lower-case letters, digits, ".", "_" and "-"';
    problems.push(`GATEWAY_KEYS: ${where}${wrong}. Write shop=rt_live_…`);
  }
  const names = Map.groupBy(keys, ({ key }) => key);
  for (const same of names.values()) {
    const different = [...new Set(same.map(({ name }) => name ?? 'no name'))];
    if (different.length > 1) {
      problems.push(`GATEWAY_KEYS: one key has ${different.join(' and ')}. Write it once.`);
    }
  }
  return keys;
}

/** A key may end with `=`. */
function keyIn(entry: string): NamedKey {
  const [, name = '', key = ''] = /^([^=]*?)\s*=\s*([^=\s].*)$/.exec(entry) ?? [];
  const isNamed = key !== '' && !KEY.test(entry) && (NAME.test(name) || KEY.test(key));
  return isNamed ? { key, name } : { key: entry, name: null };
}
