/** Every built-in signature, in the order in which equally likely ones are tried. */
import type { Signature } from '../payload.ts'
import { signatures as aaa } from './aaa.ts'
import { signatures as cache } from './cache.ts'
import { signatures as dhcp } from './dhcp.ts'
import { signatures as directory } from './directory.ts'
import { signatures as discovery } from './discovery.ts'
import { signatures as dns } from './dns.ts'
import { signatures as http } from './http.ts'
import { signatures as ipsec } from './ipsec.ts'
import { signatures as kafka } from './kafka.ts'
import { signatures as messaging } from './messaging.ts'
import { signatures as netbios } from './netbios.ts'
import { signatures as network } from './network.ts'
import { signatures as quic } from './quic.ts'
import { signatures as routing } from './routing.ts'
import { signatures as rtp } from './rtp.ts'
import { signatures as rtsp } from './rtsp.ts'
import { signatures as sip } from './sip.ts'
import { signatures as snmp } from './snmp.ts'
import { signatures as stun } from './stun.ts'
import { signatures as syslog } from './syslog.ts'
import { signatures as tftp } from './tftp.ts'
import { signatures as time } from './time.ts'
import { signatures as tls } from './tls.ts'
import { signatures as tunnels } from './tunnels.ts'
import { signatures as voice } from './voice.ts'

let all: readonly Signature[] | undefined

export function builtinSignatures(): readonly Signature[] {
  all ??= [
    ...aaa,
    ...cache,
    ...dhcp,
    ...directory,
    ...discovery,
    ...dns,
    ...http,
    ...ipsec,
    ...kafka,
    ...messaging,
    ...netbios,
    ...network,
    ...quic,
    ...routing,
    ...rtp,
    ...rtsp,
    ...sip,
    ...snmp,
    ...stun,
    ...syslog,
    ...tftp,
    ...time,
    ...tls,
    ...tunnels,
    ...voice,
  ]
  return all
}
