import { createLog } from '../../src/log.ts';

export interface CapturedLog {
  log: ReturnType<typeof createLog>;
  /** Everything written, as it would stand in the log file. */
  text(): string;
  lines(): Record<string, unknown>[];
}

/** The real logger, writing into memory. */
export function captureLog(secrets: readonly string[] = []): CapturedLog {
  const written: string[] = [];
  const log = createLog('debug', secrets, { write: (line) => void written.push(line) });
  return {
    log,
    text: () => written.join(''),
    lines: () => written.map((line) => JSON.parse(line)),
  };
}
