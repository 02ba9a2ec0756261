/**
 * Preloaded into a child process by a test: applies the fault named by MISBEHAVE to the bot's process on SIGUSR2. The
 * bot has no code for it.
 */
const BLOCK_MS = 3_300;

const faults: Record<string, () => void> = {
  block() {
    const until = performance.now() + BLOCK_MS;
    while (performance.now() < until);
  },
  heap() {
    const held: number[][] = [];
    // Large objects fill the heap quickly, without minutes of garbage collection first.
    for (;;) held.push(new Array(100_000).fill(held.length));
  },
  throw() {
    setTimeout(() => {
      throw new Error('thrown by a test, in a timer');
    });
  },
  reject() {
    void Promise.reject(new Error('rejected by a test, without a handler'));
  },
};

process.on('SIGUSR2', () => faults[process.env['MISBEHAVE'] ?? '']?.());
