/**
 * Drops root privileges for good. In: "NAME" or "NAME:GROUP", names or numbers. Promised: user, group and supplementary
 * groups are changed on every thread, and it is verified that they cannot be regained; otherwise an error: the process
 * never runs on with privileges that it should have dropped. Not supported: systems without user ids (Windows).
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { InputError, UsageError } from '../errors.ts'

const PLACE = '--user'
/** Valid names of users and groups (useradd(8)), or a number. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}\$?$/
const NUMBER = /^\d{1,9}$/

export interface Account {
  uid: number
  gid: number
  /** For the supplementary groups; absent where the user was given as a number. */
  name?: string
}

/** Looks up the account. Throws a UsageError for names that do not exist, and for root. */
export function findAccount(text: string): Account {
  const [user, group, more] = text.split(':')
  if (more !== undefined || !NAME.test(user) || (group !== undefined && !NAME.test(group))) {
    throw new UsageError(
      'OPTION_USER',
      PLACE,
      `found ${JSON.stringify(text)}, expected NAME or NAME:GROUP, for example --user flowhawk`,
    )
  }
  const uid = NUMBER.test(user) ? Number(user) : lookUp('user', user, 'id', '-u', user)
  const gid = group === undefined ? lookUp('user', user, 'id', '-g', user) : groupOf(group)
  if (uid === 0 || gid === 0) {
    const what = `found ${JSON.stringify(text)}, which is root, expected a user and a group without privileges`
    throw new UsageError('OPTION_USER', PLACE, what)
  }
  return NUMBER.test(user) ? { uid, gid } : { uid, gid, name: user }
}

function groupOf(group: string): number {
  return NUMBER.test(group) ? Number(group) : lookUp('group', group, 'getent', 'group', group)
}

/** Looks up an id with a system program: those use all sources of accounts (NSS), which Node cannot. */
function lookUp(kind: 'user' | 'group', name: string, program: string, ...args: string[]): number {
  try {
    const answer = execFileSync(program, args, { stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trimEnd()
    // group(5): name, password, number, members.
    return Number(kind === 'group' ? answer.split(':')[2] : answer)
  } catch {
    const what = `found ${JSON.stringify(name)}, and there is no such ${kind}; create it, or name another one`
    throw new UsageError('OPTION_USER', PLACE, what)
  }
}

/** Drops all privileges: from now on the process runs as this account. */
export function dropPrivileges(account: Account): void {
  const { uid, gid, name } = account
  const { initgroups } = process as NodeJS.Process & { initgroups?: (user: string, group: number) => void }
  if (
    initgroups === undefined ||
    process.setgroups === undefined ||
    process.setgid === undefined ||
    process.setuid === undefined
  ) {
    throw new UsageError('OPTION_USER', PLACE, 'this system has no user ids; leave it out')
  }
  if (process.getuid?.() !== 0) {
    if (process.getuid?.() === uid && process.getgid?.() === gid) return
    throw failed('only root can become another user; start it as root, or leave the option out')
  }
  try {
    if (name === undefined) process.setgroups([gid])
    else initgroups.call(process, name, gid)
    process.setgid(gid)
    process.setuid(uid)
  } catch (error) {
    throw failed(`the system refused, ${error instanceof Error && 'code' in error ? error.code : error}`)
  }
  verifyDropped(account)
}

function verifyDropped({ uid, gid }: Account): void {
  const ids = [process.getuid?.(), process.geteuid?.(), process.getgid?.(), process.getegid?.()]
  if (ids.join() !== [uid, uid, gid, gid].join())
    throw failed('user and group are not those that were asked for')
  if (process.getgroups?.().includes(0)) throw failed('the group root is still among the groups')
  if (canRegain(() => process.setuid?.(0)) || canRegain(() => process.setgid?.(0))) {
    throw failed('root can be had again')
  }
  if (hasCapabilities()) throw failed('capabilities are left')
}

function canRegain(attempt: () => void): boolean {
  try {
    attempt()
    return true
  } catch {
    return false
  }
}

/** Permitted ones (capabilities(7)); systems without /proc have none. */
function hasCapabilities(): boolean {
  let status = ''
  try {
    status = readFileSync('/proc/self/status', 'latin1')
  } catch {
    return false
  }
  const permitted = /^CapPrm:\s*([0-9a-f]+)$/m.exec(status)?.[1]
  return permitted !== undefined && !/^0+$/.test(permitted)
}

function failed(what: string): InputError {
  return new InputError('PRIVILEGES_KEPT', PLACE, what)
}
