import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { parseEnvFile } from '../../../../src/core/text/settings/env-file.ts';
import { runs } from '../../../support/property.ts';

const valuesOf = (text: string) =>
  Object.fromEntries(parseEnvFile(text).entries.map(({ name, value }) => [name, value]));
const faultsOf = (text: string) => parseEnvFile(text).faults.map(({ line, message }) => `${line}: ${message}`);

describe('a .env file', () => {
  const name = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,8}$/);
  const bare = fc.stringMatching(/^[a-zA-Z0-9.:/,*+=@ _-]{0,20}$/);
  const line = fc.oneof(
    fc.tuple(name, bare).map(([one, value]) => `${one}=${value.trim()}`),
    fc.tuple(name, bare).map(([one, value]) => `export ${one} = ${value}  # a comment`),
    fc
      .tuple(name, bare, fc.constantFrom('"', "'", '`'))
      .map(([one, value, quote]) => `${one}=${quote}${value}${quote} # ${one}`),
    fc.constantFrom('', '# a comment', '  # another', '\t'),
  );

  test('is read as Node reads it', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.constantFrom('\n', '\r\n'), (lines, end) => {
        const text = lines.join(end);
        assert.deepEqual(valuesOf(text), { ...parseEnv(text) });
        const others = faultsOf(text).filter((fault) => !fault.includes('is set again'));
        assert.deepEqual(others, []);
      }),
      { numRuns: runs(300) },
    );
  });

  test('of any text is read, and its faults never repeat a value', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 200 }),
        fc.stringMatching(/^[a-z0-9]{12}$/),
        (text, secret) => {
          const { faults, warnings } = parseEnvFile(`${text}\nTOKEN=${secret}#\nTOKEN="${secret}\n${secret}\n${text}`);
          for (const { message } of [...faults, ...warnings]) assert.ok(!message.includes(secret), message);
        },
      ),
      { numRuns: runs(300) },
    );
  });

  test('has values of several lines in quotes, but no setting in them', () => {
    const text = 'ASKERS="deploy token=a;\nbilling token=b"\nPORT=1';
    assert.deepEqual(valuesOf(text), { ASKERS: 'deploy token=a;\nbilling token=b', PORT: '1' });
    assert.deepEqual(valuesOf('A="b\nPORT=1\nC="d"'), { A: 'b', PORT: '1', C: 'd' });
    assert.match(faultsOf('A="b\nPORT=1\nC="d"').join(), /^1: A has an opening quote/);
    assert.deepEqual(valuesOf('A="x\\ny"'), { A: 'x\ny' });
  });

  test('keeps the # of a channel’s name, and counts its lines from 1', () => {
    assert.deepEqual(valuesOf('CHANNEL=#approvals\nNONE=# none\nEMPTY=#\nLAST=## no'), {
      CHANNEL: '#approvals',
      NONE: '',
      EMPTY: '',
      LAST: '',
    });
    assert.deepEqual(
      faultsOf('\n\n\nA=b#c').map((fault) => fault.slice(0, 4)),
      ['4: A'],
    );
  });

  test('that sets the same twice has a warning, and a fault where the values differ', () => {
    const { faults, warnings } = parseEnvFile('A=1\nA=1\nA=2');
    assert.deepEqual([faults.length, warnings.length], [1, 1]);
    assert.deepEqual(valuesOf('A=1\nA=2'), { A: '2' });
  });
});
