/**
 * Reads headers as OpenTelemetry's settings write them: `api-key=secret,x-team=desk`; values may be percent-encoded.
 * @returns null where it is not valid
 */
export function parseOtlpHeaders(text: string): Record<string, string> | null {
  const headers: Record<string, string> = {};
  for (const entry of text.split(',')) {
    const [, name = '', value = ''] = /^\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(\S(?:.*\S)?)\s*$/.exec(entry) ?? [];
    if (name === '') return null;
    try {
      headers[name.toLowerCase()] = decodeURIComponent(value);
    } catch {
      return null;
    }
  }
  return headers;
}

/** Shorter values are names of teams and tenants: cut out of the log, as secrets are, one of `1` would leave no line readable. */
const SECRET_MIN = 16;

/** What may be a secret in the values of headers, also without the word before it: `Bearer …`. */
export function secretsInHeaders(headers: Readonly<Record<string, string>>): string[] {
  return Object.values(headers)
    .flatMap((value) => value.split(/\s+/))
    .filter(({ length }) => length >= SECRET_MIN);
}
