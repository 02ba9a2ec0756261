import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteTail } from '../../../../../src/backends/runtype/wire/frames/byte-tail.ts';
import { runs } from '../../../../support/property.ts';

const MAX = 5_000;

test('whatever is added and dropped, the last bytes are kept in their order', () => {
  const added = fc.record({ add: fc.integer({ min: 0, max: 2 * MAX }) });
  const dropped = fc.record({ drop: fc.integer({ min: 0, max: MAX }) });
  const others = fc.constantFrom('fit', 'clear', 'raise');
  fc.assert(
    fc.property(fc.array(fc.oneof(added, added, dropped, others), { maxLength: 30 }), (steps) => {
      const tail = new ByteTail(MAX);
      let expected = Buffer.alloc(0);
      let count = 0;
      const next = () => {
        count += 1;
        return count % 251;
      };
      for (const step of steps) {
        if (step === 'fit') tail.fit();
        else if (step === 'raise') tail.max = 2 * MAX;
        else if (step === 'clear') {
          tail.clear();
          expected = Buffer.alloc(0);
        } else if ('drop' in step) {
          tail.drop(step.drop);
          expected = expected.subarray(Math.min(step.drop, expected.length));
        } else {
          const bytes = Buffer.from(Array.from({ length: step.add }, next));
          const all = Buffer.concat([expected, bytes]);
          expected = all.subarray(Math.max(0, all.length - tail.max));
          assert.equal(tail.add(bytes), all.length - expected.length);
          bytes.fill(0);
        }
        assert.equal(tail.length, expected.length);
        assert.ok(tail.read().equals(expected));
        const [from, to] = [Math.floor(expected.length / 3), Math.ceil(expected.length / 2)];
        assert.ok(tail.read(from, to).equals(expected.subarray(from, to)));
      }
    }),
    { numRuns: runs(300) },
  );
});
