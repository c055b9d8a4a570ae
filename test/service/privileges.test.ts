import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findAccount } from '../../src/service/privileges.ts'

/** Becoming another user is tested in live-service.test.ts, for a process cannot come back from it. */
const test = suite('service/privileges')

function fault(text: string): string {
  try {
    return JSON.stringify(findAccount(text))
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

test('knows users and groups by name and by number', () => {
  const nobody = findAccount('nobody')
  assert.ok(nobody.uid > 0 && nobody.gid > 0)
  assert.is(nobody.name, 'nobody')
  assert.equal(findAccount('nobody:12345'), { uid: nobody.uid, gid: 12_345, name: 'nobody' })
  assert.equal(findAccount('12345:23456'), { uid: 12_345, gid: 23_456 })
  assert.equal(findAccount(`${nobody.uid}`), { uid: nobody.uid, gid: nobody.gid })
  assert.is(findAccount('nobody:daemon').gid, 1)
})

test('refuses what is no user', () => {
  for (const [text, expected] of [
    ['', /found "", expected NAME or NAME:GROUP/],
    ['a:b:c', /found "a:b:c", expected NAME or NAME:GROUP/],
    ['-u', /found "-u", expected NAME/],
    ['no body', /found "no body", expected NAME/],
    ['nobody:', /found "nobody:", expected NAME/],
    ['no-such-user', /found "no-such-user", and there is no such user/],
    ['nobody:no-such-group', /found "no-such-group", and there is no such group/],
    ['root', /found "root", which is root/],
    ['0:12345', /which is root/],
    ['nobody:root', /which is root/],
    ['nobody:0', /which is root/],
  ] as const) {
    assert.match(fault(text), expected)
    assert.match(fault(text), /^--user: .* \(OPTION_USER\)$/)
  }
})

test.run()
