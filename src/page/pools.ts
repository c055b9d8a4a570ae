/** The pools: a table of the peaks, and for each pool its concurrency over time, its slots, and what was not counted. */
import type { PageData, PoolData } from '../report/overview/page-data.ts'
import { createZoom } from './chart.ts'
import { createConcurrencyChart } from './concurrency.ts'
import { fill, h, section } from './dom.ts'
import { certaintyMark } from './evidence.ts'
import { counted, decimal, durationText, grouped, timeAfter, timeText } from './format.ts'
import type { Part } from './lists.ts'
import { createOccupancyChart } from './occupancy.ts'
import { type Column, createTable } from './table.ts'

/** Pools that get charts; the table has them all. */
const MAX_CARDS = 8
const PAGE = 15
/** A column that only dashboards have. */
const OPEN = 'Open now'
const REJECTED: Readonly<Record<string, string>> = {
  probe: 'only probed: unanswered or too short',
  scan: 'part of a scan of many slots',
  one_way: 'never answered',
  client_port: 'the port of a client of another service',
  both_in_range: 'both ends in the range',
  multicast: 'multicast or broadcast',
  other_protocol: 'another protocol by its payload',
  other_pool: 'belongs to another pool',
}

/** Actions of a pool's section outside of it. */
export interface PoolActions {
  /** Shows the evidence of a session. */
  open(session: number): void
  /** Lists the sessions that were running at the peak. */
  listAtPeak(pool: PoolData): void
}

export function createPools(first: PageData, actions: PoolActions): Part {
  let data = first
  const cards = new Map<string, Part>()
  const holder = h('div')
  const table = createTable({
    id: 'pool-table',
    caption: 'Peaks of pools and servers',
    noun: 'peak',
    count: data.pools.length,
    pageSize: PAGE,
    text: (i) => `${data.pools[i].pool} ${serverName(data, data.pools[i])}`,
    columns: columnsOf(() => data).filter(({ name }) => data.live || name !== OPEN),
  })
  const none = h(
    'p',
    {},
    first.live ? 'No session on a port pool has ended yet.' : 'No traffic on any port pool.',
  )

  function update(next: PageData): void {
    data = next
    table.update(data.pools.length)
    table.element.hidden = data.pools.length === 0
    none.hidden = data.pools.length > 0
    const busy = data.pools.filter(({ server, sessions }) => server === undefined && sessions > 0)
    for (const { pool } of busy.slice(0, MAX_CARDS)) {
      const card = cards.get(pool)
      if (card !== undefined) card.update(data)
      else {
        const made = createCard(data, pool, actions)
        cards.set(pool, made)
        holder.append(made.element)
      }
    }
  }

  update(first)
  return { element: h('div', {}, section('pools', 'Pools', none, table.element), holder), update }
}

function columnsOf(data: () => PageData): Column[] {
  const of = (i: number) => data().pools[i]
  return [
    { name: 'Pool', key: (i) => of(i).pool, cell: (i) => h('b', {}, of(i).pool) },
    {
      name: 'Server',
      key: (i) => serverName(data(), of(i)),
      cell: (i) => serverName(data(), of(i)),
    },
    {
      name: 'Peak',
      numeric: true,
      key: (i) => of(i).peak,
      cell: (i) => grouped(of(i).peak),
    },
    {
      name: 'Slots',
      numeric: true,
      key: (i) => of(i).slots,
      cell: (i) => slotsText(of(i)),
    },
    {
      name: 'Peak at (UTC)',
      key: (i) => of(i).peakAt ?? 0,
      cell: (i) => peakText(data(), of(i)),
    },
    {
      name: 'Sessions',
      numeric: true,
      key: (i) => of(i).sessions,
      cell: (i) => grouped(of(i).sessions),
    },
    {
      name: OPEN,
      numeric: true,
      key: (i) => of(i).open,
      cell: (i) => grouped(of(i).open),
    },
    {
      name: 'Mean',
      numeric: true,
      key: (i) => of(i).mean,
      cell: (i) => decimal(of(i).mean),
    },
    {
      name: 'Full for',
      numeric: true,
      key: (i) => of(i).saturatedSeconds ?? -1,
      cell: (i) => fullText(of(i)),
    },
    {
      name: 'Certainty',
      key: (i) => of(i).certainty,
      cell: (i) => certaintyMark(of(i).certainty),
    },
  ]
}

