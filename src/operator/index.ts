/** The page for operators: what waits, what ended, dead letters, health, the policy and the audit log. Tested in test/operator/index.test.ts. */
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { csrf } from 'hono/csrf';
import { html } from 'hono/html';
import { secureHeaders } from 'hono/secure-headers';
import type { CallGuard } from '../core/ports/http.ts';
import { type Access, createAccess, type Operator, type OperatorSettings } from './access.ts';
import type { ContentDeps } from './content.ts';
import { contentRoutes } from './content.ts';
import { notice, plainPage } from './pages/layout.ts';
import type { Html } from './pages/parts.ts';
import { icon, style } from './style.ts';

export type { OperatorSettings } from './access.ts';
export type { ContentDeps } from './content.ts';

/** What a request is known to be, once it may be served. */
export interface OperatorEnv {
  Variables: { isRead?: true; operator: Operator; formToken: string };
}

export interface OperatorPageDeps extends ContentDeps {
  settings: OperatorSettings;
  guard: Pick<CallGuard, 'take' | 'wrongSecret'>;
}

/** A form has three short fields. */
const BODY_MAX = 4_096;

/** Nothing runs, nothing is loaded from elsewhere, nothing is kept, and nothing shows it in a frame. */
const headers = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
    baseUri: ["'none'"],
  },
  // Browsers send no Origin with a form of a page that sends no referrer at all.
  referrerPolicy: 'same-origin',
  xFrameOptions: 'DENY',
  // For the host as a whole, of which this is one page: its proxy says it.
  strictTransportSecurity: false,
});

/** @returns what adds it to a server, below `/operator` */
export function createOperatorPage(deps: OperatorPageDeps): (server: Hono) => void {
  const pages = pagesOf(deps);
  return (server) => void server.route('/operator', pages);
}

