import type { MiddlewareHandler } from 'hono';

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Accepts requests of the page only. Any web page may send requests to 127.0.0.1, so the host must be ours
 * (against DNS rebinding), and a request that changes something must have our origin (against forged requests).
 */
export function guard(port: () => number): MiddlewareHandler {
  return async (context, next) => {
    const host = context.req.header('host');
    const origin = context.req.header('origin');
    const reading = context.req.method === 'GET' || context.req.method === 'HEAD';
    if (host !== `127.0.0.1:${port()}` && host !== `localhost:${port()}`) {
      return context.json({ error: 'Use 127.0.0.1 or localhost to reach this page.' }, 403);
    }
    if (origin === undefined ? !reading : origin !== `http://${host}`) {
      return context.json({ error: 'Only the sandbox page may send this request.' }, 403);
    }
    await next();
    context.header('content-security-policy', policy);
    context.header('x-content-type-options', 'nosniff');
    context.header('referrer-policy', 'no-referrer');
    context.header('cross-origin-resource-policy', 'same-origin');
    context.header('cache-control', 'no-store');
  };
}
