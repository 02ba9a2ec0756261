/**
 * The policy file of a running bot: a change is loaded whole or not at all. A file with an error changes nothing: the policy
 * before it applies, and the operator is alerted. Tested in test/policy/file/reload.test.ts.
 */
import { basename } from 'node:path';
import type { PolicyDocument } from '../../core/policy/rules/document.ts';
import type { Clock, Log } from '../../core/ports/ports.ts';
import { counted } from '../../core/text/numbers.ts';
import type { Alert } from '../../core/view/cards/alert-card.ts';
import type { LoadedPolicy } from '../load.ts';
import { type PolicyProblem, problemLine } from '../problems.ts';
import { MissingFileError, type PolicyFile, readPolicyFile, unreadable } from './read.ts';
import { watchFile } from './watch.ts';

/** A file that is gone for longer than this was removed; an editor takes less. */
const GONE_MS = 2_000;
/** The message of the log for what a valid file does not mean as it is written. */
export const WARNING = 'the policy file does less than it says';
/** An alert names so many; the log has all. */
const ALERTED_MAX = 3;

export interface PolicyState {
  file: string;
  /** Of the policy that applies. */
  version: string;
  /** When it was loaded, ms since 1970. */
  loadedAt: number;
  /** What is wrong with the newest file, which does not apply; empty: it applies. */
  problems: readonly string[];
}

export interface ReloadDeps {
  file: Pick<PolicyFile, 'path' | 'text'>;
  /** What was loaded from it. */
  document: PolicyDocument;
  load: (text: string) => LoadedPolicy;
  apply: (document: PolicyDocument) => void;
  alerts: { begin(alert: Alert): void; over(kind: Alert['kind'], subject: string, what: string): void };
  clock: Clock;
  log: Pick<Log, 'info' | 'warn' | 'error'>;
  /** For tests. */
  pace?: { debounceMs: number; pollMs: number; goneMs: number };
}

export interface ReloadedPolicy {
  start(): void;
  /** Reads it now. `why`: for the log. */
  reload(why: string): void;
  state(): PolicyState;
  stop(): void;
}

export function createReload(deps: ReloadDeps): ReloadedPolicy {
  const { file, load, apply, alerts, clock, log, pace } = deps;
  const { path } = file;
  const stopping = new AbortController();
  let { text } = file;
  let state: PolicyState = { file: path, version: deps.document.version, loadedAt: clock.now(), problems: [] };
  let stopWatching = () => {};

  function reload(why: string, isGone = false): void {
    let found: { text: string; loaded: LoadedPolicy };
    try {
      const read = readPolicyFile(path);
      if (read === text && why !== 'SIGHUP') return;
      found = { text: read, loaded: load(read) };
    } catch (thrown) {
      if (thrown instanceof MissingFileError && !isGone) {
        void lookAgain(why);
        return;
      }
      found = { text: '', loaded: unreadable(thrown) };
    }
    text = found.text;
    const { document, problems, warnings } = found.loaded;
    if (document === null) refuse(problems, why);
    else accept(document, why);
    for (const one of warnings) log.warn({ file: path, warning: problemLine(path, one) }, WARNING);
  }

  async function lookAgain(why: string): Promise<void> {
    await clock.sleep(pace?.goneMs ?? GONE_MS, stopping.signal).catch(() => {});
    if (!stopping.signal.aborted) reload(why, true);
  }

  function accept(document: PolicyDocument, why: string): void {
    const before = state.version;
    apply(document);
    if (state.problems.length > 0) {
      alerts.over('policy_wrong', basename(path), `${path} is valid again, and applies.`);
    }
    state = { ...state, version: document.version, loadedAt: clock.now(), problems: [] };
    log.info({ file: path, version: document.version, before, why, rules: document.rules.length }, 'policy loaded');
  }

  function refuse(problems: readonly PolicyProblem[], why: string): void {
    const lines = problems.map((one) => problemLine(path, one));
    state = { ...state, problems: lines };
    for (const problem of lines) log.error({ file: path, problem, why }, 'the policy file has an error');
    const more =
      lines.length > ALERTED_MAX ? ` And ${counted(lines.length - ALERTED_MAX, 'more error')}, in the log.` : '';
    alerts.begin({
      kind: 'policy_wrong',
      subject: basename(path),
      title: 'Policy file has errors',
      what: `The policy before it still applies. ${lines.slice(0, ALERTED_MAX).join(' ')}${more}`,
      advice: 'Correct the file. It is read again when it changes.',
    });
  }

  return {
    start() {
      stopWatching = watchFile({ path, clock, log, onChange: () => reload('change'), ...pace });
      // What was written while the bot started.
      reload('change');
    },
    reload,
    state: () => state,
    stop() {
      stopping.abort();
      stopWatching();
    },
  };
}