function pagesOf(deps: OperatorPageDeps): Hono<OperatorEnv> {
  const { settings, log } = deps;
  const access = createAccess(deps);
  const app = new Hono<OperatorEnv>();

  app.use(async (context, next) => {
    await next();
    context.header('cache-control', 'no-store');
  });
  app.use(headers);
  app.get('/style.css', (context) => context.body(style, 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.get('/icon.svg', (context) => context.body(icon, 200, { 'content-type': 'image/svg+xml' }));
  app.use(csrf({ origin: (origin, context) => isOwnOrigin(origin, context, settings) }));
  app.use(bodyLimit({ maxSize: BODY_MAX, onError: (context) => refusal(context, 413, 'This form is too long.') }));
  app.use(async (context, next) => {
    // It is kept for those who read it next.
    await context.req.parseBody();
    context.set('isRead', true);
    return next();
  });
  app.onError((error, context) => {
    // Of the checks above: it came from another site.
    if ('getResponse' in error)
      return refusal(context, 403, 'This form was sent from another address. Open the page anew, and try again.');
    // A stranger can send what is no form, or break it off, as often as they like: that is nothing for the log.
    if (context.get('isRead') !== true)
      return refusal(context, 400, 'This form could not be read. Open the page anew, and try again.');
    log.error({ err: error, path: context.req.path }, 'a page for operators failed');
    return refusal(context, 500, 'This page could not be made. Nothing was changed. The log says why.');
  });

  signInRoutes(app, access, settings);
  app.use(async (context, next) => {
    const operator = access.operatorOf(context);
    if (operator === null) return toSignIn(context, access, settings);
    if (context.req.method !== 'GET' && context.req.method !== 'HEAD') {
      const { token } = await context.req.parseBody();
      if (!access.isFormToken(operator, token))
        return refusal(context, 403, 'This form is of an earlier session. Open the page anew, and try again.');
    }
    context.set('operator', operator);
    context.set('formToken', access.formToken(operator));
    return next();
  });
  app.post('/sign-out', (context) => {
    access.signOut(context);
    return context.redirect('/operator/sign-in?out=1', 303);
  });
  contentRoutes(app, deps);
  app.all('*', (context) => refusal(context, 404, 'There is no such page.'));
  return app;
}

/** The host of a request is known to be ours: others are refused before. A proxy may have replaced it. */
function isOwnOrigin(origin: string, context: Context, { publicUrl }: OperatorSettings): boolean {
  if (publicUrl !== null && origin === publicUrl) return true;
  return URL.canParse(origin) && new URL(origin).host === context.req.header('host');
}

function signInRoutes(app: Hono<OperatorEnv>, access: Access, settings: OperatorSettings): void {
  app.get('/sign-in', (context) => {
    if (access.operatorOf(context) !== null) return context.redirect('/operator', 303);
    if (settings.token === null) return toSignIn(context, access, settings);
    const said = context.req.query('out') === '1' ? notice('good', html`You are signed out.`) : html``;
    return page(context, 200, 'Sign in', html`${said}${signInForm(nextOf(context.req.query('next')))}`);
  });
  app.post('/sign-in', async (context) => {
    if (settings.token === null) return toSignIn(context, access, settings);
    const { secret, next } = await context.req.parseBody();
    const given = typeof secret === 'string' ? secret.trim() : '';
    const to = nextOf(typeof next === 'string' ? next : undefined);
    const result = await access.signIn(context, given);
    if (result.type === 'signed_in') return context.redirect(to, 303);
    const form = signInForm(to);
    if (result.type === 'wrong')
      return page(context, 403, 'Sign in', html`${notice('bad', html`This is not the value of ADMIN_TOKEN.`)}${form}`);
    context.header('retry-after', String(result.seconds));
    const wait = html`Too many tries. Wait ${result.seconds} s, then try again.`;
    return page(context, 429, 'Sign in', html`${notice('bad', wait)}${form}`);
  });
}

function signInForm(next: string): Html {
  return html`<p>The token is the setting <code>ADMIN_TOKEN</code> of this Countersign.</p>
<form class="sign-in" method="post" action="/operator/sign-in">
<div class="field"><label for="secret">Token</label>
<input id="secret" name="secret" type="password" autocomplete="current-password" required autofocus></div>
<input type="hidden" name="next" value="${next}">
<button type="submit">Sign in</button>
</form>`;
}

/** Only a page of ours. */
function nextOf(path: string | undefined): string {
  return path !== undefined && /^\/operator(?:[/?][\w~%.&=?/+-]*)?$/.test(path) ? path : '/operator';
}

function toSignIn(
  context: Context,
  access: Access,
  { token, identity }: OperatorSettings,
): Response | Promise<Response> {
  const stranger = access.strangerOf(context);
  if (stranger !== null)
    return refusal(
      context,
      403,
      `${stranger.slice(0, 100)} is not one of OPERATOR_IDENTITIES, so this page stays closed.`,
    );
  if (token === null)
    return refusal(
      context,
      403,
      `Open this page through the proxy that signs you in: it has to send ${identity?.header ?? 'its header'}, from an address of TRUSTED_PROXIES.`,
    );
  if (context.req.method !== 'GET' && context.req.method !== 'HEAD')
    return refusal(context, 403, 'You are not signed in any more. Nothing was done. Sign in, and try again.');
  const { pathname, search } = new URL(context.req.url);
  const next = nextOf(`${pathname}${search}`);
  return context.redirect(
    next === '/operator' ? '/operator/sign-in' : `/operator/sign-in?next=${encodeURIComponent(next)}`,
    303,
  );
}

function refusal(context: Context, status: 400 | 403 | 404 | 413 | 500, text: string): Response | Promise<Response> {
  const title = { 400: 'Unreadable', 403: 'Refused', 404: 'Not found', 413: 'Too long', 500: 'Something failed' }[
    status
  ];
  return page(context, status, title, html`<p>${text}</p><p><a href="/operator">To the first page</a></p>`);
}

function page(
  context: Context,
  status: 200 | 400 | 403 | 404 | 413 | 429 | 500,
  title: string,
  content: Html,
): Response | Promise<Response> {
  return context.html(plainPage(title, content), status);
}
