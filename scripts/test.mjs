// `npm test`: every test, in two processes side by side. One keeps to itself; the other starts bots, browsers and
// programs of its own, and waits for them. `npm test -- FILE …` runs just those, in one.
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';

/** These start processes, or take long: they have a process of their own. */
const apart =
  /^test\/(?:torture|browser|fuzz|model)\/|^test\/matrix\/(?:process|stops|disk|disk-bot|database|handlers|slow-backend)\.|^test\/store\/|^test\/story\/backup\.|^test\/(?:ask|process|sonzai)\./;

const flags = ['--import', './test/rig/property.ts', '--test', '--test-isolation=none', '--test-reporter=spec'];
const chosen = process.argv.slice(2);
const all = globSync('test/**/*.test.ts').sort();
const groups =
  chosen.length > 0 ? [chosen] : [all.filter((file) => !apart.test(file)), all.filter((file) => apart.test(file))];

const codes = await Promise.all(
  groups.map((files) => {
    const child = spawn(process.execPath, [...flags, ...files], { stdio: 'inherit' });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    return new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
  }),
);
process.exit(codes.every((code) => code === 0) ? 0 : 1);
