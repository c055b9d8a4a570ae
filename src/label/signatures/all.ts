/** Every built-in signature, in the order in which equally likely ones are tried: the exact before the general. */
import type { Signature } from '../inspect/payload.ts'
import { signatures as aerospike } from './databases/aerospike.ts'
import { signatures as cassandra } from './databases/cassandra.ts'
import { signatures as clickhouse } from './databases/clickhouse.ts'
import { signatures as drda } from './databases/drda.ts'
import { signatures as elasticsearch } from './databases/elasticsearch.ts'
import { signatures as firebird } from './databases/firebird.ts'
import { signatures as hadoop } from './databases/hadoop.ts'
import { signatures as memcached } from './databases/memcached.ts'
import { signatures as mongodb } from './databases/mongodb.ts'
import { signatures as mysql } from './databases/mysql.ts'
import { signatures as neo4j } from './databases/neo4j.ts'
import { signatures as oracle } from './databases/oracle.ts'
import { signatures as postgresql } from './databases/postgresql.ts'
import { signatures as redis } from './databases/redis.ts'
import { signatures as rethinkdb } from './databases/rethinkdb.ts'
import { signatures as tarantool } from './databases/tarantool.ts'
import { signatures as tds } from './databases/tds.ts'
import { signatures as coap } from './devices/coap.ts'
import { signatures as hospitals } from './devices/hospitals.ts'
import { signatures as networkDevices } from './devices/network-devices.ts'
import { signatures as printJobs } from './devices/print-jobs.ts'
import { signatures as printerDiscovery } from './devices/printer-discovery.ts'
import { signatures as serviceDiscovery } from './devices/service-discovery.ts'
import { signatures as smartHome } from './devices/smart-home.ts'
import { signatures as usbip } from './devices/usbip.ts'
import { signatures as wakeOnLan } from './devices/wake-on-lan.ts'
import { signatures as backup } from './files/backup.ts'
import { signatures as fileServices } from './files/file-servers.ts'
import { signatures as fileSync } from './files/file-sync.ts'
import { signatures as ftp } from './files/ftp.ts'
import { signatures as nfs } from './files/nfs.ts'
import { signatures as rsync } from './files/rsync.ts'
import { signatures as smb } from './files/smb.ts'
import { signatures as storage } from './files/storage.ts'
import { signatures as tftp } from './files/tftp.ts'
import { signatures as versionControl } from './files/version-control.ts'
import { signatures as blizzard } from './games/blizzard.ts'
import { signatures as consoles } from './games/consoles.ts'
import { signatures as minecraft } from './games/minecraft.ts'
import { signatures as quake } from './games/quake.ts'
import { signatures as raknet } from './games/raknet.ts'
import { signatures as rcon } from './games/rcon.ts'
import { signatures as reliableUdp } from './games/reliable-udp.ts'
import { signatures as sandboxGames } from './games/sandbox-games.ts'
import { signatures as serverQueries } from './games/server-queries.ts'
import { signatures as steamAndSource } from './games/steam-and-source.ts'
import { signatures as buildings } from './industrial/buildings.ts'
import { signatures as controllers } from './industrial/controllers.ts'
import { signatures as ethernetIp } from './industrial/ethernet-ip.ts'
import { signatures as fieldbus } from './industrial/fieldbus.ts'
import { signatures as isoTsap } from './industrial/iso-tsap.ts'
import { signatures as meters } from './industrial/meters.ts'
import { signatures as mms } from './industrial/mms.ts'
import { signatures as modbus } from './industrial/modbus.ts'
import { signatures as opcua } from './industrial/opcua.ts'
import { signatures as position } from './industrial/position.ts'
import { signatures as s7comm } from './industrial/s7comm.ts'
import { signatures as telecontrol } from './industrial/telecontrol.ts'
import { signatures as vehicles } from './industrial/vehicles.ts'
import { signatures as filters } from './mail/filters.ts'
import { signatures as imap } from './mail/imap.ts'
import { signatures as lmtp } from './mail/lmtp.ts'
import { signatures as nntp } from './mail/nntp.ts'
import { signatures as pop3 } from './mail/pop3.ts'
import { signatures as smtp } from './mail/smtp.ts'
import { signatures as avControl } from './media/av-control.ts'
import { signatures as voice } from './media/call-control.ts'
import { signatures as conferences } from './media/conferences.ts'
import { signatures as gigeVision } from './media/gige-vision.ts'
import { signatures as hep } from './media/hep.ts'
import { signatures as icy } from './media/icy.ts'
import { signatures as lighting } from './media/lighting.ts'
import { signatures as mediaPlayers } from './media/media-players.ts'
import { signatures as mpd } from './media/mpd.ts'
import { signatures as proAudio } from './media/pro-audio.ts'
import { signatures as rtmp } from './media/rtmp.ts'
import { signatures as rtp } from './media/rtp.ts'
import { signatures as rtsp } from './media/rtsp.ts'
import { signatures as sip } from './media/sip.ts'
import { signatures as streams } from './media/streams.ts'
import { signatures as stun } from './media/stun.ts'
import { signatures as telephoneExchanges } from './media/telephone-exchanges.ts'
import { signatures as voiceChat } from './media/voice-chat.ts'
import { signatures as amqp } from './messaging/amqp.ts'
import { signatures as chat } from './messaging/chat.ts'
import { signatures as fix } from './messaging/fix.ts'
import { signatures as irc } from './messaging/irc.ts'
import { signatures as jobQueues } from './messaging/job-queues.ts'
import { signatures as kafka } from './messaging/kafka.ts'
import { signatures as messageQueues } from './messaging/message-queues.ts'
import { signatures as mqtt } from './messaging/mqtt.ts'
import { signatures as nanomsg } from './messaging/nanomsg.ts'
import { signatures as nats } from './messaging/nats.ts'
import { signatures as rtps } from './messaging/rtps.ts'
import { signatures as stomp } from './messaging/stomp.ts'
import { signatures as xmpp } from './messaging/xmpp.ts'
import { signatures as dns } from './name-service/dns.ts'
import { signatures as dnscrypt } from './name-service/dnscrypt.ts'
import { signatures as netbios } from './name-service/netbios.ts'
import { signatures as whois } from './name-service/whois.ts'
import { signatures as bmp } from './network/bmp.ts'
import { signatures as dhcp } from './network/dhcp.ts'
import { signatures as dhcpServers } from './network/dhcp-servers.ts'
import { signatures as dtn } from './network/dtn.ts'
import { signatures as gsmp } from './network/gsmp.ts'
import { signatures as neighbours } from './network/neighbours.ts'
import { signatures as network } from './network/network.ts'
import { signatures as openflow } from './network/openflow.ts'
import { signatures as pcep } from './network/pcep.ts'
import { signatures as pgm } from './network/pgm.ts'
import { signatures as portMapping } from './network/port-mapping.ts'
import { signatures as roce } from './network/roce.ts'
import { signatures as routing } from './network/routing.ts'
import { signatures as rpkiRtr } from './network/rpki-rtr.ts'
import { signatures as telecom } from './network/telecom.ts'
import { signatures as aaa } from './operations/aaa.ts'
import { signatures as agentx } from './operations/agentx.ts'
import { signatures as clusterMembers } from './operations/cluster-members.ts'
import { signatures as development } from './operations/development.ts'
import { signatures as dict } from './operations/dict.ts'
import { signatures as directory } from './operations/directory.ts'
import { signatures as erlang } from './operations/erlang.ts'
import { signatures as finger } from './operations/finger.ts'
import { signatures as flowExport } from './operations/flow-export.ts'
import { signatures as hostMonitoring } from './operations/host-monitoring.ts'
import { signatures as ident } from './operations/ident.ts'
import { signatures as logs } from './operations/logs.ts'
import { signatures as measuring } from './operations/measuring.ts'
import { signatures as metrics } from './operations/metrics.ts'
import { signatures as powerSupplies } from './operations/power-supplies.ts'
import { signatures as remoteCalls } from './operations/remote-calls.ts'
import { signatures as retrieval } from './operations/retrieval.ts'
import { signatures as ripeAtlas } from './operations/ripe-atlas.ts'
import { signatures as rmcp } from './operations/rmcp.ts'
import { signatures as snmp } from './operations/snmp.ts'
import { signatures as syslog } from './operations/syslog.ts'
import { signatures as time } from './operations/time.ts'
import { signatures as virtualMachines } from './operations/virtual-machines.ts'
import { signatures as bittorrent } from './peers/bittorrent.ts'
import { signatures as cryptocurrency } from './peers/cryptocurrency.ts'
import { signatures as directConnect } from './peers/direct-connect.ts'
import { signatures as edonkey } from './peers/edonkey.ts'
import { signatures as gnutella } from './peers/gnutella.ts'
import { signatures as libp2p } from './peers/libp2p.ts'
import { signatures as soulseek } from './peers/soulseek.ts'
import { signatures as appleRemoteDesktop } from './remote/apple-remote-desktop.ts'
import { signatures as ica } from './remote/ica.ts'
import { signatures as mosh } from './remote/mosh.ts'
import { signatures as rCommands } from './remote/r-commands.ts'
import { signatures as rdp } from './remote/rdp.ts'
import { signatures as remoteSupport } from './remote/remote-support.ts'
import { signatures as ssh } from './remote/ssh.ts'
import { signatures as synergy } from './remote/synergy.ts'
import { signatures as telnet } from './remote/telnet.ts'
import { signatures as vnc } from './remote/vnc.ts'
import { signatures as x11 } from './remote/x11.ts'
import { signatures as xdmcp } from './remote/xdmcp.ts'
import { signatures as dtls } from './tls/dtls.ts'
import { signatures as quic } from './tls/quic.ts'
import { signatures as tls } from './tls/tls.ts'
import { signatures as tor } from './tls/tor.ts'
import { signatures as ipsec } from './vpn/ipsec.ts'
import { signatures as openvpn } from './vpn/openvpn.ts'
import { signatures as overlays } from './vpn/overlays.ts'
import { signatures as tunnels } from './vpn/tunnels.ts'
import { signatures as wireguard } from './vpn/wireguard.ts'
import { signatures as applicationServers } from './web/application-servers.ts'
import { signatures as gopher } from './web/gopher.ts'
import { signatures as http } from './web/http.ts'
import { signatures as http2 } from './web/http2.ts'
import { signatures as proxies } from './web/proxies.ts'
import { signatures as socks } from './web/socks.ts'
import { signatures as websocket } from './web/websocket.ts'

