import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { env, kill } from 'node:process';
import type { Clock } from '../../core/ports/ports.ts';
import { isRecord } from '../../core/text/json.ts';

/** How long before its expiry a token is renewed, ms: a call must not outlive it. */
const RENEW_BEFORE_MS = 10_000;
/** A command that takes longer is killed, ms. */
const COMMAND_MS = 10_000;
/** How long the rest of the output may take after the command has ended, ms; a daemon may keep the pipe open for ever. */
const DRAIN_MS = 500;
/** A token has a few kilobytes at most. */
const OUTPUT_MAX_BYTES = 64 * 1024;
/** All that a command gets of our environment, which holds every other secret. */
const ENVIRONMENT = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'];

/** Where the token comes from. Dashboard tokens are valid for about a minute, so a fixed one is only useful in tests. */
export type TokenSource =
  | { kind: 'value'; value: string }
  /** Read for each call. */
  | { kind: 'file'; path: string }
  /** A program and its arguments, run without a shell; its output is the token. */
  | { kind: 'command'; command: Command };

type Command = readonly [program: string, ...args: string[]];

/** No token is available, so nothing was sent. The message never contains part of a token. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
}

export interface TokenProvider {
  /** The setting that names its source, for messages about a refusal. */
  readonly setting: string;
  /**
   * @param signal ends the wait, not the command: other calls may wait for it
   * @param refused a token that the server refused: a cached copy of it is dropped
   * @throws TokenError
   */
  get(signal: AbortSignal, refused?: string): Promise<string>;
  /** Ends a running command. */
  close(): void;
}

/** @param commandMs for tests: how long a command may take */
export function createTokenProvider(source: TokenSource, clock: Clock, commandMs = COMMAND_MS): TokenProvider {
  switch (source.kind) {
    case 'value':
      return { setting: 'SONZAI_TOKEN', get: async () => checked(source.value, 'SONZAI_TOKEN'), close() {} };
    case 'file':
      return { setting: 'SONZAI_TOKEN_FILE', get: () => readToken(source.path), close() {} };
    case 'command':
      return fromCommand(source.command, clock, commandMs);
  }
}

async function readToken(path: string): Promise<string> {
  try {
    return checked(await readFile(path, 'utf8'), 'SONZAI_TOKEN_FILE');
  } catch (thrown) {
    if (thrown instanceof TokenError) throw thrown;
    throw new TokenError('The file that SONZAI_TOKEN_FILE names can’t be read.', { cause: thrown });
  }
}

function fromCommand(command: Command, clock: Clock, commandMs: number): TokenProvider {
  const setting = 'SONZAI_TOKEN_COMMAND';
  const closing = new AbortController();
  let kept: { token: string; until: number } | null = null;
  let running: Promise<string> | null = null;

  async function renew(): Promise<string> {
    const token = checked(await outputOf(command, commandMs, closing.signal), setting);
    // A token without an expiry is kept until it is refused. The monotonic clock is immune to a change of the wall clock.
    const livesMs = (expiryOf(token) ?? Number.POSITIVE_INFINITY) - clock.now();
    kept = { token, until: clock.monotonic() + livesMs - RENEW_BEFORE_MS };
    return token;
  }

  return {
    setting,
    async get(signal, refused) {
      if (kept !== null && kept.token !== refused && clock.monotonic() < kept.until) return kept.token;
      kept = null;
      // Calls share one run of the command.
      running ??= renew().finally(() => {
        running = null;
      });
      return unlessAborted(running, signal);
    },
    close: () => closing.abort(),
  };
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new TokenError('The call was aborted.'));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/**
 * The output of the command. What it leaves running is killed when it ends. Its stderr may contain the token, so
 * it is discarded.
 */
function outputOf([program, ...args]: Command, limitMs: number, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    // In a process group of its own, so that everything it started can be killed.
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], detached: true, env: environment() });
    const chunks: Buffer[] = [];
    let size = 0;
    let draining: NodeJS.Timeout | undefined;
    const end = (words: string) => {
      clearTimeout(timer);
      clearTimeout(draining);
      signal.removeEventListener('abort', onAbort);
      child.stdout.destroy();
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) killGroup(child.pid);
      reject(new TokenError(`SONZAI_TOKEN_COMMAND ${words}.`));
    };
    const timer = setTimeout(() => end(`took longer than ${limitMs / 1000} s`), limitMs);
    const onAbort = () => end('was aborted');
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > OUTPUT_MAX_BYTES) end('printed more than a token');
      else chunks.push(chunk);
    });
    child.on('error', () => end('could not be started: there is no such program in PATH, or it may not be run'));
    child.on('exit', () => {
      clearTimeout(timer);
      if (child.pid !== undefined) killGroup(child.pid);
      draining = setTimeout(() => child.stdout.destroy(), DRAIN_MS);
    });
    child.on('close', (code) => {
      if (code !== 0) return end(`ended with ${code === null ? 'a signal' : `code ${code}`}`);
      clearTimeout(draining);
      signal.removeEventListener('abort', onAbort);
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
  });
}

function environment(): Record<string, string> {
  // biome-ignore lint/style/noProcessEnv: these are not settings of the bot, but what each program of its user gets.
  const given = ENVIRONMENT.map((name) => [name, env[name]] as const);
  return Object.fromEntries(given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

function killGroup(pid: number): void {
  try {
    kill(-pid, 'SIGKILL');
  } catch {
    // No process of the group is left.
  }
}

/** @throws TokenError for a text that can't be in a header */
function checked(text: string, setting: string): string {
  const token = text.trim();
  if (token === '') throw new TokenError(`${setting} gives an empty token.`);
  if (!/^[\x21-\x7e]+$/.test(token)) throw new TokenError(`${setting} gives a text that is not a valid token.`);
  return token;
}

/** The expiry of a JWT, ms since 1970; null for anything else. */
export function expiryOf(token: string): number | null {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return null;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    const exp = isRecord(claims) ? claims['exp'] : null;
    return typeof exp === 'number' && Number.isFinite(exp) ? exp * 1000 : null;
  } catch {
    return null;
  }
}
