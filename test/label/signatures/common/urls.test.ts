import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { looksLikeHost, withoutSecrets } from '../../../../src/label/signatures/common/urls.ts'

const test = suite('label/signatures/common/urls')

test('hosts are names', () => {
  const good = ['a', 'www.example.org', '_sip.a', '192.0.2.1']
  const bad = ['', '-a', 'a b', '[::1]', 'a/b', 'a\\x1B', 'x'.repeat(256)]
  assert.ok(good.every(looksLikeHost))
  assert.not(bad.some(looksLikeHost))
})

test('passwords and tokens among parameters are hidden', () => {
  const told = {
    '/query?u=bob&p=s3cretpw&db=d': '/query?u=bob&p=***&db=d',
    '/list?p=2': '/list?p=2',
    '/a?password=&x=1': '/a?password=&x=1',
    '/a?access_token=abc&x=1&API_KEY=k#top': '/a?access_token=***&x=1&API_KEY=***#top',
    '/a?next_token_id=3&tokens=4': '/a?next_token_id=3&tokens=4',
    '/a?x=1;j_password=p&user[password]=q': '/a?x=1;j_password=***&user[password]=***',
    '/a?sessiontoken=t&csrf-token=u&user_pass=v': '/a?sessiontoken=***&csrf-token=***&user_pass=***',
    '/a?bypass=1&compass=2': '/a?bypass=1&compass=2',
    'rtsp://cam/user=admin&password=x&channel=1.sdp': 'rtsp://cam/user=admin&password=***&channel=1.sdp',
    '/password/x': '/password/x',
    'http://u:pw@host/a?password=x': 'http://host/a?password=***',
  }
  for (const [url, expected] of Object.entries(told)) assert.is(withoutSecrets(url, true), expected)
})

test.run()
