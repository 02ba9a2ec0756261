/** JSON in which every number keeps its digits, so that a digit that the bot changes is seen. */
export function parseExact(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    if (typeof value !== 'number' || context?.source === undefined) return value;
    return String(value) === context.source ? value : JSON.rawJSON(context.source);
  });
}

/** A request's body: null if it is empty, its text if it is not JSON. */
export function bodyOf(text: string): unknown {
  if (text === '') return null;
  try {
    return parseExact(text);
  } catch {
    return text;
  }
}

/** A copy of a JSON value: `structuredClone` refuses numbers that keep their digits. */
export function cloneJson<T>(value: T): T {
  return parseExact(JSON.stringify(value)) as T;
}
