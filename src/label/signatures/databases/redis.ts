/** Redis: its protocol in versions RESP 2 and RESP 3, commands on a line, and the bus of its clusters. */
import { readU16, readU32, startsWith } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  PREFIX_BYTES,
  type Signature,
  STRONG,
  WEAK,
} from '../../inspect/payload.ts'
import { setExtra } from '../common/extras.ts'
import { onPort, TCP } from '../common/ports.ts'
import { CR, digitRun, LF, lineStop, SPACE } from '../common/text-scan.ts'

const REDIS_PORT = 6379
const STAR = 0x2a
const DOLLAR = 0x24
const PLUS = 0x2b
const MINUS = 0x2d

/** Offset after a number and CR LF, or -1. */
function numberLine(bytes: Uint8Array, at: number, end: number): number {
  const from = at < end && bytes[at] === MINUS ? at + 1 : at
  const stop = digitRun(bytes, from, end, 9)
  if (stop < 0 || stop + 2 > end) return -1
  return bytes[stop] === CR && bytes[stop + 1] === LF ? stop + 2 : -1
}

/** The other side sent an array of bulk strings, which is how commands look. */
function commandBefore({ peer, peerLength }: Payload): boolean {
  if (peerLength < 8 || peer[0] !== STAR || peer[1] === MINUS) return false
  const first = numberLine(peer, 1, PREFIX_BYTES)
  return first > 0 && peer[first] === DOLLAR
}

/** On the port, or in a flow that has shown to be Redis: the command before may have come in several segments. */
function isNear(payload: Payload): boolean {
  return payload.labelSoFar === 'redis' || onPort(payload, REDIS_PORT)
}

/** What servers push as an array to RESP 2 clients that subscribed: no command has these names. */
const PUSHED = ['message\r', 'pmessage\r', 'smessage\r']

const REDIS_COMMANDS = new Set(
  (
    'ACL APPEND ASKING AUTH BGSAVE BLPOP BRPOP CLIENT CLUSTER COMMAND CONFIG DBSIZE DECR DECRBY DEL DISCARD ECHO EVAL ' +
    'EVALSHA EXEC EXISTS EXPIRE FLUSHALL FLUSHDB GET GETSET HDEL HELLO HGET HGETALL HINCRBY HKEYS HLEN HMGET HMSET ' +
    'HSET HVALS INCR INCRBY INFO KEYS LINDEX LLEN LPOP LPUSH LRANGE LTRIM MEMORY MGET MONITOR MSET MULTI OBJECT ' +
    'PERSIST PEXPIRE PING PSUBSCRIBE PSYNC PTTL PUBLISH PUBSUB PUNSUBSCRIBE QUIT READONLY RENAME REPLCONF REPLICAOF ' +
    'ROLE RPOP RPUSH SADD SAVE SCAN SCARD SCRIPT SELECT SET SETEX SETNX SHUTDOWN SISMEMBER SLAVEOF SLOWLOG SMEMBERS ' +
    'SPUBLISH SREM SSUBSCRIBE STRLEN SUBSCRIBE SUNSUBSCRIBE SYNC TIME TTL TYPE UNLINK UNSUBSCRIBE UNWATCH WAIT WATCH ' +
    'XACK XADD XGROUP XLEN XRANGE XREAD XREADGROUP ZADD ZRANGE ZRANGEBYSCORE ZREM ZSCORE'
  ).split(' '),
)
const MAX_COMMAND = 16

/** The command that stands alone in the line, in capitals; '' where it is none: an array of the server holds values. */
function commandIn(bytes: Uint8Array, from: number, end: number): string {
  const stop = lineStop(bytes, from, Math.min(end, from + MAX_COMMAND + 1))
  let word = ''
  for (let at = from; at < stop; at++) word += String.fromCharCode(bytes[at] & 0xdf)
  return REDIS_COMMANDS.has(word) ? word : ''
}

/** What a client sends unless it has just sent a command itself: the server's arrays answer one, or are pushed. */
function arrayOfStrings(payload: Payload, word: number): number {
  const { bytes, end } = payload
  for (const name of PUSHED) if (startsWith(bytes, word, end, name)) return STRONG | FROM_SERVER
  if (commandBefore(payload)) return STRONG | FROM_SERVER
  const command = commandIn(bytes, word, end)
  if (command !== '') setExtra(payload, 'redis', 'command', command)
  return STRONG | (command !== '' || payload.peerOrdinal === 0 ? FROM_CLIENT : 0)
}

/** A word in capitals: alone on its line behind a plus, before an explanation behind a minus. */
function isStatus(bytes: Uint8Array, start: number, end: number): boolean {
  const plus = bytes[start] === PLUS
  if (!plus && bytes[start] !== MINUS) return false
  let at = start + 1
  while (at < end && bytes[at] >= 0x41 && bytes[at] <= 0x5a) at++
  if (at < start + 3 || at >= end) return false
  return plus ? bytes[at] === CR && at + 1 < end && bytes[at + 1] === LF : bytes[at] === SPACE
}

