/**
 * packaging/ under a real systemd: one of its own in namespaces, on a copy of this machine's files that is forgotten
 * with it. Started, reloaded, stopped; started again when its interface was removed or it was killed, and not when its
 * configuration is wrong. Needs root and systemd, and a kernel that allows it; elsewhere skipped.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { missing, pause } from './live-netns.ts'

const test = suite('live-systemd')

const SYSTEMD = '/lib/systemd/systemd'
const DEADLINE_MS = 30_000
const POLL_MS = 100
const project = fileURLToPath(new URL('../../', import.meta.url))
const packaging = join(project, 'packaging')
const cli = relative(project, fileURLToPath(new URL('../src/cli.js', import.meta.url)))

/**
 * The files of this machine under a layer in memory, the unit installed as its head says, a cable for it. The project
 * and this Node go where the unit can see them: it sees neither homes nor /tmp.
 */
const BOOT = `set -e
root=$1/root; layer=$1/layer
mount --make-rprivate /
mkdir $root $layer
mount -t tmpfs tmpfs $layer
mkdir $layer/upper $layer/work
mount -t overlay overlay -o lowerdir=/,upperdir=$layer/upper,workdir=$layer/work $root
mount -t proc proc $root/proc
mount -t sysfs -o ro sysfs $root/sys
mount -t cgroup2 cgroup2 $root/sys/fs/cgroup
for place in dev run; do mount -t tmpfs tmpfs $root/$place; done
for device in null zero full random urandom tty; do cp -a /dev/$device $root/dev/; done
mkdir $root/dev/pts; mount -t devpts -o newinstance,ptmxmode=0666 devpts $root/dev/pts; ln -s pts/ptmx $root/dev/ptmx
rm -rf $root/etc/systemd/system/*; mkdir -p $root/etc/flowhawk
cp ${packaging}/flowhawk.service $root/etc/systemd/system/
sed 's/^interface: .*/interface: vb/' ${packaging}/live.yaml > $root/etc/flowhawk/live.yaml
printf '[Unit]\\nDefaultDependencies=no\\nWants=systemd-journald.service\\n' > $root/etc/systemd/system/ready.target
mkdir -p $root/opt/flowhawk; mount --bind ${project} $root/opt/flowhawk
touch $root/opt/node; mount --bind ${process.execPath} $root/opt/node
printf '#!/bin/sh\\nexec /opt/node /opt/flowhawk/${cli} "$@"\\n' > $root/usr/bin/flowhawk
chmod 755 $root/usr/bin/flowhawk
ip link set lo up
ip link add va type veth peer name vb; ip link set va up; ip link set vb up
cd $root; mkdir -p mnt/old; pivot_root . mnt/old; umount -l /mnt/old
exec env -i container=flowhawk PATH=/usr/sbin:/usr/bin:/sbin:/bin ${SYSTEMD} --system --unit=ready.target --show-status=0
`

function cgroupRoot(): string | undefined {
  const line = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .find((each) => each.split(' ')[2] === 'cgroup2')
  return line?.split(' ')[1]
}

/** A systemd of its own; nothing of it is left when it is removed. */
class Machine {
  readonly #folder = mkdtempSync(join(tmpdir(), 'flowhawk-systemd-'))
  readonly #cgroup: string
  readonly #outer: ChildProcess
  #said = ''

