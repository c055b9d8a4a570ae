/**
 * The signatures of infrastructure protocols, in the order in which they are to be tried where several fit: DNSCrypt
 * before DNS, whose questions it uses, and the exact before the general.
 */
import type { Signature } from '../inspect/payload.ts'
import { signatures as aaa } from './aaa.ts'
import { signatures as cache } from './cache.ts'
import { signatures as cryptocurrency } from './cryptocurrency.ts'
import { signatures as databases } from './databases.ts'
import { signatures as dhcp } from './dhcp.ts'
import { signatures as directory } from './directory.ts'
import { signatures as discovery } from './discovery.ts'
import { signatures as dnscrypt } from './dnscrypt.ts'
import { signatures as field } from './field.ts'
import { signatures as games } from './games.ts'
import { signatures as industrial } from './industrial.ts'
import { signatures as ipsec } from './ipsec.ts'
import { signatures as kafka } from './kafka.ts'
import { signatures as messaging } from './messaging.ts'
import { signatures as monitoring } from './monitoring.ts'
import { signatures as mosh } from './mosh.ts'
import { signatures as mysql } from './mysql.ts'
import { signatures as network } from './network.ts'
import { signatures as nfs } from './nfs.ts'
import { signatures as others } from './others.ts'
import { signatures as p2p } from './p2p.ts'
import { signatures as postgresql } from './postgresql.ts'
import { signatures as routing } from './routing.ts'
import { signatures as smb } from './smb.ts'
import { signatures as snmp } from './snmp.ts'
import { signatures as syslog } from './syslog.ts'
import { signatures as tds } from './tds.ts'
import { signatures as tftp } from './tftp.ts'
import { signatures as time } from './time.ts'
import { signatures as transfer } from './transfer.ts'
import { signatures as tunnels } from './tunnels.ts'
import { signatures as voice } from './voice.ts'

export const signatures: Signature[] = [
  ...dnscrypt,
  ...network,
  ...discovery,
  ...dhcp,
  ...time,
  ...snmp,
  ...directory,
  ...smb,
  ...aaa,
  ...ipsec,
  ...tunnels,
  ...routing,
  ...voice,
  ...monitoring,
  ...postgresql,
  ...mysql,
  ...tds,
  ...databases,
  ...cache,
  ...kafka,
  ...messaging,
  ...transfer,
  ...nfs,
  ...syslog,
  ...industrial,
  ...field,
  ...games,
  ...cryptocurrency,
  ...p2p,
  ...tftp,
  ...others,
  ...mosh,
]
