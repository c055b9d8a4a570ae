import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { looksLikeHost } from '../../../../src/label/signatures/common/urls.ts'

const test = suite('label/signatures/common/urls')

test('hosts are names', () => {
  const good = ['a', 'www.example.org', '_sip.a', '192.0.2.1']
  const bad = ['', '-a', 'a b', '[::1]', 'a/b', 'a\\x1B', 'x'.repeat(256)]
  assert.ok(good.every(looksLikeHost))
  assert.not(bad.some(looksLikeHost))
})

test.run()
