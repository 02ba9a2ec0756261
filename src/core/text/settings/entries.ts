/** Lists in settings. Tested in test/core/text/settings/entries.test.ts. */

/**
 * Parses each entry, so that all that is wrong is reported at once.
 * @throws what `parse` throws, or an AggregateError of several
 */
export function parseEach<Entry, T>(entries: readonly Entry[], parse: (entry: Entry) => T): T[] {
  const errors: unknown[] = [];
  const parsed = entries.flatMap((entry) => {
    try {
      return [parse(entry)];
    } catch (error) {
      errors.push(...(error instanceof AggregateError ? error.errors : [error]));
      return [];
    }
  });
  if (errors.length === 0) return parsed;
  throw errors.length === 1 ? errors[0] : new AggregateError(errors, errors.map(String).join('; '));
}

/** The entries of a list, separated by commas, without blanks. */
export function entriesOf(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