function serverName({ servers }: PageData, { server }: PoolData): string {
  return server === undefined ? 'all servers' : servers[server]
}

function slotsText({ slots }: PoolData): string {
  return slots === 0 ? '' : grouped(slots)
}

function peakText({ base }: PageData, { peakAt }: PoolData): string {
  return peakAt === undefined ? '' : timeText(base + peakAt, 3)
}

/** The section of one pool, with a choice of the server. */
function createCard(first: PageData, name: string, actions: PoolActions): Part {
  let data = first
  let chosen = placesOf(data, name)[0]
  const zoom = createZoom(data.base + data.from, data.base + data.to)
  const id = `pool-${name.replace(/[^\w-]/g, '_')}`
  const select = h('select', { id: `${id}-server`, onchange: () => choose(Number(select.value)) })
  const figures = h('div', { class: 'figures' })
  const facts = h('div')
  const busiest = () => (chosen.server === undefined ? busiestServer(data, name) : chosen)
  const concurrency = createConcurrencyChart(`Concurrent ${name} sessions over time`, zoom, {
    data,
    pool: chosen,
  })
  const occupancy = createOccupancyChart(`${name} slots over time`, zoom, {
    data,
    pool: busiest(),
    open: actions.open,
  })
  const slotsTitle = h('h3')
  const curveTable = createCurveTable(id, () => ({ data, pool: chosen }))
  const chartNote = h('p', { class: 'note' })

  function choose(place: number): void {
    chosen = placesOf(data, name).find(({ server }) => (server ?? -1) === place) ?? placesOf(data, name)[0]
    show()
  }

  function show(): void {
    fill(figures, ...figuresOf(data, chosen))
    fill(facts, ...factsOf(chosen))
    concurrency.show(data, chosen)
    occupancy.show(data, busiest())
    curveTable.update(data)
    fill(slotsTitle, slotsHeading(data, chosen, busiest()))
    const bin = chosen.curve?.binSeconds ?? 0
    chartNote.hidden = bin === 0
    chartNote.textContent = `There are more changes than fit: each step is the greatest number within ${durationText(bin)}, the thin line the least. No peak is lost.`
  }

  function update(next: PageData): void {
    data = next
    zoom.extend(data.base + data.from, data.base + data.to)
    const places = placesOf(data, name)
    const options = places.map(({ server, peak }) =>
      h(
        'option',
        { value: server ?? -1 },
        `${server === undefined ? 'all servers' : data.servers[server]} (peak ${grouped(peak)})`,
      ),
    )
    const before = chosen.server ?? -1
    fill(select, ...options)
    select.value = String(before)
    choose(before)
  }

  const picker = h('p', { class: 'picker' }, h('label', { for: `${id}-server` }, 'Server '), select)
  const element = section(
    id,
    `Pool ${name}`,
    picker,
    figures,
    h('h3', {}, 'Concurrent sessions'),
    concurrency.element,
    chartNote,
    h(
      'p',
      {},
      h(
        'button',
        { type: 'button', onclick: () => actions.listAtPeak(chosen) },
        'List the sessions at the peak',
      ),
    ),
    h('details', {}, h('summary', {}, 'The same as a table'), curveTable.element),
    slotsTitle,
    occupancy.element,
    facts,
  )
  update(first)
  return { element, update }
}

/** The pool over all servers, then at each server; only the latter if there is a single server. */
function placesOf({ pools }: PageData, name: string): PoolData[] {
  const own = pools.filter(
    ({ pool, sessions, server }) => pool === name && (sessions > 0 || server === undefined),
  )
  return own.length === 2 ? [own[1]] : own
}

function busiestServer({ pools }: PageData, name: string): PoolData {
  const own = pools.filter(({ pool }) => pool === name)
  return own.find(({ server, sessions }) => server !== undefined && sessions > 0) ?? own[0]
}

function slotsHeading(data: PageData, chosen: PoolData, shown: PoolData): string {
  const where = `Slots of ${serverName(data, shown)}`
  return chosen.server === undefined ? `${where}, the server with the greatest peak` : where
}

