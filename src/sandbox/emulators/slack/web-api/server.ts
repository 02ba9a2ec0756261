import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Journal } from '../../shared/journal.ts';
import type { SocketMode } from '../delivery/socket-mode.ts';
import type { Json, SlackEntry, SlackFault } from '../types.ts';
import type { Tokens } from '../workspace/identity.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { Faults } from './faults.ts';
import { METHODS } from './methods/table.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { type Call, readCall } from './read-call.ts';
import { Refusal } from './refusal.ts';
import { respond } from './respond.ts';

export interface WebServerOptions {
  slack: Workspace;
  sockets: SocketMode;
  /** Of the addresses of its sockets; default: its own. */
  options: { origin?: string };
  faults: Faults;
  rates: RateLimiter;
  journal: Journal<SlackEntry>;
  tokens: Tokens;
  /** Its wall clock. */
  now: () => number;
  /** The app's scopes. */
  scopes: ReadonlySet<string>;
}

/** The scope depends on the channel: these are those of public channels and of direct messages. */
const READING = { room: 'channels:history', direct: 'im:history' };
const NEEDED: Record<string, { room: string; direct: string }> = {
  'conversations.history': READING,
  'conversations.replies': READING,
  'conversations.info': { room: 'channels:read', direct: 'im:read' },
  'conversations.members': { room: 'channels:read', direct: 'im:read' },
  'conversations.open': { room: 'im:write', direct: 'im:write' },
  'bots.info': { room: 'users:read', direct: 'users:read' },
  'users.info': { room: 'users:read', direct: 'users:read' },
  'usergroups.list': { room: 'usergroups:read', direct: 'usergroups:read' },
  'usergroups.users.list': { room: 'usergroups:read', direct: 'usergroups:read' },
};

/** How a call ended: `status` is 200 except for a `response_url`, where Slack uses HTTP statuses. */
interface Outcome {
  status: number;
  error: string | null;
  body: Json | 'ok';
}

/** Slack's HTTP server: the Web API under `/api/`, response URLs, and the upgrade to Socket Mode. */
export class WebServer {
  readonly server: Server;
  readonly #options: WebServerOptions;
  readonly #delays = new Set<NodeJS.Timeout>();

  constructor(options: WebServerOptions) {
    this.#options = options;
    this.server = createServer((request, response) => {
      // A client that disconnects during a call is not an error.
      this.#answer(request, response).catch(() => request.socket.destroy());
    });
    this.server.on('upgrade', (request, socket, head) => options.sockets.upgrade(request, socket, head));
  }

  async close(): Promise<void> {
    for (const timer of this.#delays) clearTimeout(timer);
    await this.stopListening();
  }

  async stopListening(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const call = await readCall(request);
    if (path.startsWith('/api/')) {
      const method = path.slice('/api/'.length);
      const target = String(call.args['channel'] ?? '');
      await this.#serve(method, target, call, request, response, () => this.#runMethod(method, call));
    } else if (path.startsWith('/response/')) {
      await this.#serve('response_url', path, call, request, response, () => this.#runResponse(path, call));
    } else {
      response.writeHead(404).end();
    }
  }

  /** Runs a call with its planned fault, if there is one. @param target what its limit is for */
  async #serve(
    method: string,
    target: string,
    call: Call,
    request: IncomingMessage,
    response: ServerResponse,
    run: () => Outcome,
  ): Promise<void> {
    const fault = this.#options.faults.take(method) ?? this.#limited(method, target);
    if (fault?.kind === 'delay') await this.#delay(fault.ms);
    if (fault?.kind === 'late') {
      request.socket.resetAndDestroy();
      await this.#delay(fault.ms);
      this.#record(method, call, run().error);
      return;
    }
    const early = fault && 'when' in fault && fault.when === 'after' ? undefined : refusalOf(fault);
    if (early !== undefined) this.#record(method, call, early);
    const outcome = early === undefined ? run() : undefined;
    if (outcome) this.#record(method, call, outcome.error);

    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'reset') request.socket.resetAndDestroy();
    else if (fault?.kind === 'status') response.writeHead(fault.status, { 'content-type': 'text/plain' }).end('fault');
    else if (fault?.kind === 'rate_limited') {
      const retryAfter = String(fault.retryAfterSeconds);
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after': retryAfter });
      response.end(JSON.stringify({ ok: false, error: 'ratelimited' }));
    } else {
      // Slack names the scopes of the token that the call carries.
      const { scopes, tokens } = this.#options;
      response.setHeader('x-oauth-scopes', [...(call.token === tokens.app ? tokens.appScopes : scopes)].join(','));
      response.setHeader('date', new Date(this.#options.now()).toUTCString());
      send(response, outcome ?? { status: 200, error: early ?? null, body: { ok: false, error: early } });
    }
  }

  #limited(method: string, target: string): SlackFault | undefined {
    const retryAfterSeconds = this.#options.rates.take(method, target);
    return retryAfterSeconds === undefined ? undefined : { kind: 'rate_limited', retryAfterSeconds };
  }

