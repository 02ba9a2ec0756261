/** Work that is done one at a time, in the order in which it was asked for. Tested in test/engine/operators/stop.test.ts. */

/** A failed one does not hold up the next. @returns what runs each */
export function createInTurn(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };
}
