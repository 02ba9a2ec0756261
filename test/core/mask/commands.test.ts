import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { secretsInWords } from '../../../src/core/mask/commands.ts';
import { maskText } from '../../../src/core/mask/text.ts';
import { maskValue } from '../../../src/core/mask/value.ts';
import { bare } from '../../support/masks.ts';

describe('short options of commands', () => {
  const hidden: [string, string][] = [
    ['mysql -u root -phunter2 shop', 'mysql -u root -p•••••• shop'],
    ['deploy -u bob -p hunter2!', 'deploy -u bob -p ••••••'],
    ['mysqldump -phunter2 shop > x.sql', 'mysqldump -p•••••• shop > x.sql'],
    ['sshpass -p x ssh host', 'sshpass -p •••••• ssh host'],
    ["sshpass -p 'x y' ssh -p 2222 host", "sshpass -p 'x y' ssh -p 2222 host"],
    ['docker login -u bob -p hunter2 registry.test', 'docker login -u bob -p •••••• registry.test'],
    ['docker login -p "$(cat pw)" x', 'docker login -p "$(cat pw)" x'],
    ['curl -u bob:x https://a.test', 'curl -u bob:•••••• https://a.test'],
    ['curl -s --user "bob:x" https://a.test', 'curl -s --user "bob:••••••" https://a.test'],
    ['/usr/bin/curl -ubob:hunter2 a.test', '/usr/bin/curl -ubob:•••••• a.test'],
    ['curl -u "$USER:$PASS" a.test', 'curl -u "$USER:$PASS" a.test'],
    ['redis-cli -h a -a x', 'redis-cli -h a -a ••••••'],
    ['ldapsearch -D cn=x -w x', 'ldapsearch -D cn=x -w ••••••'],
    ['a && mysql \\\n  -phunter2', 'a && mysql \\\n  -p••••••'],
    ['beeline -n bob -p hunter2!', 'beeline -n bob -p ••••••'],
    ['7z a -phunter2 archive9.7z x', '7z a -p•••••• archive9.7z x'],
    ['docker --context prod -D login -p hunter2', 'docker --context prod -D login -p ••••••'],
    ['helm registry login -p hunter2 a.test', 'helm registry login -p •••••• a.test'],
    ['az login --service-principal -u bob -p hunter2', 'az login --service-principal -u bob -p ••••••'],
    ['smbclient -U bob%hunter2 //a/b', 'smbclient -U bob%•••••• //a/b'],
  ];
  for (const [text, masked] of hidden) test(text, () => assert.equal(bare(maskText(text).value), masked));

  const facts = [
    'mkdir -p /srv/a',
    'ssh -p 2222 host',
    'mysql -u root -p orders',
    'docker run -p 8080:80 -u 1000:1000 nginx',
    'docker compose -p shop up',
    'psql -p 5432 -U bob',
    'cp -u -p a1 b1',
    'curl -p a -o b:c',
    'tar -xpf a.tar',
    'curl -u bob:wire 99,999 EUR to Mallory',
    'mysql -prm -rf /data',
    'curl -u bob:$(id) a.test',
    'git push -u origin:main',
    'mysql -u root -p orders2024 < drop.sql',
    'mysqldump -u root -p shop-prod > x',
    'mysql -p prod2 -e "DROP TABLE x"',
    'mysql -p staging.orders',
    '7z x -p archive9.7z',
    'docker run -u node -p 0.0.0.0:22:22/tcp nginx',
    'docker run --name login -p web2 nginx',
    'docker run login -p web2',
    'rsync -u data -p backup1.evil.example:/srv',
    'diff -u old.py -p new2.py',
    'sshpass -p 8080:80 x',
    'mongodump -p backup1.evil.example:/srv',
    'curl -u bob:drop2.sql a.test',
    'chown -R a:b x && curl a.test; id -u bob:c',
  ];
  for (const text of facts) test(`a fact: ${text}`, () => assert.equal(maskText(text).value, text));

  test('as a list of words', () => {
    assert.deepEqual(secretsInWords(['curl', '-u', 'bob:x', 'a.test']), [{ index: 2, start: 4, end: 5 }]);
    assert.deepEqual(secretsInWords(['docker', 'run', '--name', 'login', '-p', 'web2', 'nginx']), []);
    assert.deepEqual(secretsInWords(['mysql', '-p', 'orders2024']), []);
    const value = { argv: ['mysql', '-phunter2', '--api-key', 'x9', '--force', 'x9'] };
    assert.deepEqual(bare(maskValue(value).value), {
      argv: ['mysql', '-p••••••', '--api-key', '••••••', '--force', 'x9'],
    });
  });
});
