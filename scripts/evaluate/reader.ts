/**
 * Reads the captures named on its command line one after the other and prints a line of JSON about each: run as
 * a process of its own, so that a crash or a hang costs one capture and not the evaluation.
 */
import { InputError } from '../../src/errors.ts'
import { analyze, open } from '../../src/index.ts'

export interface Reading {
  path: string
  /** As the command line tool would exit. */
  status: number
  packets: number
  says: string
}

async function read(path: string): Promise<Reading> {
  const reading: Reading = { path, status: 0, packets: 0, says: '' }
  try {
    for await (const record of analyze(open(path), { records: ['summary'] })) {
      if (record.type !== 'summary') continue
      reading.packets = record.packets
      reading.says = record.damaged.map((damage) => `${damage.reason} (${damage.code})`).join('; ')
      if (record.damaged.length > 0) reading.status = 3
    }
  } catch (error) {
    reading.status = error instanceof InputError ? 1 : 70
    reading.says =
      error instanceof Error ? (reading.status === 1 ? error.message : `${error.stack}`) : String(error)
  }
  return reading
}

for (const path of process.argv.slice(2)) process.stdout.write(`${JSON.stringify(await read(path))}\n`)
