/**
 * Preloaded into a child process by a test: makes the bot misbehave, as MISBEHAVE says, when SIGUSR2 comes. Nothing of
 * the bot itself knows of it.
 */
const BLOCK_MS = 3_300;

const deeds: Record<string, () => void> = {
  block() {
    const until = performance.now() + BLOCK_MS;
    while (performance.now() < until);
  },
  heap() {
    const held: unknown[] = [];
    setInterval(() => {
      for (let count = 0; count < 200_000; count += 1) held.push({ count, name: `held ${count}` });
    }, 1);
  },
  throw() {
    setTimeout(() => {
      throw new Error('thrown by a test, in a timer');
    });
  },
  reject() {
    void Promise.reject(new Error('rejected by a test, and nobody listens'));
  },
};

process.on('SIGUSR2', () => deeds[process.env['MISBEHAVE'] ?? '']?.());
