export type Answer = { ok: true; data: unknown } | { ok: false; error: string };

/** Asks the page's server to do something. Never throws. */
export async function post(path: string, body: unknown): Promise<Answer> {
  try {
    const response = await fetch(`/api${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const data: unknown = await response.json();
    if (response.ok) return { ok: true, data };
    const error =
      typeof data === 'object' && data !== null && 'error' in data ? String(data.error) : response.statusText;
    return { ok: false, error };
  } catch {
    return { ok: false, error: 'The sandbox is not responding.' };
  }
}
