import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskText } from '../../../../src/core/mask/text.ts';
import { bare } from '../../../support/masks.ts';

const hidden: [string, string][] = [
  ["CREATE USER bob IDENTIFIED BY 'Hunter22!'", "CREATE USER bob IDENTIFIED BY '••••••'"],
  [
    "create user 'bob'@'%' identified with sha256_password by 'x'",
    "create user 'bob'@'%' identified with sha256_password by '••••••'",
  ],
  ['ALTER USER bob IDENTIFIED BY Hunter22;', 'ALTER USER bob IDENTIFIED BY ••••••;'],
  ["CREATE ROLE bob\n  LOGIN PASSWORD 'Hunter22!'", "CREATE ROLE bob\n  LOGIN PASSWORD '••••••'"],
  [
    "CREATE USER MAPPING FOR bob OPTIONS (user 'b', password 'x9')",
    "CREATE USER MAPPING FOR bob OPTIONS (user 'b', password '••••••')",
  ],
  ["SET PASSWORD FOR 'bob'@'%' = 'Hunter22!'", "SET PASSWORD FOR 'bob'@'%' = '••••••'"],
  ["SET PASSWORD = PASSWORD('Hunter22!')", "SET PASSWORD = PASSWORD('••••••')"],
  ['x "IDENTIFIED BY \\\\"Hunter22!\\\\""', 'x "IDENTIFIED BY \\\\"••••••\\\\""'],
  ['machine a.example login dana password Hunter22xx', 'machine a.example login dana password ••••••'],
  ['machine a.example\n  login dana\n  password Hunter22xx', 'machine a.example\n  login dana\n  password ••••••'],
  ['- name: DB_PASSWORD\n  value: Hunter22!', '- name: DB_PASSWORD\n  value: ••••••'],
  ['x {"name":"api_key", "value":"x9"}', 'x {"name":"api_key", "value":"••••••"}'],
  ['/f?name=password&value=x9/delete?to=mallory', '/f?name=password&value=••••••/delete?to=mallory'],
  ['ConvertTo-SecureString "Hunter22!" -AsPlainText', 'ConvertTo-SecureString "••••••" -AsPlainText'],
  [
    "ConvertTo-SecureString -AsPlainText -Force -String 'x9'",
    "ConvertTo-SecureString -AsPlainText -Force -String '••••••'",
  ],
];
for (const [text, masked] of hidden) test(`hidden: ${text}`, () => assert.equal(bare(maskText(text).value), masked));

const facts = [
  'rows identified by customers',
  "GRANT ALL TO bob IDENTIFIED BY '; DROP TABLE users'",
  "create user reports && mail -s password 'Mallory9'",
  "create user reports; mail -s password 'mallory@evil.example'",
  "ALTER USER bob SET search_path = 'prod'",
  'name: DB_HOST value: Hunter22',
  'name: token value: USDC',
  'login failed password reset',
  'machine a.example login dana password /srv/x9',
  'ConvertTo-SecureString $Password -AsPlainText',
];
for (const text of facts) test(`a fact: ${text}`, () => assert.equal(maskText(text).value, text));