  #runMethod(name: string, { args, token }: Call): Outcome {
    try {
      const opens = name === 'apps.connections.open';
      const method = METHODS.get(name);
      if (!opens && !method) throw new Refusal('unknown_method', { req_method: name });
      const { tokens } = this.#options;
      this.#checkToken(token, opens ? tokens.app : tokens.bot);
      this.#checkScope(name, args);
      const answer = method ? method(args, this.#options.slack) : { url: this.#socketUrl() };
      return { status: 200, error: null, body: { ok: true, ...answer } };
    } catch (thrown) {
      const { error, detail } = asRefusal(thrown);
      return { status: 200, error, body: { ok: false, error, ...detail } };
    }
  }

  #runResponse(path: string, { args }: Call): Outcome {
    try {
      respond(this.#options.slack, this.#options.slack.responseUrls.use(path), args);
      return { status: 200, error: null, body: 'ok' };
    } catch (thrown) {
      const { error, detail } = asRefusal(thrown);
      const gone = ['no_such_url', 'expired_url', 'used_url', 'message_not_found'].includes(error);
      return { status: gone ? 404 : 400, error, body: { ok: false, error, ...detail } };
    }
  }

  #checkToken(token: string | null, wanted: string): void {
    if (token === null) throw new Refusal('not_authed');
    const { bot, app, revoked } = this.#options.tokens;
    if (token !== bot && token !== app) throw new Refusal('invalid_auth');
    if (token === bot && revoked !== null) throw new Refusal(revoked);
    if (token !== wanted) throw new Refusal('not_allowed_token_type');
  }

  #checkScope(method: string, args: Json): void {
    const { scopes, slack, tokens } = this.#options;
    if (method === 'apps.connections.open' && !tokens.appScopes.has('connections:write'))
      throw new Refusal('missing_scope', { needed: 'connections:write', provided: [...tokens.appScopes].join(',') });
    const direct = slack.rooms.find(String(args['channel'] ?? ''))?.directWith ?? null;
    const listed = NEEDED[method]?.[direct === null ? 'room' : 'direct'];
    const isPrivate = slack.rooms.find(String(args['channel'] ?? ''))?.isPrivate === true;
    const needed = isPrivate ? listed?.replace(/^channels:/, 'groups:') : listed;
    if (needed === undefined || scopes.has(needed)) return;
    throw new Refusal('missing_scope', { needed, provided: [...scopes].join(',') });
  }

  #socketUrl(): string {
    const address = this.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const origin = this.#options.options.origin?.replace(/^http/, 'ws') ?? `ws://127.0.0.1:${port}`;
    return `${origin}/link/?ticket=${this.#options.sockets.issueTicket()}&app_id=sandbox`;
  }

  #record(method: string, { args, token }: Call, error: string | null): void {
    this.#options.journal.record({ kind: 'call', at: Date.now(), method, args, ok: error === null, error, token });
  }

  #delay(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#delays.delete(timer);
        resolve();
      }, ms);
      this.#delays.add(timer);
    });
  }
}

/** The journal's error for a call that a fault prevents; undefined if the call runs. */
function refusalOf(fault: SlackFault | undefined): string | undefined {
  switch (fault?.kind) {
    case 'error':
      return fault.error;
    case 'rate_limited':
      return 'ratelimited';
    case 'status':
      return `http_${fault.status}`;
    case 'hang':
    case 'reset':
      return fault.kind;
    default:
      return undefined;
  }
}

function asRefusal(thrown: unknown): Refusal {
  return thrown instanceof Refusal ? thrown : new Refusal('internal_error', { message: String(thrown) });
}

function send(response: ServerResponse, { status, body }: Outcome): void {
  const text = body === 'ok' ? body : JSON.stringify(body);
  const type = body === 'ok' ? 'text/plain' : 'application/json; charset=utf-8';
  response.writeHead(status, { 'content-type': type }).end(text);
}
