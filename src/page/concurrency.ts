/** Concurrent sessions over time: steps, the peak marked, the number of slots where it is near. */
import uPlot from 'uplot'
import type { PageData, PoolData } from '../report/overview/page-data.ts'
import { createFrame, type Frame, type Palette, sideAxis, timeOptions, utc, type Zoom } from './chart.ts'
import { counted, grouped, timeText } from './format.ts'

const HEIGHT = 240
/** With a peak above this fraction of the slots, their number is drawn, too. */
const NEAR_FULL = 0.4
const PEAK_FONT = '600 12px system-ui, sans-serif'

export interface ConcurrencyChart {
  element: HTMLElement
  show(data: PageData, pool: PoolData): void
}

export function createConcurrencyChart(
  label: string,
  zoom: Zoom,
  first: { data: PageData; pool: PoolData },
): ConcurrencyChart {
  let shown = first
  const frame: Frame = createFrame({
    label,
    zoom,
    height: () => HEIGHT,
    data: () => columns(shown.data, shown.pool),
    options: (palette) =>
      chartOptions(
        palette,
        zoom,
        () => shown,
        (plot) => frame.announce(cursorText(plot, shown.pool)),
      ),
    key: moveCursor,
  })
  return {
    element: frame.element,
    show(data, pool) {
      shown = { data, pool }
      frame.repaint()
    },
  }
}

/** The curve, begun and ended at the edges of the window. */
function columns(data: PageData, { curve }: PoolData): uPlot.AlignedData {
  const at = [data.base + data.from]
  const most = [0]
  const least = [0]
  for (let i = 0; i < (curve?.at.length ?? 0); i++) {
    at.push(data.base + (curve?.at[i] ?? 0))
    most.push(curve?.most[i] ?? 0)
    least.push(curve?.least[i] ?? curve?.most[i] ?? 0)
  }
  at[0] = Math.min(at[0], at[1] ?? at[0])
  at.push(Math.max(data.base + data.to, at[at.length - 1] + (curve?.binSeconds ?? 0)))
  most.push(most[most.length - 1])
  least.push(least[least.length - 1])
  return [at, most, least]
}

type Shown = () => { data: PageData; pool: PoolData }

function chartOptions(
  palette: Palette,
  zoom: Zoom,
  shown: Shown,
  moved: (plot: uPlot) => void,
): Omit<uPlot.Options, 'width' | 'height'> {
  const { axis, scale, hook } = timeOptions(palette, zoom)
  const { pool } = shown()
  const most = Math.max(pool.peak, showsSlots(pool) ? pool.slots : 0)
  const stepped = uPlot.paths.stepped?.({ align: 1 })
  return {
    tzDate: utc,
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { setScale: false, x: true, y: false } },
    axes: [
      axis,
      sideAxis(palette, {
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000],
        values: (_, splits) => splits.map(grouped),
      }),
    ],
    scales: { x: scale, y: { auto: false, range: () => [0, Math.max(1, most) * 1.12] } },
    series: [
      {},
      { stroke: palette.accent, width: 2, fill: palette.soft, paths: stepped, points: { show: false } },
      {
        stroke: palette.accent,
        width: 0.5,
        paths: stepped,
        points: { show: false },
        show: (pool.curve?.binSeconds ?? 0) > 0,
      },
    ],
    hooks: {
      setSelect: [hook],
      setCursor: [moved],
      draw: [(plot) => drawMarks(plot, palette, shown())],
    },
  }
}

function showsSlots({ slots, peak }: PoolData): boolean {
  return slots > 0 && peak >= slots * NEAR_FULL
}

function drawMarks(plot: uPlot, palette: Palette, { data, pool }: { data: PageData; pool: PoolData }): void {
  const { ctx, bbox } = plot
  const scale = devicePixelRatio
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  ctx.textBaseline = 'alphabetic'
  ctx.font = PEAK_FONT.replace('12px', `${12 * scale}px`)
  if (showsSlots(pool)) {
    const y = plot.valToPos(pool.slots, 'y', true)
    line(ctx, [bbox.left, y, bbox.left + bbox.width, y], { color: palette.muted, dash: [6, 4] })
    ctx.fillStyle = palette.muted
    ctx.textAlign = 'right'
    ctx.fillText(`${grouped(pool.slots)} slots`, bbox.left + bbox.width - 6 * scale, y - 5 * scale)
  }
  if (pool.peakAt !== undefined) drawPeak(plot, palette, data.base + pool.peakAt, pool)
  ctx.restore()
}

function drawPeak(plot: uPlot, palette: Palette, at: number, { peak, peakSeconds }: PoolData): void {
  const { ctx, bbox } = plot
  const scale = devicePixelRatio
  const x = plot.valToPos(at, 'x', true)
  const end = plot.valToPos(at + peakSeconds, 'x', true)
  const y = plot.valToPos(peak, 'y', true)
  line(ctx, [x, y, Math.max(end, x + scale), y], { color: palette.peak, width: 3 })
  line(ctx, [x, y, x, bbox.top + bbox.height], { color: palette.peak, dash: [2, 3] })
  ctx.fillStyle = palette.peak
  ctx.beginPath()
  ctx.arc(x, y, 4.5 * scale, 0, 2 * Math.PI)
  ctx.fill()
  const right = x < bbox.left + bbox.width - 90 * scale
  ctx.textAlign = right ? 'left' : 'right'
  ctx.fillText(`peak ${grouped(peak)}`, x + (right ? 8 : -8) * scale, y - 8 * scale)
}

interface Stroke {
  color: string
  dash?: number[]
  width?: number
}

function line(ctx: CanvasRenderingContext2D, [x1, y1, x2, y2]: number[], stroke: Stroke): void {
  const scale = devicePixelRatio
  ctx.strokeStyle = stroke.color
  ctx.lineWidth = (stroke.width ?? 1) * scale
  ctx.setLineDash((stroke.dash ?? []).map((length) => length * scale))
  ctx.beginPath()
  ctx.moveTo(x1, y1)
  ctx.lineTo(x2, y2)
  ctx.stroke()
  ctx.setLineDash([])
}

/** The value under the cursor: that of the last change before it. */
function cursorText(plot: uPlot, { curve }: PoolData): string {
  const left = plot.cursor.left ?? -1
  if (left < 0 || curve === undefined) return ''
  const at = plot.posToVal(left, 'x')
  const [times, most, least] = plot.data as unknown as number[][]
  let i = 0
  while (i + 1 < times.length && times[i + 1] <= at) i++
  if (curve.binSeconds === 0) return `${timeText(at, 3)} UTC: ${counted(most[i], 'session')}`
  return `${timeText(at)} UTC: ${grouped(least[i])} to ${counted(most[i], 'session')}`
}

/** Arrow keys go from change to change. */
function moveCursor(event: KeyboardEvent, plot: uPlot): void {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
  if (step === 0) return
  event.preventDefault()
  const times = plot.data[0] as number[]
  const left = plot.cursor.left ?? -1
  const now = left < 0 ? -1 : plot.valToIdx(plot.posToVal(left, 'x'))
  const next = Math.min(times.length - 1, Math.max(0, now + step))
  plot.setCursor({ left: plot.valToPos(times[next], 'x') + 0.5, top: 0 })
}