const ORDER: readonly (readonly Signature[])[] = [
  // Before TLS, of which it says more.
  tor,
  tls,
  dtls,
  http,
  http2,
  websocket,
  quic,
  dns,
  netbios,
  ssh,
  // Before SMTP, whose words it uses.
  lmtp,
  smtp,
  pop3,
  imap,
  ftp,
  telnet,
  rdp,
  vnc,
  x11,
  ica,
  remoteSupport,
  socks,
  stun,
  sip,
  rtsp,
  rtmp,
  wireguard,
  openvpn,
  bittorrent,
  dnscrypt,
  network,
  serviceDiscovery,
  xdmcp,
  portMapping,
  mediaPlayers,
  fileSync,
  printerDiscovery,
  appleRemoteDesktop,
  dhcp,
  time,
  snmp,
  directory,
  smb,
  aaa,
  ipsec,
  tunnels,
  routing,
  voice,
  flowExport,
  postgresql,
  mysql,
  tds,
  oracle,
  mongodb,
  cassandra,
  elasticsearch,
  hadoop,
  drda,
  redis,
  memcached,
  kafka,
  mqtt,
  amqp,
  nats,
  stomp,
  messageQueues,
  xmpp,
  rsync,
  versionControl,
  hostMonitoring,
  nfs,
  syslog,
  modbus,
  telecontrol,
  s7comm,
  mms,
  isoTsap,
  ethernetIp,
  opcua,
  buildings,
  coap,
  fieldbus,
  steamAndSource,
  quake,
  raknet,
  minecraft,
  voiceChat,
  cryptocurrency,
  gnutella,
  edonkey,
  directConnect,
  tftp,
  vehicles,
  remoteCalls,
  retrieval,
  fix,
  rtps,
  rmcp,
  openflow,
  applicationServers,
  irc,
  nntp,
  whois,
  mosh,
  rtp,
  telecom,
  neighbours,
  dtn,
  pgm,
  overlays,
  streams,
  dhcpServers,
  roce,
  controllers,
  meters,
  position,
  lighting,
  proAudio,
  smartHome,
  networkDevices,
  synergy,
  consoles,
  conferences,
  chat,
  serverQueries,
  rcon,
  blizzard,
  sandboxGames,
  reliableUdp,
  soulseek,
  libp2p,
  clusterMembers,
  ripeAtlas,
  storage,
  fileServices,
  neo4j,
  clickhouse,
  firebird,
  rethinkdb,
  tarantool,
  aerospike,
  jobQueues,
  erlang,
  development,
  proxies,
  logs,
  powerSupplies,
  metrics,
  measuring,
  backup,
  hospitals,
  printJobs,
  mpd,
  virtualMachines,
  filters,
  icy,
  dict,
  telephoneExchanges,
  usbip,
  agentx,
  bmp,
  rpkiRtr,
  pcep,
  gsmp,
  nanomsg,
  hep,
  avControl,
  wakeOnLan,
  gigeVision,
  ident,
  rCommands,
  finger,
  gopher,
]

let all: readonly Signature[] | undefined

export function builtinSignatures(): readonly Signature[] {
  all ??= ORDER.flat()
  return all
}
