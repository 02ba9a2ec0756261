/**
 * Preloaded into a child process by a test: makes the bot applyFault, as MISBEHAVE says, when SIGUSR2 comes. Nothing of
 * the bot itself knows of it.
 */
const BLOCK_MS = 3_300;

const deeds: Record<string, () => void> = {
  block() {
    const until = performance.now() + BLOCK_MS;
    while (performance.now() < until);
  },
  heap() {
    const held: number[][] = [];
    // Large ones: it is over soon, and not after a long fight for every byte.
    for (;;) held.push(new Array(100_000).fill(held.length));
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
