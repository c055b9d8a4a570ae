/**
 * Which client used which slot, when: a row for each slot, a bar for each session. Colour and pattern show the
 * certainty. The session under the cursor is described in a box beside it and below the chart; Enter or a click opens its
 * evidence.
 */
import type uPlot from 'uplot'
import type { PageData, PoolData, SessionColumns } from '../report/overview/page-data.ts'
import type { Certainty } from '../types.ts'
import { createFrame, type Frame, type Palette, sideAxis, timeOptions, utc, type Zoom } from './chart.ts'
import { fill, h } from './dom.ts'
import {
  byteText,
  CERTAINTIES,
  counted,
  durationText,
  grouped,
  MARKS,
  timeAfter,
  timeText,
} from './format.ts'
import { bySlot, isOpen, nearest, type SlotRows, silence, slotRows } from './rows.ts'

/** Rows that a screen can hold; more slots share rows. */
const MAX_ROWS = 240
const AXES_HEIGHT = 64
const LABEL_SPACE = 16
/** Distance in pixels within which the cursor selects a bar. */
const REACH = 4

export interface OccupancyChart {
  element: HTMLElement
  show(data: PageData, pool: PoolData): void
}

interface Shown {
  data: PageData
  pool: PoolData
  rows: SlotRows
  /** Sessions by row, in the order of their starts. */
  sessions: Map<number, number[]>
  count: number
  portOf(slotIndex: number): string
}

export function createOccupancyChart(
  label: string,
  zoom: Zoom,
  first: { data: PageData; pool: PoolData; open(session: number): void },
): OccupancyChart {
  let shown = prepare(first.data, first.pool)
  const tip = h('div', { class: 'tip', hidden: true, 'aria-hidden': 'true' })
  const note = h('p', { class: 'note' })
  const cursor = { row: 0, session: undefined as number | undefined }

  function point(plot: uPlot): void {
    const left = plot.cursor.left ?? -1
    const top = plot.cursor.top ?? -1
    if (left < 0 || top < 0) {
      showSession(plot, undefined)
      return
    }
    cursor.row = Math.round(plot.posToVal(top, 'y'))
    const reach = (REACH * (zoom.to - zoom.from)) / Math.max(1, plot.over.clientWidth)
    const at = plot.posToVal(left, 'x') - shown.data.base
    showSession(plot, nearest(shown.sessions.get(cursor.row) ?? [], shown.data.sessions, at, reach))
  }

  function showSession(plot: uPlot, session: number | undefined): void {
    cursor.session = session
    tip.hidden = session === undefined
    frame.announce(session === undefined ? '' : sessionText(shown.data, session))
    if (session === undefined) return
    fill(tip, ...sessionLines(shown.data, session).map((text) => h('div', {}, text)))
    place(tip, plot)
  }

  const open = () => {
    if (cursor.session !== undefined) first.open(cursor.session)
  }
  const frame: Frame = createFrame({
    label,
    zoom,
    height: () => shown.rows.first.length * rowHeight(shown.rows.first.length) + AXES_HEIGHT,
    data: () => [
      [shown.data.base + shown.data.from, shown.data.base + shown.data.to],
      [null, null],
    ],
    options: (palette) => chartOptions(palette, zoom, () => shown, point),
    key(event, plot) {
      if (event.key === 'Enter') return open()
      const next = step(event.key, shown, cursor)
      if (next === undefined) return
      event.preventDefault()
      cursor.row = next.row
      const at = shown.data.base + shown.data.sessions.start[next.session]
      const left = Math.max(0, Math.min(plot.over.clientWidth - 1, plot.valToPos(at, 'x')))
      plot.setCursor({ left, top: plot.valToPos(next.row, 'y') }, false)
      showSession(plot, next.session)
    },
  })
  frame.element.addEventListener('click', (event) => {
    if (event.target instanceof Element && event.target.closest('.u-over') !== null) open()
  })
  frame.element.addEventListener('mouseleave', () => (tip.hidden = true))
  fill(note, noteText(shown))
  const holder = frame.element.querySelector('.stage')
  holder?.append(tip)
  return {
    element: h('div', {}, legend(), frame.element, note),
    show(data, pool) {
      shown = prepare(data, pool)
      fill(note, noteText(shown))
      frame.repaint()
    },
  }
}

