/** A registry for npm on this machine: it has the packages that are installed here, in these versions. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));

export interface Registry {
  url: string;
  stop(): void;
}

/** @param folder where it keeps the packages as they are downloaded */
export async function startRegistry(folder: string): Promise<Registry> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '').slice(1);
    if (path.endsWith('.tgz') && existsSync(join(folder, path))) {
      createReadStream(join(folder, path)).pipe(response);
      return;
    }
    const from = join(modules, path);
    if (!existsSync(join(from, 'package.json'))) {
      response.writeHead(404).end();
      return;
    }
    const { version, ...manifest } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')) as {
      version: string;
    };
    const packed = spawnSync('npm', ['pack', '--ignore-scripts', from], { cwd: folder, encoding: 'utf8' });
    const tarball = `http://${request.headers.host}/${packed.stdout.trim()}`;
    const versions = { [version]: { ...manifest, version, dist: { tarball } } };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ name: path, 'dist-tags': { latest: version }, versions }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