/** RESP 2: "*2\r\n$3\r\nGET…" from the client; one of + - : $ * and a CR LF from the server. */
function redis(payload: Payload): number {
  const { bytes, start, end } = payload
  if (bytes[start] === STAR) {
    const first = numberLine(bytes, start + 1, end)
    if (first < 0 || first >= end) {
      return first > 0 && isNear(payload) && commandBefore(payload) ? WEAK | FROM_SERVER : NO_MATCH
    }
    if (bytes[first] !== DOLLAR) {
      return commandBefore(payload) && isNear(payload) ? WEAK | FROM_SERVER : NO_MATCH
    }
    const word = numberLine(bytes, first + 1, end)
    return word < 0 ? NO_MATCH : arrayOfStrings(payload, word)
  }
  const answer =
    isStatus(bytes, start, end) ||
    ((bytes[start] === DOLLAR || bytes[start] === 0x3a) && numberLine(bytes, start + 1, end) > 0)
  if (!answer) return NO_MATCH
  if (commandBefore(payload)) return STRONG | FROM_SERVER
  return isNear(payload) ? WEAK | FROM_SERVER : NO_MATCH
}

const PUSH = 0x3e
const MAP = 0x25
const SET = 0x7e

/** RESP 3 answers: a push, map or set of so many; null, true or false alone. */
function redis3(payload: Payload): number {
  const { bytes, start, end } = payload
  const kind = bytes[start]
  if (kind === PUSH || kind === MAP || kind === SET) {
    const first = numberLine(bytes, start + 1, end)
    if (first < 0) return NO_MATCH
    if (commandBefore(payload)) return STRONG | FROM_SERVER
    const named = first < end && bytes[first] === DOLLAR && numberLine(bytes, first + 1, end) > 0
    if (!named) return NO_MATCH
    return kind === PUSH ? STRONG | FROM_SERVER : isNear(payload) ? WEAK | FROM_SERVER : NO_MATCH
  }
  const word =
    startsWith(bytes, start, end, '_\r\n') ||
    startsWith(bytes, start, end, '#t\r\n') ||
    startsWith(bytes, start, end, '#f\r\n')
  return word && commandBefore(payload) ? STRONG | FROM_SERVER : NO_MATCH
}

const BUS_HEADER = 16
const LAST_BUS_VERSION = 2

/** Cluster bus: "RCmb", length of the whole message, version, the sender's port, a type. */
function clusterBus(payload: Payload): number {
  const { bytes, start, end } = payload
  if (end - start < BUS_HEADER || !startsWith(bytes, start, end, 'RCmb')) return NO_MATCH
  const length = readU32(bytes, start + 4)
  return length >= BUS_HEADER && readU16(bytes, start + 8) <= LAST_BUS_VERSION ? STRONG : NO_MATCH
}

/** A person's commands: words on a line of their own, as the protocol allows beside arrays. */
function inline(payload: Payload): number {
  const { bytes, start, end } = payload
  if (payload.dstPort !== REDIS_PORT || bytes[end - 1] !== LF) return NO_MATCH
  let word = ''
  for (let at = start; at < end && at < start + MAX_COMMAND + 1; at++) {
    const letter = bytes[at] & 0xdf
    if (letter >= 0x41 && letter <= 0x5a) word += String.fromCharCode(letter)
    else if (bytes[at] !== SPACE && bytes[at] !== CR && bytes[at] !== LF) return NO_MATCH
    else return REDIS_COMMANDS.has(word) ? WEAK | FROM_CLIENT : NO_MATCH
  }
  return NO_MATCH
}

export const signatures: Signature[] = [
  {
    label: 'redis',
    says: 'is a Redis command as an array of bulk strings, or an answer to one',
    protocols: TCP,
    ports: [REDIS_PORT],
    firstBytes: [STAR, DOLLAR, PLUS, MINUS, 0x3a],
    match: redis,
  },
  {
    label: 'redis',
    says: 'is a push or an answer of Redis in RESP 3',
    protocols: TCP,
    ports: [REDIS_PORT],
    firstBytes: [PUSH, MAP, SET, 0x5f, 0x23],
    match: redis3,
  },
  {
    label: 'redis',
    says: 'is a message of the Redis cluster bus: "RCmb", its length and version',
    protocols: TCP,
    firstBytes: [0x52],
    match: clusterBus,
  },
  {
    label: 'redis',
    says: 'is a Redis command on a line of its own, to port 6379',
    protocols: TCP,
    ports: [REDIS_PORT],
    portsOnly: true,
    match: inline,
  },
]
