/** The service group of a label: every fixed label, what signatures find, and IANA names that are common on wires. */

const GROUPS: Readonly<Record<string, string>> = {
  web:
    'http http2 http3 tls dtls quic websocket https http-alt http-mgmt ajp fastcgi scgi gopher wap-wsp grpc ' +
    'spdy gemini',
  mail:
    'smtp smtps submission submissions pop3 pop3s imap imaps imap3 lmtp qmtp managesieve sieve odmr ' +
    'msexch-routing ccmail spamassassin clamd postfix-policy',
  'name-service':
    'dns mdns llmnr netbios dnscrypt domain-s wins nameserver whois nicname rwhois dns-llq dns2go dnsix ' +
    'hostname',
  database:
    'mysql postgresql tds tns mongodb cassandra redis memcached elasticsearch ms-sql-m couchdb influxdb neo4j ' +
    'firebird gds-db drda clickhouse tarantool ceph etcd-client etcd-server db2 sybase ingres informix odbc ' +
    'sqlnet oracle oraclenames ttc arangodb rethinkdb interbase epmd couchbase foundationdb bolt riak ' +
    'hadoop-rpc hbase aerospike',
  'remote-desktop':
    'rdp vnc x11 xdmcp ica cgp edt framehawk citrix-audio citriximaclient pcoip teamviewer anydesk rustdesk ' +
    'spice nx apple-remote-desktop net-assistant radmin pcanywheredata pcanywherestat splashtop ultravnc ' +
    'logmein xpra citrixima citrixadmin icabrowser kvm-over-ip blast synergy',
  'remote-shell':
    'ssh telnet telnets mosh login shell exec rlogin rsh kshell klogin rtelnet wsman wsmans eternal-terminal ' +
    'mactelnet rexec',
  'file-transfer':
    'ftp ftp-data ftps ftps-data tftp rsync sftp uucp kermit bftp nntp nntps odette-ftp aspera dropbox ' +
    'sftp-gfs dicom',
  'file-sharing':
    'smb nfs afp ncp afs3-fileserver afs3-callback iscsi-target iscsi isns sunrpc mountd nlockmgr nbd webdav ' +
    'glusterfs gluster 9pfs ndmp nvme-disc fcip-port drbd iscsi-sw aoe portmap rx nvme fcip ifcp lnet usbip',
  voice:
    'stun turn sip sips rtp rtcp srtp h323 mgcp megaco iax iax2 skinny teamspeak mumble ventrilo skype ' +
    'unistim sccp-sctp sigtran t38 bfcp zoom sd-rtn asterisk-ami freeswitch hep',
  video:
    'rtsp rtmp rtsps rtsp-alt ms-streaming mms hls srt ndi rist mpegts rtmpt twitch youtube sap vban ' +
    'applemidi osc artnet acn kinet icy mpd snapcast pjlink escvpnet eiscp gvcp',
  messaging:
    'xmpp msrp irc ircu ircs-u aim icq msnp signal telegram whatsapp matrix silc zephyr yahoo discord slack ' +
    'line viber wechat smpp ucp cimd ymsg gadu-gadu oicq',
  industrial:
    'modbus dnp3 s7comm iec104 bacnet ethernet-ip opcua profinet ethercat knx hart-ip fins omron-fins melsec ' +
    'iso-tsap mms-iec61850 goose ff-annunc ff-fms ff-sm ff-hse profinet-cm profinet-rt profinet-rtm codesys ' +
    'crestron-cip knxnetip c37118 synchrophasor cip beckhoff-ads ads ge-srtp uadp lonworks lontalk trdp-pd ' +
    'trdp-md dlms-cosem c1222-acse m-bus egd ether-s-bus pcworx proconos crimson niagara-fox doip atg wits v2gtp',
  'network-management':
    'snmp netconf netconf-ssh icmp icmpv6 igmp rmcp asf-rmcp ipmi restconf gnmi lldp cdp tr-069 cwmp openflow ' +
    'ovsdb capwap lwapp capwap-control capwap-data igmpv3lite smux agentx traceroute netconf-tls vxlan-mgmt ' +
    'coapm dhcp-failover omapi vmware-authd wol',
  routing:
    'bgp ospf rip ripng eigrp isis pim ldp hsrp vrrp glbp bfd rsvp olsr babel msdp lisp router ldp-udp nhrp ' +
    'aodv carp egp igrp lsp-ping lmp ahcp bmp rpki-rtr pcep gsmp-ancp',
  vpn:
    'openvpn wireguard ipsec ike esp ah pptp l2tp tailscale zerotier n2n softether anyconnect sstp tinc ' +
    'nebula hamachi fortigate globalprotect vtun fastd yggdrasil',
  tunnel:
    'gre vxlan geneve gtp teredo 6in4 ipip sctp vxlan-gpe tor nvgre stt etherip erspan 6to4 isatap ip-in-ip ' +
    'udp-encap i2p psiphon ultrasurf pfcp roce dtn-bundle',
  time: 'ntp ptp daytime time timed chrony rdate ntske sntp',
  authentication:
    'kerberos radius diameter tacacs krb524 kpasswd ident auth gss-api pana eapol radsec oauth cas saml ' +
    'ldap-admin',
  directory: 'ldap ldaps msft-gc msft-gc-ssl nis x500 dsp finger ph cso dict z39-50',
  discovery:
    'ssdp ws-discovery slp upnp dhcp dhcpv6 bonjour spotify enpc wsdapi nat-pmp pcp steam-discovery mndp ' +
    'ubnt-discovery canon-bjnp bjnp1 bjnp2 lsdp tplink-shp airplay raop chromecast dropbox-lansync hid roku ' +
    'zeroconf srvloc wpad ubdp bjnp kodi dddp sddp nsdp addp',
  gaming:
    'minecraft source-engine raknet steam quake quake3 doom xbox playstation battlenet roblox valve fortnite ' +
    'starcraft halflife unreal terraria garena riot leagueoflegends worldofwarcraft nintendo gamespy ' +
    'all-seeing-eye samp rcon wow minetest enet photon kcp hazel netcode',
  'peer-to-peer':
    'bittorrent gnutella edonkey emule kademlia soulseek directconnect fasttrack ares syncthing resilio ipfs ' +
    'freenet libp2p bitmessage',
  iot:
    'coap mqtt-sn homekit zigbee zwave matter tuya lwm2m z-wave-s esphome hap meross lifx wemo ' +
    'tplink-smarthome miio broadlink weave',
  'message-queue':
    'amqp mqtt kafka nats stomp zmtp rabbitmq activemq openwire ibm-mq nsq pulsar rocketmq jms tibco mllp pgm ' +
    'hazelcast beanstalkd gearman rabbitmq-stream hl7 nanomsg',
  monitoring:
    'zabbix nagios nrpe prometheus statsd graphite collectd munin ganglia icinga checkmk carbon nsca pmcd ' +
    'sensu zabbix-agent nimhub nimspooler datadog opentsdb nut apcupsd',
  proxy:
    'http-proxy http-connect socks squid haproxy shadowsocks trojan vmess ndl-aas privoxy icp wccp icap ' +
    'proxy-protocol htcp uwsgi',
  'version-control': 'git svn cvspserver perforce mercurial bazaar fossil p4 hg',
  printing: 'ipp ipps printer lpd pdl-datastream jetdirect hp-pdl-datastr cups sane',
  cryptocurrency: 'bitcoin ethereum stratum monero litecoin dogecoin ripple mining zcash',
  logging: 'syslog gelf fluentd logstash beats splunk rsyslog relp lumberjack loki',
  telemetry: 'sflow netflow ipfix jflow cflow netstream rflow opentelemetry ipfixs',
  'remote-procedure-call':
    'dce-rpc dcerpc java-rmi rmiregistry corba-iiop soap thrift xmlrpc giop msrpc rpc epmap erldp t3 ice dubbo saprouter',
  diagnostic:
    'echo discard chargen qotd systat netstat iperf tcpmux twamp-control twamp-test owamp-control owamp-test ' +
    'netperf ripe-atlas iperf3 iperf2 rpcap jdwp gdb adb distcc dbgp',
  backup:
    'bacula bareos amanda veeam netbackup veritas-pbx commvault backupexec networker tsm vnetd vopied bpcd',
  orchestration:
    'zookeeper docker kubernetes consul puppet salt salt-master ansible nomad swarm-gossip etcd chef raft ' +
    'memberlist libvirt qmp',
  navigation: 'nmea-0183 rtcm-sc104 ntrip gpsd beast sbs gdl90 asterix',
  licensing: 'flex-lm flexlm ncube-lm codemeter sentinelsrm rlm lmgrd nlm',
}

const CATEGORIES: ReadonlyMap<string, string> = new Map(
  Object.entries(GROUPS).flatMap(([category, labels]) =>
    labels.split(' ').map((label): [string, string] => [label, category]),
  ),
)

/** "remote-desktop" for "rdp"; undefined where the label belongs to no group. */
export function categoryOf(label: string): string | undefined {
  return CATEGORIES.get(label)
}