  constructor(cgroups: string) {
    this.#cgroup = join(cgroups, `flowhawk-${process.pid}`)
    mkdirSync(this.#cgroup)
    const script = join(this.#folder, 'boot')
    writeFileSync(script, BOOT)
    const enter = `echo $$ > ${this.#cgroup}/cgroup.procs && exec unshare -m -p -u -i -n -C --fork sh ${script} ${this.#folder}`
    this.#outer = spawn('sh', ['-c', enter], { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#outer.stdout, this.#outer.stderr])
      stream?.on('data', (chunk) => (this.#said += chunk))
  }

  /** Undefined, or why it does not run. */
  async booted(): Promise<string | undefined> {
    const deadline = Date.now() + DEADLINE_MS
    while (this.#outer.exitCode === null && Date.now() < deadline) {
      if (this.#first !== undefined && this.run('systemctl', 'is-system-running').out === 'running\n')
        return undefined
      await pause(POLL_MS)
    }
    return this.#said.trim().split('\n').at(-1) || 'it does not come up'
  }

  /** The number outside of what is number 1 inside. */
  get #first(): string | undefined {
    const { pid } = this.#outer
    const children = `/proc/${pid}/task/${pid}/children`
    const [first] = existsSync(children) ? readFileSync(children, 'utf8').trim().split(' ') : []
    return first || undefined
  }

  run(...command: string[]): { status: number | null; out: string } {
    const inside = ['-t', this.#first ?? '', '-m', '-p', '-u', '-i', '-n', '-C', '-r', '-w', ...command]
    const { status, stdout, stderr } = spawnSync('nsenter', inside)
    return { status, out: `${stdout}${stderr}` }
  }

  /** Properties of the unit, by name. */
  get unit(): Record<string, string> {
    const names = 'ActiveState,Result,ExecMainStatus,NRestarts,MainPID'
    const lines = this.run('systemctl', 'show', '-p', names, 'flowhawk').out.trim().split('\n')
    return Object.fromEntries(lines.map((line) => line.split('=', 2) as [string, string]))
  }

  async until(what: () => boolean): Promise<void> {
    const deadline = Date.now() + DEADLINE_MS
    while (!what()) {
      if (Date.now() > deadline)
        throw new Error(
          `waited in vain for ${what}\n${this.run('journalctl', '-u', 'flowhawk', '--no-pager').out}`,
        )
      await pause(POLL_MS)
    }
  }

  async remove(): Promise<void> {
    const ended = new Promise((resolve) => this.#outer.once('close', resolve))
    // With its number 1 all of it ends.
    if (this.#first !== undefined) process.kill(Number(this.#first), 'SIGKILL')
    if (this.#outer.exitCode === null) await ended
    removeCgroup(this.#cgroup)
    rmSync(this.#folder, { recursive: true })
  }
}

function removeCgroup(path: string): void {
  for (const each of readdirSync(path, { withFileTypes: true }))
    if (each.isDirectory()) removeCgroup(join(path, each.name))
  rmdirSync(path)
}

const FILE = '/var/log/flowhawk/flows.ndjson'

test('the unit runs under a real systemd', async () => {
  const cgroups = cgroupRoot()
  if (missing() !== undefined || cgroups === undefined || !existsSync(SYSTEMD)) {
    console.log(
      'the unit is not run: needs root, the programs of live tests, systemd and cgroups of version 2',
    )
    return
  }
  const machine = new Machine(cgroups)
  try {
    const why = await machine.booted()
    if (why === undefined) await runUnit(machine)
    else console.log(`the unit is not run: no systemd of its own is possible here: ${why}`)
  } finally {
    await machine.remove()
  }
})

async function runUnit(machine: Machine): Promise<void> {
  const types = () => machine.run('cat', FILE).out.match(/"type":"\w+"/g) ?? []
  const listens = (captures: number) => () =>
    types().filter((each) => each === '"type":"capture"').length === captures
  const systemctl = (...args: string[]) => {
    const { status, out } = machine.run('systemctl', ...args)
    assert.is(status, 0, `${out}${machine.run('journalctl', '--no-pager', '-n', '20').out}`)
  }

  systemctl('start', 'flowhawk')
  await machine.until(listens(1))
  const status = machine.run('cat', `/proc/${machine.unit.MainPID}/status`).out
  assert.match(status, /^CapEff:\t0000000000002000$/m)
  assert.match(status, /^CapBnd:\t0000000000002000$/m)
  assert.match(status, /^NoNewPrivs:\t1$/m)
  assert.not.match(status, /^[UG]id:\t0\b/m)
  assert.match(machine.run('stat', '-L', '-c', '%a %U', FILE).out, /^640 (?!root)/)

  const sent = machine.run(
    'tcpreplay',
    '-q',
    '-K',
    '--topspeed',
    '-i',
    'va',
    '/opt/flowhawk/fixtures/framehawk.pcap',
  ).out
  const packets = Number(/Actual: (\d+) packets/.exec(sent)?.[1])
  machine.run('mv', FILE, `${FILE}.moved`)
  systemctl('reload', 'flowhawk')
  await machine.until(listens(1))
  systemctl('stop', 'flowhawk')
  assert.is(machine.unit.ExecMainStatus, '0')
  assert.is(machine.unit.Result, 'success')
  const summary = JSON.parse(machine.run('tail', '-n', '1', FILE).out)
  // Hosts at both ends of the cable say a word of their own, too.
  assert.is(summary.type, 'summary')
  assert.ok(packets > 0 && summary.packets >= packets, `${summary.packets} of ${packets}`)

  systemctl('start', 'flowhawk')
  await machine.until(listens(2))
  machine.run('ip', 'link', 'del', 'va')
  await machine.until(() => machine.unit.NRestarts === '1' || machine.unit.ExecMainStatus === '1')
  machine.run('sh', '-c', 'ip link add va type veth peer name vb && ip link set va up && ip link set vb up')
  await machine.until(listens(3))
  assert.match(machine.run('journalctl', '-u', 'flowhawk', '--no-pager').out, /\(INTERFACE_GONE\)/)
  systemctl('kill', '-s', 'KILL', 'flowhawk')
  await machine.until(listens(4))
  systemctl('stop', 'flowhawk')

  machine.run('sh', '-c', 'echo "keep: many" > /etc/flowhawk/live.yaml')
  machine.run('systemctl', 'start', 'flowhawk')
  await machine.until(() => machine.unit.ActiveState === 'failed')
  assert.is(machine.unit.ExecMainStatus, '2')
}

test.run()
