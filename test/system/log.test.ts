import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { loggedFields } from '../../src/system/log.ts';
import { captureLog } from '../support/log.ts';

test('the log replaces secrets wherever they appear', () => {
  const { log, text, lines } = captureLog(['xoxb-real', 'whsec_real']);
  const cause = Object.assign(new Error('refused for xoxb-real'), {
    config: { headers: { Authorization: 'Bearer hidden1' } },
  });
  const error = Object.assign(new Error('call failed', { cause }), { code: 'E_CALL', data: { payload: 'hidden2' } });
  log.error(
    { err: error, options: { token: 'hidden3' }, deep: { a: { apiKey: 'hidden4' } } },
    'with whsec_real in its text',
  );
  for (const secret of ['xoxb-real', 'whsec_real', 'hidden1', 'hidden2', 'hidden3', 'hidden4']) {
    assert.ok(!text().includes(secret), secret);
  }
  assert.equal(lines().length, 1);
  assert.match(text(), /"code":"E_CALL"/);
  assert.match(text(), /refused for \[secret\]/);
});

describe('a line of the log', () => {
  test('has no field beyond those that are known, and names what is missing', () => {
    const { log, text, lines } = captureLog();
    const request = { headers: { authorization: 'hidden1' }, body: 'hidden2' };
    log.info({ approval: 'ap1', request, authorization: 'hidden3' }, 'a press');
    log.child({ platform: 'slack', client: { secret: 'hidden4' } }).warn({ config: 'hidden5' }, 'a warning');
    assert.doesNotMatch(text(), /hidden/);
    const [press, warning] = lines();
    assert.deepEqual([press?.['approval'], press?.['unlogged']], ['ap1', ['request', 'authorization']]);
    assert.equal(warning?.['platform'], 'slack');
  });

  test('has no secret within a known field, at any depth, and no object of an SDK behind an error', () => {
    const { log, text, lines } = captureLog();
    const deep = { a: [{ b: { Authorization: 'hidden1', c: { d: 'hidden2' } } }], apiKey: 'hidden3' };
    const code = { status: 400, accessToken: 'hidden4' };
    log.error({ problem: deep, error: Object.assign(new Error('failed'), { request: 'hidden5', code }) }, 'failed');
    log.warn({ err: { request: 'hidden6' }, problems: [{ botToken: 'hidden7', reason: 'shown' }] }, 'refused');
    const cyclic: Record<string, unknown> = {};
    cyclic['again'] = cyclic;
    log.warn({ problem: cyclic }, 'an object that contains itself');
    assert.doesNotMatch(text(), /hidden/);
    assert.match(text(), /"reason":"shown"/);
    assert.match(text(), /"status":400/);
    assert.equal(lines().length, 3);
  });
});

/** The text of the first argument that begins here, up to its end. */
function argumentAt(text: string, start: number): string {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if ('([{'.includes(char)) depth += 1;
    if (')]}'.includes(char)) depth -= 1;
    if (depth < 0 || (depth === 0 && char === ',')) return text.slice(start, at);
  }
  return text.slice(start);
}

/** The names in an object as it is written in the source, those of what is spread in it included. */
function namesIn(object: string, file: string): string[] {
  if (!object.startsWith('{')) return object.startsWith('...') ? namesIn(object.slice(3), file) : namesOf(object, file);
  const names: string[] = [];
  for (let at = 1; at < object.length - 1; ) {
    const part = argumentAt(object.slice(0, -1), at);
    at += part.length + 1;
    const field = part.replace(/\/\/.*$/gm, '').trim();
    if (field.startsWith('...(')) names.push(...(/\{[^}]*\}/.exec(field) ?? []).flatMap((one) => namesIn(one, file)));
    else if (field.startsWith('...')) names.push(...namesOf(field.slice(3), file));
    else if (field !== '') names.push(/^\w+/.exec(field)?.[0] ?? field);
  }
  return names;
}

/** Of an object that has a name. @param file up to where the name is used */
function namesOf(name: string, file: string): string[] {
  if (!/^\w+$/.test(name)) return [];
  const declared = [...file.matchAll(new RegExp(`\\bconst ${name} = (?=\\{)`, 'g'))].at(-1);
  if (declared === undefined) return [];
  return namesIn(argumentAt(`${file.slice(declared.index + declared[0].length)},`, 0).split(';\n')[0] ?? '', file);
}

test('every field that the source logs is known', () => {
  const found = new Set<string>();
  for (const path of globSync('src/**/*.ts').filter((path) => !path.includes('sandbox'))) {
    const file = readFileSync(path, 'utf8');
    for (const call of file.matchAll(/\b(?:this\.#)?[lL]og\??\.(?:debug|info|warn|error|fatal|child)\(/g)) {
      const argument = argumentAt(file, call.index + call[0].length).trim();
      for (const name of namesIn(argument, file.slice(0, call.index))) found.add(name);
    }
  }
  assert.ok(found.size > 80, `only ${found.size} fields were found`);
  assert.deepEqual([...found].filter((name) => !loggedFields.has(name) && name !== 'err').sort(), []);
});
