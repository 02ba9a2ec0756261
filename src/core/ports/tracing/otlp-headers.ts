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
