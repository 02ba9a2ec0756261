import { createLog } from '../../src/system/log.ts';

export interface CapturedLog {
  log: ReturnType<typeof createLog>;
  /** All output, as in the log file. */
  text(): string;
  lines(): Record<string, unknown>[];
  /** Calls back after each line. */
  onLine(listener: () => void): void;
}

/** The real logger, writing to memory. */
export function captureLog(secrets: readonly string[] = []): CapturedLog {
  const written: string[] = [];
  const listeners: (() => void)[] = [];
  const write = (line: string) => {
    written.push(line);
    for (const listener of listeners) listener();
  };
  const log = createLog('debug', secrets, { write });
  return {
    log,
    text: () => written.join(''),
    lines: () => written.map((line) => JSON.parse(line)),
    onLine: (listener) => void listeners.push(listener),
  };
}
