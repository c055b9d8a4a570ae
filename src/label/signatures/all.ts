/** Every built-in signature, in the order in which equally likely ones are tried: the exact before the general. */
import type { Signature } from '../inspect/payload.ts'
import { signatures as agents } from './agents.ts'
import { signatures as apps } from './apps.ts'
import { signatures as bittorrent } from './bittorrent.ts'
import { signatures as brokers } from './brokers.ts'
import { signatures as classics } from './classics.ts'
import { signatures as clusters } from './clusters.ts'
import { signatures as daemons } from './daemons.ts'
import { signatures as development } from './development.ts'
import { signatures as dns } from './dns.ts'
import { signatures as dtls } from './dtls.ts'
import { signatures as fileServices } from './file-services.ts'
import { signatures as ftp } from './ftp.ts'
import { signatures as http } from './http.ts'
import { signatures as http2 } from './http2.ts'
import { signatures as ica } from './ica.ts'
import { signatures as imap } from './imap.ts'
import { signatures as infra } from './infra.ts'
import { signatures as lmtp } from './lmtp.ts'
import { signatures as measuring } from './measuring.ts'
import { signatures as meters } from './meters.ts'
import { signatures as metrics } from './metrics.ts'
import { signatures as neighbours } from './neighbours.ts'
import { signatures as netbios } from './netbios.ts'
import { signatures as openvpn } from './openvpn.ts'
import { signatures as overlays } from './overlays.ts'
import { signatures as pgm } from './pgm.ts'
import { signatures as plant } from './plant.ts'
import { signatures as pop3 } from './pop3.ts'
import { signatures as position } from './position.ts'
import { signatures as premises } from './premises.ts'
import { signatures as proxies } from './proxies.ts'
import { signatures as quic } from './quic.ts'
import { signatures as rdp } from './rdp.ts'
import { signatures as remote } from './remote.ts'
import { signatures as rooms } from './rooms.ts'
import { signatures as rtmp } from './rtmp.ts'
import { signatures as rtp } from './rtp.ts'
import { signatures as rtsp } from './rtsp.ts'
import { signatures as services } from './services.ts'
import { signatures as sip } from './sip.ts'
import { signatures as smtp } from './smtp.ts'
import { signatures as socks } from './socks.ts'
import { signatures as ssh } from './ssh.ts'
import { signatures as storage } from './storage.ts'
import { signatures as stores } from './stores.ts'
import { signatures as streams } from './streams.ts'
import { signatures as stun } from './stun.ts'
import { signatures as telecom } from './telecom.ts'
import { signatures as telnet } from './telnet.ts'
import { signatures as tls } from './tls.ts'
import { signatures as tor } from './tor.ts'
import { signatures as vnc } from './vnc.ts'
import { signatures as websocket } from './websocket.ts'
import { signatures as wireguard } from './wireguard.ts'
import { signatures as x11 } from './x11.ts'

let all: readonly Signature[] | undefined

export function builtinSignatures(): readonly Signature[] {
  all ??= [
    // Before TLS, of which it says more.
    ...tor,
    ...tls,
    ...dtls,
    ...http,
    ...http2,
    ...websocket,
    ...quic,
    ...dns,
    ...netbios,
    ...ssh,
    // Before SMTP, whose words it uses.
    ...lmtp,
    ...smtp,
    ...pop3,
    ...imap,
    ...ftp,
    ...telnet,
    ...rdp,
    ...vnc,
    ...x11,
    ...ica,
    ...remote,
    ...socks,
    ...stun,
    ...sip,
    ...rtsp,
    ...rtmp,
    ...wireguard,
    ...openvpn,
    ...bittorrent,
    ...infra,
    ...rtp,
    ...telecom,
    ...neighbours,
    ...pgm,
    ...overlays,
    ...streams,
    ...clusters,
    ...plant,
    ...meters,
    ...premises,
    ...position,
    ...apps,
    ...storage,
    ...fileServices,
    ...stores,
    ...brokers,
    ...development,
    ...proxies,
    ...agents,
    ...metrics,
    ...measuring,
    ...services,
    ...daemons,
    ...rooms,
    ...classics,
  ]
  return all
}