function prepare(data: PageData, pool: PoolData): Shown {
  const { sessions } = data
  const poolPlace = sessions.poolNames.indexOf(pool.pool)
  const slots = bySlot(sessions, (i) => sessions.pool[i] === poolPlace && sessions.server[i] === pool.server)
  const rows = slotRows([...slots.keys()], MAX_ROWS)
  const byRow = new Map<number, number[]>()
  let count = 0
  for (const [slot, list] of slots) {
    const row = rows.rowOf.get(slot) ?? 0
    byRow.set(row, [...(byRow.get(row) ?? []), ...list])
    count += list.length
  }
  for (const list of byRow.values()) list.sort((a, b) => sessions.start[a] - sessions.start[b])
  return { data, pool, rows, sessions: byRow, count, portOf: portNames(sessions, slots) }
}

/** Ports of slots: those that were seen, and if these are evenly spaced, also those between them. */
function portNames(
  sessions: SessionColumns,
  slots: ReadonlyMap<number, number[]>,
): (slotIndex: number) => string {
  const ports = new Map([...slots].map(([index, list]) => [index, sessions.slot[list[0]]]))
  const [first, second] = ports
  if (first === undefined) return String
  const stride = second === undefined ? 1 : (second[1] - first[1]) / (second[0] - first[0])
  const origin = first[1] - stride * first[0]
  const even = [...ports].every(([index, port]) => origin + stride * index === port)
  return (index) => String(ports.get(index) ?? (even ? origin + stride * index : `slot ${index}`))
}

function rowHeight(rows: number): number {
  return Math.max(4, Math.min(18, Math.floor(520 / Math.max(1, rows))))
}

function chartOptions(
  palette: Palette,
  zoom: Zoom,
  shown: () => Shown,
  moved: (plot: uPlot) => void,
): Omit<uPlot.Options, 'width' | 'height'> {
  const { axis, scale, hook } = timeOptions(palette, zoom)
  const { rows, portOf } = shown()
  const every = Math.ceil(LABEL_SPACE / rowHeight(rows.first.length))
  const labelled = rows.first.map((_, row) => row).filter((row) => row % every === 0)
  return {
    tzDate: utc,
    legend: { show: false },
    cursor: { points: { show: false }, drag: { setScale: false, x: true, y: false } },
    axes: [
      axis,
      sideAxis(palette, {
        splits: () => labelled,
        values: (_, splits) => splits.map((row) => portOf(rows.first[row])),
        grid: { show: false },
      }),
    ],
    scales: { x: scale, y: { auto: false, range: () => [-0.5, Math.max(1, rows.first.length) - 0.5] } },
    series: [{}, { points: { show: false } }],
    hooks: {
      setSelect: [hook],
      setCursor: [moved],
      draw: [(plot) => drawBars(plot, palette, shown(), zoom)],
    },
  }
}

function drawBars(plot: uPlot, palette: Palette, { data, rows, sessions }: Shown, zoom: Zoom): void {
  const { ctx, bbox } = plot
  const { start, end, certainty } = data.sessions
  const height = bbox.height / Math.max(1, rows.first.length)
  const gap = height > 3 * devicePixelRatio ? devicePixelRatio : 0
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  for (const each of CERTAINTIES) {
    ctx.fillStyle = pattern(ctx, palette, each)
    for (const [row, list] of sessions) {
      const top = plot.valToPos(row + 0.5, 'y', true)
      for (const i of list) {
        if (certainty[i] !== each || data.base + end[i] < zoom.from || data.base + start[i] > zoom.to)
          continue
        const left = plot.valToPos(data.base + start[i], 'x', true)
        const right = plot.valToPos(data.base + end[i], 'x', true)
        ctx.fillRect(left, top + gap / 2, Math.max(devicePixelRatio, right - left - gap), height - gap)
        if (isOpen(data.sessions, i)) drawOpenEnd(ctx, palette, { x: right, y: top, height })
      }
    }
  }
  ctx.restore()
}

/** An arrow at the end of an open session. */
function drawOpenEnd(
  ctx: CanvasRenderingContext2D,
  palette: Palette,
  { x, y, height }: { x: number; y: number; height: number },
): void {
  const size = Math.max(3 * devicePixelRatio, Math.min(height / 2, 5 * devicePixelRatio))
  const fill = ctx.fillStyle
  ctx.fillStyle = palette.peak
  ctx.beginPath()
  ctx.moveTo(x, y + height / 2)
  ctx.lineTo(x - size, y + height / 2 - size)
  ctx.lineTo(x - size, y + height / 2 + size)
  ctx.fill()
  ctx.fillStyle = fill
}

