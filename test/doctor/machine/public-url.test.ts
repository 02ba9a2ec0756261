/** PUBLIC_URL as the bot itself sees it: that which leads to it is fine, and that which leads to another one is not. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { publicUrlGroup } from '../../../src/doctor/machine/public-url.ts';
import { examine } from '../../../src/doctor/run.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { inDoctorWorld, linesOf } from '../world.ts';

async function freePort(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('the public address', () => {
  test('that leads to this bot is fine, also for its deliveries; nothing counts as a wrong secret', () =>
    inDoctorWorld(async (world) => {
      const port = await freePort();
      Object.assign(world.settings, { PORT: String(port), PUBLIC_URL: `http://127.0.0.1:${port}` });
      world.write();
      await world.start();
      const report = await world.look();
      assert.deepEqual(linesOf(report), []);
      const group = report.groups.find(({ title }) => title === 'Public address');
      assert.deepEqual(
        group?.fine.map(({ check }) => check),
        ['public_url.address', 'public_url.reach'],
      );
      assert.doesNotMatch(world.log().text(), /wrong secret|signature/i);
    }));

  test('that leads to another Countersign is a fault; one that does not answer may be right for others', () =>
    inDoctorWorld(async (world) => {
      const { port } = await world.start();
      const look = async (url: string) => {
        const group = publicUrlGroup({ url, allowedHosts: ['127.0.0.1'], instance: 'mine', takesDeliveries: true });
        return (await examine([group], systemClock)).flatMap(({ findings }) => findings);
      };
      const [another] = await look(`http://127.0.0.1:${port}`);
      assert.match(another?.what ?? '', /leads to another Countersign/);
      const [silent] = await look(`http://127.0.0.1:${await freePort()}`);
      assert.equal(silent?.level, 'warning');
      assert.match(silent?.what ?? '', /can’t be reached from this machine \(.*ECONNREFUSED/);
    }));
});
