/**
 * ONC RPC (RFC 5531) over TCP and UDP: NFS (RFC 1813, RFC 7530) with its helpers mount and portmapper carries the
 * label nfs, any other program sunrpc.
 */
import { PROTOCOL_TCP, readI32, readU32 } from '../../../bytes.ts'
import {
  FROM_CLIENT,
  FROM_SERVER,
  NO_MATCH,
  type Payload,
  type Signature,
  STRONG,
} from '../../inspect/payload.ts'
import { setExtra } from '../common/extras.ts'
import { fills } from '../common/length.ts'
import { onPort, TCP, UDP } from '../common/ports.ts'

const CALL = 0
const REPLY = 1
const RPC_VERSION = 2
/** RFC 5531 section 9: none to RPCSEC_GSS; a verifier's longest body; SUCCESS to SYSTEM_ERR. */
const LAST_FLAVOUR = 6
const MAX_VERIFIER = 400
const LAST_STATUS = 5
const CALL_HEADER = 40
const REPLY_HEADER = 24
const LAST_FRAGMENT = 0x80000000
/** First byte of the mark of a last fragment shorter than 16 MiB. */
const LAST_FRAGMENT_BYTE = 0x80
const PORTMAPPER = 100000
const NFS = 100003
const MOUNT = 100005
const LOCK_MANAGER = 100021
const NFS_ACL = 100227

function nfsProgram(program: number): boolean {
  return (
    program === PORTMAPPER ||
    program === NFS ||
    program === MOUNT ||
    program === LOCK_MANAGER ||
    program === NFS_ACL
  )
}

/** Offset of the message behind TCP's record mark (RFC 5531 section 11), or -1 when the mark does not fit. */
function message(payload: Payload): number {
  const { bytes, start, end } = payload
  if (payload.protocol !== PROTOCOL_TCP) return start
  if (end - start < 4) return -1
  const mark = readU32(bytes, start)
  const length = mark % LAST_FRAGMENT
  if (mark < LAST_FRAGMENT || length < REPLY_HEADER || length > 0x400000) return -1
  return length + 4 <= payload.length || fills(payload, length + 4) ? start + 4 : -1
}

/** Program of the call at `at`, 0 when it is none: xid, call, version 2, program, version, procedure, credentials. */
function callProgram(payload: Payload, at: number): number {
  const { bytes, end } = payload
  if (end - at < CALL_HEADER || readI32(bytes, at + 4) !== CALL || readI32(bytes, at + 8) !== RPC_VERSION) {
    return 0
  }
  // Versions, procedures and credential flavours in use are small numbers.
  if (readU32(bytes, at + 16) > 255 || readU32(bytes, at + 20) > 255) return 0
  const flavour = readU32(bytes, at + 24)
  if (flavour > 6 && flavour < 300000) return 0
  return readU32(bytes, at + 12)
}

/** Program of the call that this reply answers (its first bytes are in `peer`), 0 when it is none. */
function replyProgram(payload: Payload, at: number): number {
  const { bytes, end, peer } = payload
  if (end - at < REPLY_HEADER || readI32(bytes, at + 4) !== REPLY || readU32(bytes, at + 8) > 1) return 0
  const skip = at - payload.start
  const asked =
    payload.peerLength >= CALL_HEADER &&
    skip + 12 <= peer.length &&
    readI32(peer, skip) === readI32(bytes, at) &&
    readI32(peer, skip + 4) === CALL &&
    readI32(peer, skip + 8) === RPC_VERSION
  if (!asked) return isReplyAlone(payload, at) ? NFS : 0
  // Over TCP the program lies just behind the bytes that are kept of a call: it is the one that was seen there.
  if (skip + 16 > peer.length) {
    const known = payload.labelSoFar === 'nfs' || onPort(payload, 2049) || onPort(payload, 111)
    return known ? NFS : 1
  }
  return readU32(peer, skip + 12)
}

/** The reply to a call that was not captured: xid, accepted, a verifier, success or a known error; on NFS's ports. */
function isReplyAlone(payload: Payload, at: number): boolean {
  const { bytes, end } = payload
  if (payload.srcPort !== 2049 && payload.srcPort !== 111) return false
  if (readI32(bytes, at) === 0 || readI32(bytes, at + 8) !== 0) return false
  const verifier = readU32(bytes, at + 16)
  if (readU32(bytes, at + 12) > LAST_FLAVOUR || verifier > MAX_VERIFIER) return false
  const status = at + 20 + ((verifier + 3) & ~3)
  return status + 4 > end || readU32(bytes, status) <= LAST_STATUS
}

function rpc(payload: Payload, wantsNfs: boolean): number {
  const at = message(payload)
  if (at < 0) return NO_MATCH
  const call = callProgram(payload, at)
  const program = call !== 0 ? call : replyProgram(payload, at)
  if (program === 0 || nfsProgram(program) !== wantsNfs) return NO_MATCH
  if (call !== 0) {
    setExtra(payload, 'rpc', 'program', program)
    setExtra(payload, 'rpc', 'program_version', readU32(payload.bytes, at + 16))
    setExtra(payload, 'rpc', 'procedure', readU32(payload.bytes, at + 20))
  }
  return STRONG | (call !== 0 ? FROM_CLIENT : FROM_SERVER)
}

function nfs(payload: Payload): number {
  return rpc(payload, true)
}

function sunrpc(payload: Payload): number {
  return rpc(payload, false)
}

export const signatures: Signature[] = [
  {
    label: 'nfs',
    says: 'is an ONC RPC version 2 call of the NFS, mount, lock or portmapper program, or its reply',
    protocols: UDP,
    bits: { offset: 4, mask: 0xfffffffe | 0, value: 0 },
    ports: [2049, 111],
    match: nfs,
  },
  {
    label: 'nfs',
    says: 'is a record with an ONC RPC version 2 call of the NFS, mount, lock or portmapper program, or its reply',
    protocols: TCP,
    ports: [2049, 111],
    firstBytes: [LAST_FRAGMENT_BYTE],
    match: nfs,
  },
  {
    label: 'sunrpc',
    says: 'is an ONC RPC version 2 call of another program, or its reply',
    protocols: UDP,
    bits: { offset: 4, mask: 0xfffffffe | 0, value: 0 },
    ports: [111],
    match: sunrpc,
  },
  {
    label: 'sunrpc',
    says: 'is a record with an ONC RPC version 2 call of another program, or its reply',
    protocols: TCP,
    ports: [111],
    firstBytes: [LAST_FRAGMENT_BYTE],
    match: sunrpc,
  },
]
