/**
 * The outputs of a live run: files that are appended to after a restart, rotated and reopened on request, or standard
 * output. A full disk stops nothing: lost records are counted and reported.
 */
import { fstat } from 'node:fs'
import { basename } from 'node:path'
import { promisify } from 'node:util'
import type { Options } from '../../options.ts'
import { FORMATS } from '../../report/formats/format.ts'
import { closeOutput, descriptorWriter } from '../../report/ndjson.ts'
import type { RecordName } from '../../report/record/record.ts'
import { openNew } from '../../service/append.ts'
import { LineStream } from '../../service/lines.ts'
import { OutputFile, type OutputFileOptions } from '../../service/output-file.ts'
import type { Rotation } from '../../service/rotation.ts'
import { safeText } from '../../text.ts'
import type { Instant, Notice } from '../../types.ts'
import { errorLine } from '../errors.ts'
import type { Target } from '../output.ts'
import { type Screen, STDERR, STDOUT } from '../screen.ts'

type LiveOutputOptions = Options<RecordName> & { rotation?: Rotation }

/** The state that both kinds of output report. */
interface Written {
  readonly lost: number
  readonly full: boolean
}

const statDescriptor = promisify(fstat)
const STDOUT_NAME = 'standard output'

export class LiveOutputs {
  readonly #options: LiveOutputOptions
  readonly #screen: Screen
  readonly #written: Written[] = []
  readonly #files: OutputFile[] = []
  #notices: Notice[] = []

  constructor(options: LiveOutputOptions, screen: Screen) {
    this.#options = options
    this.#screen = screen
  }

  /** Lines that were dropped. */
  get lost(): number {
    return this.#written.reduce((sum, { lost }) => sum + lost, 0)
  }

  /** The last write found no space. */
  get full(): boolean {
    return this.#written.some(({ full }) => full)
  }

  /** Notices since the last call, for the records. */
  takeNotices(): Notice[] {
    const taken = this.#notices
    this.#notices = []
    return taken
  }

  /** The file of this name, or standard output for "-". */
  readonly open = async (path: string, head: string): Promise<Target> => {
    const { format } = this.#options
    if (format !== 'ndjson' && FORMATS[format].kind === 'file') return openWhole(path)
    return path === '-' ? this.#openStdout(head) : this.#openFile(path, head)
  }

  /** Reopens the files by their names. */
  async reopen(): Promise<void> {
    for (const file of this.#files) await file.reopen()
  }

  /** Called periodically: finishes files whose period is over. */
  async tick(): Promise<void> {
    for (const file of this.#files) await file.tick()
  }

  async #openStdout(head: string): Promise<Target> {
    const { size } = await statDescriptor(STDOUT)
    const open = { descriptor: STDOUT, size, isFile: false }
    const stream = new LineStream(open, STDOUT_NAME, this.#events(STDOUT_NAME))
    this.#written.push(stream)
    if (head !== '') await stream.write(Buffer.from(head))
    return { write: (lines) => stream.write(lines), close: async () => undefined }
  }

  async #openFile(path: string, head: string): Promise<Target> {
    const { rotation, records, output } = this.#options
    const hasCapture = records.has('capture') && (path === output || basename(path).startsWith('capture.'))
    const file = await OutputFile.open({
      path,
      rotation,
      head,
      // So that each file contains the capture record of its records.
      repeatsFirstLine: hasCapture,
      events: this.#events(path),
    })
    this.#written.push(file)
    this.#files.push(file)
    return { write: (lines) => file.write(lines), close: () => file.close() }
  }

  #events(path: string): OutputFileOptions['events'] {
    const place = safeText(path)
    let fullAt: Instant = [0, 0]
    return {
      full: (error) => {
        fullAt = instantOf(Date.now())
        this.#print(`${errorLine(error)}; records are lost until there is room`)
      },
      spaceAgain: (lines) => {
        this.#print(`${place}: there is room again, ${lines} records were lost (OUTPUT_RESUMED)`)
        this.#notices.push({
          notice: 'output_full',
          says: `there was no space left for ${place}: ${lines} records were lost`,
          at: fullAt,
          about: { output: place, records_lost: lines },
        })
      },
      failed: (error) => this.#print(errorLine(error)),
    }
  }

  #print(text: string): void {
    printNotice(this.#screen, text)
  }
}

/** For formats that are readable only as a whole: a new file, and a full disk ends the run. */
async function openWhole(path: string): Promise<Target> {
  if (path === '-') return { write: descriptorWriter(STDOUT, STDOUT_NAME), close: async () => undefined }
  const descriptor = await openNew(path)
  return { write: descriptorWriter(descriptor, path), close: () => closeOutput(descriptor, path) }
}

/** Milliseconds since 1970 as an instant. */
export function instantOf(milliseconds: number): Instant {
  const sec = Math.floor(milliseconds / 1000)
  return [sec, Math.floor(milliseconds - sec * 1000) * 1e6]
}

/** A line to standard error; where that is closed, the run continues. */
export function printNotice(screen: Screen, text: string): void {
  try {
    screen.write(STDERR, `${text}\n`)
  } catch {
    return
  }
}
