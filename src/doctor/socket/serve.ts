/**
 * Answers `countersign doctor` on this machine: who may open the database may ask its bot, without a token. Tested in
 * test/doctor/socket/socket.test.ts.
 */
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { coerceError } from '../../core/ports/errors.ts';
import type { Log } from '../../core/ports/ports.ts';
import type { Report } from '../report.ts';
import { LOCAL_PATH, PATH, socketPathOf } from './path.ts';

const MODE = 0o600;

export interface DoctorSocket {
  stop(): Promise<void>;
}

/** Where it can't be had, the bot runs without: the log says so. */
export async function serveDoctor(
  databaseFile: string,
  run: (local: boolean) => Promise<Report>,
  log: Pick<Log, 'warn' | 'error'>,
): Promise<DoctorSocket> {
  const path = socketPathOf(databaseFile);
  if (path === null) {
    if (databaseFile !== ':memory:') log.warn({}, 'countersign doctor can’t ask this bot: no socket is possible here');
    return { async stop() {} };
  }
  const server = createServer((request, response) => {
    const { method, url } = request;
    if (method !== 'GET' || (url !== PATH && url !== LOCAL_PATH)) return void response.writeHead(404).end();
    run(url === LOCAL_PATH).then(
      (report) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(report)),
      (thrown: unknown) => {
        log.error({ err: coerceError(thrown) }, 'the doctor failed');
        response.writeHead(500).end();
      },
    );
  });
  try {
    // Only the process that has the database listens here: what is left is of one that was killed.
    rmSync(path.file, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path.address, resolve);
    });
    // The folder and the umask of the process keep others out until then.
    chmodSync(path.file, MODE);
  } catch (thrown) {
    server.close();
    path.release();
    log.warn(
      { file: path.file, err: coerceError(thrown) },
      'countersign doctor can’t ask this bot: its socket can’t be made',
    );
    return { async stop() {} };
  }
  return {
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      if (existsSync(path.file)) rmSync(path.file, { force: true });
      path.release();
    },
  };
}
