/** The commands there are, in the order of the help. A new command is a file and a line here. */
import type { CommandEntry } from './command.ts'

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'analyze',
    usage: 'analyze <input..>',
    describe: 'flows, labels and sessions of captures (the default command)',
    load: async () => (await import('./analyze.ts')).analyze,
  },
  {
    name: 'sessions',
    usage: 'sessions <input..>',
    describe: 'only the pools: who was on which slot, when; peak and proof',
    load: async () => (await import('./sessions.ts')).sessions,
  },
  {
    name: 'explain',
    usage: 'explain <input..> --flow ID',
    describe: 'why a flow, session (--session) or packet (--packet) is what it is; filters that select it',
    load: async () => (await import('./explain/explain.ts')).explain,
  },
  {
    name: 'live',
    usage: 'live <interface>',
    describe: 'the same as analyze, on an interface of this host, until Ctrl-C',
    prepare: async (screen) => (await import('./live/signals.ts')).processSignals(screen),
    load: async () => (await import('./live/live.ts')).live,
  },
  {
    name: 'interfaces',
    usage: 'interfaces',
    describe: 'what live can listen on, and what is missing if it cannot',
    load: async () => (await import('./interfaces.ts')).interfaces,
  },
  {
    name: 'report',
    usage: 'report <input..> -o report.html',
    describe: 'one HTML page that opens from disk: sessions, slots, labels, hosts, flows',
    load: async () => (await import('./report.ts')).report,
  },
  {
    name: 'diff',
    usage: 'diff <a> <b>',
    describe: 'what is new, gone or changed between two captures or their records; status 4 when they differ',
    load: async () => (await import('./diff.ts')).diff,
  },
  {
    name: 'serve',
    usage: 'serve [input..]',
    describe: 'the same page as a dashboard, updated while records come in',
    load: async () => (await import('./serve.ts')).serve,
  },
  {
    name: 'port',
    usage: 'port <port..>',
    describe: 'what a port is: registration, real-world use, pool slot, and who listens here now',
    load: async () => (await import('./port.ts')).port,
  },
  {
    name: 'rules',
    usage: 'rules check <file..>',
    describe: 'checks rule and site files; rules builtin prints the built-in rules',
    load: async () => (await import('./rules.ts')).rules,
  },
  {
    name: 'schema',
    usage: 'schema [record]',
    describe: 'the JSON Schema of the records',
    load: async () => (await import('./schema.ts')).schema,
  },
  {
    name: 'completion',
    usage: 'completion <bash|zsh>',
    describe: 'the script that makes the shell complete commands and options',
    load: async () => (await import('./completion.ts')).completion,
  },
]