/** Solid for confirmed and likely; stripes for possible, sparser ones for unknown. */
function pattern(
  ctx: CanvasRenderingContext2D,
  palette: Palette,
  certainty: Certainty,
): string | CanvasPattern {
  const color = palette.fills[certainty]
  if (certainty === 'confirmed' || certainty === 'likely') return color
  const size = certainty === 'possible' ? 4 : 6
  const tile = h('canvas', { width: size, height: size })
  const pen = tile.getContext('2d')
  if (pen === null) return color
  pen.strokeStyle = color
  pen.lineWidth = size / 2
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift, size)
    pen.lineTo(shift + size, 0)
  }
  pen.stroke()
  return ctx.createPattern(tile, 'repeat') ?? color
}

/** The next session on this row, or the nearest in time on the next row that has any. */
function step(
  key: string,
  { sessions, rows, data }: Shown,
  cursor: { row: number; session?: number },
): { row: number; session: number } | undefined {
  const list = sessions.get(cursor.row) ?? []
  const place = cursor.session === undefined ? -1 : list.indexOf(cursor.session)
  if (key === 'ArrowRight' || key === 'ArrowLeft') {
    const session = list[place + (key === 'ArrowRight' ? 1 : -1)]
    return session === undefined ? undefined : { row: cursor.row, session }
  }
  const direction = key === 'ArrowUp' ? 1 : key === 'ArrowDown' ? -1 : 0
  if (direction === 0) return undefined
  for (let row = cursor.row + direction; row >= 0 && row < rows.first.length; row += direction) {
    const found = sessions.get(row)
    if (found === undefined) continue
    const at = cursor.session === undefined ? data.from : data.sessions.start[cursor.session]
    return { row, session: nearest(found, data.sessions, at, Number.POSITIVE_INFINITY) ?? found[0] }
  }
  return undefined
}

function sessionLines({ sessions, base }: PageData, i: number): string[] {
  const more = sessions.moreClients[i] > 0 ? ` and ${sessions.moreClients[i]} more` : ''
  const from = base + sessions.start[i]
  const until = timeAfter(base + sessions.end[i], from)
  const span = isOpen(sessions, i)
    ? [`since ${timeText(from)} UTC, open`, `silent for ${durationText(silence(sessions, i))}`]
    : [`${timeText(from)} to ${until} UTC`]
  return [
    `${sessions.client[i]}${more}`,
    `slot ${sessions.slot[i]}`,
    ...span,
    durationText(sessions.end[i] - sessions.start[i]),
    `${byteText(sessions.bytes[i])}, ${counted(sessions.packets[i], 'packet')}`,
    `${MARKS[sessions.certainty[i]]} ${sessions.certainty[i]}`,
  ]
}

function sessionText(data: PageData, session: number): string {
  return sessionLines(data, session).join(', ')
}

/** Beside the cursor, on the side where there is room. */
function place(tip: HTMLElement, plot: uPlot): void {
  const left = (plot.cursor.left ?? 0) + plot.over.offsetLeft
  const top = (plot.cursor.top ?? 0) + plot.over.offsetTop
  const onLeft = left > plot.width / 2
  tip.style.left = onLeft ? 'auto' : `${left + 14}px`
  tip.style.right = onLeft ? `${plot.width - left + 14}px` : 'auto'
  tip.style.top = `${Math.max(0, top - 20)}px`
}

function legend(): HTMLElement {
  const entries = CERTAINTIES.map((each) =>
    h('span', { class: 'key' }, h('i', { class: `swatch ${each}` }), each),
  )
  return h('p', { class: 'legend' }, ...entries)
}

/** Explains what the chart leaves out or combines. */
function noteText({ rows, pool, count, sessions, portOf }: Shown): string {
  const shared = rows.first.some((slot, row) => slot !== rows.last[row])
  const open = pool.open === 0 ? '' : ` ${grouped(pool.open)} of them open now, with an arrow at the end.`
  const parts = [
    `${counted(count, 'session')} on ${counted(pool.slotsUsed || sessions.size, 'slot')}.${open}`,
  ]
  if (shared)
    parts.push(
      'There are more used slots than rows: neighbours share one; a bar means that one of them was busy.',
    )
  else if (rows.usedOnly) parts.push('Only slots that were used have a row.')
  else if (pool.slots > rows.first.length) {
    const unused = pool.slots - rows.first.length
    parts.push(
      `The ${counted(unused, 'slot')} above ${portOf(rows.first.length - 1)} ${unused === 1 ? 'was' : 'were'} never used.`,
    )
  }
  parts.push(
    'A session shorter than a pixel is drawn one pixel wide; drag to zoom. The table of sessions says the same.',
  )
  return parts.join(' ')
}
