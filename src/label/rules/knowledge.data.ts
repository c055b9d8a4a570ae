/**
 * The built-in rules as a user would write them: `flowhawk rules builtin` prints this text, copy it and change it.
 * The program itself uses knowledge-rules.data.ts, the same rules already parsed (a test compares the two).
 */
export const BUILTIN_RULES_TEXT = `# Pools: servers that give each session a port of its own out of a range. A file given with
# --rules may change a pool of this list by using its name.

pools:
  # Citrix Framehawk: the session host answers on UDP 3224 for its first session, 3225 for the
  # second, up to 101 sessions. Gone from Citrix releases since 2019.
  # No payload signature is public, so ICA or CGP traffic of the same host is the best support.
  - name: framehawk
    label: framehawk
    transport: udp
    ports: 3224-3324
    stride: 1                   # every port is a slot
    session: per-port           # one session a port; per-client: one port, a session a client
    allocation: lowest-first    # the lowest free port is taken: a high slot means many sessions
    idle_timeout: 120           # seconds of silence that end a session
    min_packets: 4              # fewer packets, both directions together, are a probe
    bidirectional: true         # both sides must have sent
    supported_by: [ica, cgp]    # labels that make the pool likely at the same server
    retired:                    # packets from this day on get a note; nothing is lowered
      since: "2020-01-01"
      says: Framehawk left the Citrix releases in 2019 (7 1903); only older hosts still speak it

  # Citrix HDX audio over UDP: RTP on the even port, RTCP on the odd one, five pairs.
  - name: citrix-audio
    label: citrix-audio
    transport: udp
    ports: 16500-16509
    stride: 2                   # a slot is an even port and the odd port after it
    session: per-port
    allocation: lowest-first
    idle_timeout: 120
    min_packets: 4
    bidirectional: true
    supported_by: [ica, cgp]

  # Mosh: a terminal a port. The range lies inside the ports that Linux gives to clients, so
  # nothing counts without mosh's own payload. A sequence that starts at 0 is a new session; a
  # sequence that goes on from a new client address is a roaming client.
  - name: mosh
    label: mosh
    transport: udp
    ports: 60001-60999
    stride: 1
    session: per-port
    allocation: lowest-first
    idle_timeout: 120
    min_packets: 4
    bidirectional: true
    requires: mosh
    start_marker: mosh-sequence

  # Asterisk's default media range: RTP on even ports, RTCP on the next odd ones. Much else
  # uses these numbers, so only flows whose payload is RTP or RTCP count.
  - name: asterisk-rtp
    label: rtp
    transport: udp
    ports: 10000-20000
    stride: 2
    session: per-port
    allocation: any
    idle_timeout: 120
    min_packets: 4
    bidirectional: true
    requires: rtp

  # X Window System: display 0 on TCP 6000, up to display 63.
  - name: x11
    label: x11
    transport: tcp
    ports: 6000-6063
    stride: 1
    session: per-port
    allocation: any
    idle_timeout: 120
    min_packets: 4
    bidirectional: true

  # VNC: display 0 on TCP 5900. Several viewers may share one desktop: one session.
  - name: vnc
    label: vnc
    transport: tcp
    ports: 5900-5999
    stride: 1
    session: per-port
    allocation: any
    idle_timeout: 120
    min_packets: 4
    bidirectional: true

# Labels name flows by port, address, hostname or payload. None is built in: what can be told
# from payload alone is. Yours might read:
#
#   labels:
#     - { label: backup, transport: tcp, ports: [9102, 9103], cidr: 10.3.0.0/16, certainty: likely }
#     - { label: intranet, hostname_suffix: .corp.example }
#     - label: acme
#       transport: udp
#       payload: { offset: 0, bytes: "a1b2", mask: "ffff", direction: both, min_length: 8 }
#       category: telemetry
labels: []
`
