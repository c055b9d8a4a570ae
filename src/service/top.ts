/**
 * The screen of the live view. In: lines to show, and the keys of a person. Promised: the terminal is as it was
 * before on every end of the process that can be caught, also while it is stopped by Ctrl-Z; a terminal that is
 * slow or stopped blocks nothing: a frame is dropped while the one before it is not written yet. Not supported: mouse.
 */
import { write, writeSync } from 'node:fs'
import process from 'node:process'
import type { ReadStream, WriteStream } from 'node:tty'

/** Another screen, no cursor, no wrapping of lines. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l'
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l'
const HOME = '\u001b[H'
const REST_OF_LINE = '\u001b[K'
const REST_OF_SCREEN = '\u001b[J'
const CTRL_C = '\u0003'
const CTRL_Z = '\u001a'
const BACK_MS = 100
const DEFAULT_COLUMNS = 80
const DEFAULT_ROWS = 24

export interface TopEvents {
  /** A key, one character. */
  key(character: string): void
  /** Ctrl-C: with the terminal in raw mode it is no signal. */
  interrupt(): void
  /** Another size, or back from a stop. */
  resized(): void
}

export class TopScreen {
  readonly #input: ReadStream
  readonly #output: WriteStream & { fd: number }
  readonly #events: TopEvents
  #open = false
  #closed = false
  #writing = false

  constructor(input: ReadStream, output: WriteStream & { fd: number }, events: TopEvents) {
    this.#input = input
    this.#output = output
    this.#events = events
  }

  get size(): { columns: number; rows: number } {
    const [columns, rows] = this.#output.getWindowSize()
    // A serial line does not know its size.
    return { columns: columns || DEFAULT_COLUMNS, rows: rows || DEFAULT_ROWS }
  }

  /** Somebody can type; what is no terminal is not read. */
  get hasKeys(): boolean {
    return this.#input.isTTY === true
  }

  open(): void {
    this.#enter()
    process.on('exit', this.#leave)
    process.on('SIGCONT', this.#goOn)
    this.#output.on('resize', this.#events.resized)
    if (this.hasKeys) this.#input.on('data', this.#read)
  }

  draw(lines: readonly string[]): void {
    if (this.#writing || !this.#open) return
    this.#writing = true
    const text = lines.map((line) => line + REST_OF_LINE).join('\n')
    this.#write(Buffer.from(HOME + text + REST_OF_SCREEN), 0)
  }

  close(): void {
    this.#closed = true
    this.#leave()
    process.removeListener('exit', this.#leave)
    process.removeListener('SIGCONT', this.#goOn)
    this.#output.removeListener('resize', this.#events.resized)
    if (!this.hasKeys) return
    this.#input.removeListener('data', this.#read)
    // Else the process would wait for another key.
    this.#input.pause()
    this.#input.unref()
  }

  #write(bytes: Buffer, from: number): void {
    write(this.#output.fd, bytes, from, (error, written) => {
      // What the terminal does not take now the next frame says anew.
      if (error === null && from + written < bytes.length) this.#write(bytes, from + written)
      else this.#writing = false
    })
  }

  #enter(): void {
    this.#open = true
    this.#raw(true)
    this.#say(ENTER)
  }

  readonly #leave = (): void => {
    if (!this.#open) return
    this.#open = false
    this.#say(LEAVE)
    this.#raw(false)
  }

  readonly #goOn = (): void => {
    if (this.#open || this.#closed) return
    this.#enter()
    this.#events.resized()
  }

  readonly #read = (data: Buffer | string): void => {
    for (const character of data.toString()) {
      if (character === CTRL_C) this.#events.interrupt()
      else if (character === CTRL_Z) {
        this.#leave()
        process.kill(process.pid, 'SIGTSTP')
        // Where no shell could wake it up again the kernel does not stop it (orphaned process groups, setpgid(2)).
        setTimeout(this.#goOn, BACK_MS)
      } else this.#events.key(character)
    }
  }

  #raw(on: boolean): void {
    try {
      if (this.hasKeys) this.#input.setRawMode(on)
    } catch {
      // The terminal has gone.
    }
  }

  #say(text: string): void {
    try {
      writeSync(this.#output.fd, text)
    } catch {
      // The terminal has gone, or takes nothing now.
    }
  }
}