function figuresOf({ base }: PageData, pool: PoolData): HTMLElement[] {
  const peakAt = base + (pool.peakAt ?? 0)
  const when =
    pool.peakAt === undefined
      ? ''
      : `${timeText(peakAt)} to ${timeAfter(peakAt + pool.peakSeconds, peakAt)} UTC`
  const figure = (value: string, name: string, more: string) =>
    h(
      'div',
      { class: 'figure' },
      h('span', { class: 'value' }, value),
      h('span', {}, name),
      h('small', {}, more),
    )
  const slots = pool.slots === 0 ? '' : ` of ${grouped(pool.slots)}`
  const spread = pool.p50 === undefined ? '' : `median ${pool.p50}, 95 % of the time at most ${pool.p95}`
  return [
    figure(`${grouped(pool.peak)}${slots}`, 'sessions at the peak', when),
    figure(
      grouped(pool.sessions),
      pool.sessions === 1 ? 'session' : 'sessions',
      `on ${counted(pool.slotsUsed, 'slot')}${pool.open === 0 ? '' : `, ${grouped(pool.open)} open now`}`,
    ),
    figure(decimal(pool.mean), 'on average', spread),
    figure(fullText(pool) || 'not known', 'full', fullNote(pool)),
  ]
}

function fullText({ saturatedSeconds }: PoolData): string {
  if (saturatedSeconds === undefined) return ''
  return saturatedSeconds > 0 ? durationText(saturatedSeconds) : 'never'
}

function fullNote({ saturatedSeconds, server }: PoolData): string {
  if (saturatedSeconds === undefined) return 'the records do not say how many slots there are'
  if (saturatedSeconds === 0) return 'a slot was always free'
  return server === undefined ? 'at one server or more no slot was free' : 'no slot was free'
}

function factsOf(pool: PoolData): HTMLElement[] {
  const found: HTMLElement[] = []
  if (pool.sensitivity.length > 0) {
    const rows = pool.sensitivity.map(({ idleTimeout, sessions, peak }) =>
      h(
        'tr',
        { class: idleTimeout === pool.idleTimeout ? 'chosen' : '' },
        ...[durationText(idleTimeout), grouped(sessions), grouped(peak)].map((text) =>
          h('td', { class: 'number' }, text),
        ),
      ),
    )
    const head = ['A session ends after', 'Sessions', 'Peak'].map((text) =>
      h('th', { scope: 'col', class: 'number' }, text),
    )
    found.push(
      h('h3', {}, 'What another idle timeout would give'),
      h('p', { class: 'note' }, idleText(pool)),
      h(
        'table',
        { class: 'small' },
        h('caption', {}, 'Sessions and peak by idle timeout'),
        h('thead', {}, h('tr', {}, ...head)),
        h('tbody', {}, ...rows),
      ),
    )
  }
  if (pool.rejected.length > 0) {
    const items = pool.rejected.map(({ reason, label, flows }) => {
      const as = label === '' || label === 'unknown' ? '' : ` (${label})`
      return h('li', {}, `${counted(flows, 'flow')}: ${REJECTED[reason] ?? reason}${as}`)
    })
    found.push(h('h3', {}, 'Not counted'), h('ul', {}, ...items))
  }
  return found
}

function idleText({ idleTimeout }: PoolData): string {
  if (idleTimeout === undefined) return ''
  if (idleTimeout === 0) return 'Here silence never ends a session.'
  return `Here a silence of more than ${durationText(idleTimeout)} ends a session.`
}

function createCurveTable(id: string, shown: () => { data: PageData; pool: PoolData }): Part {
  const curve = () => shown().pool.curve
  const at = (i: number) => curve()?.at[i] ?? 0
  const table = createTable({
    id: `${id}-course`,
    caption: 'Concurrent sessions over time',
    noun: 'change',
    count: 0,
    pageSize: PAGE,
    columns: [
      { name: 'From (UTC)', key: at, cell: (i) => timeText(shown().data.base + at(i), 3) },
      {
        name: 'Sessions',
        numeric: true,
        key: (i) => curve()?.most[i] ?? 0,
        cell: (i) => grouped(curve()?.most[i] ?? 0),
      },
    ],
  })
  return { element: table.element, update: () => table.update(curve()?.at.length ?? 0) }
}
