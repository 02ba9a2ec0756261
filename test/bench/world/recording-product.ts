/** The product, which also writes down every text that it hashes, with the hash: for `seed.ts`. */
import { appendFileSync } from 'node:fs';
import { startApp } from '../../../src/app.ts';
import { readConfig } from '../../../src/config/config.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { createLog } from '../../../src/system/log.ts';
import { readRelease } from '../../../src/system/release.ts';

const [record = ''] = process.argv.slice(2);
const config = readConfig(process.env);
const fatal = (error: Error) => {
  throw error;
};
const clock = {
  ...systemClock,
  hash(text: string): string {
    const hash = systemClock.hash(text);
    appendFileSync(record, `${JSON.stringify([text, hash])}\n`);
    return hash;
  },
};
const log = createLog('warn', config.secrets);
const app = await startApp(config, { clock, log, release: readRelease(), onFatal: fatal });
process.on('SIGTERM', () => void app.stop().then(() => process.exit(0)));
console.log(`ready ${app.port}`);
