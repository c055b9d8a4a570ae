/** The table of sessions. */
import type { PageData, PoolData, SessionColumns } from '../report/overview/page-data.ts'
import { h, section } from './dom.ts'
import { certaintyMark } from './evidence.ts'
import { byteText, CERTAINTIES, counted, durationText, grouped, timeText, words } from './format.ts'
import { isOpen, silence } from './rows.ts'
import { type Column, createTable, type Table } from './table.ts'

const PAGE = 50

export interface SessionSection {
  element: HTMLElement
  update(data: PageData): void
  /** Lists the sessions that were running at the peak. */
  listAtPeak(pool: PoolData): void
  /** Lists the sessions that are open. */
  listOpen(): void
}

export function createSessionSection(first: PageData, open: (session: number) => void): SessionSection {
  let data = first
  const note = h('p', { class: 'note' })
  const table: Table = createTable({
    id: 'session-table',
    caption: 'Sessions on port pools',
    noun: 'session',
    columns: columnsOf(() => data, open),
    count: data.sessions.id.length,
    pageSize: PAGE,
    text: (i) => searchText(data, i),
    placeholder: 'address, slot, certainty, id',
    sort: { column: 0, descending: first.live },
  })

  function update(next: PageData): void {
    data = next
    const { total, id, openLastPacket } = data.sessions
    const ended = id.length - openLastPacket.length
    note.textContent =
      total > ended
        ? `Of ${counted(total, 'session')} the last ${grouped(ended)} are listed here and drawn above; the peaks count all of them.`
        : ''
    note.hidden = total <= ended
    table.update(id.length)
  }

  const element = section('sessions', 'Sessions', note, table.element)

  function listAtPeak(pool: PoolData): void {
    const name = data.sessions.poolNames.indexOf(pool.pool)
    const at = pool.peakAt ?? Number.NaN
    const running = (i: number) => data.sessions.start[i] <= at && data.sessions.end[i] >= at
    const place = (i: number) =>
      data.sessions.pool[i] === name && (pool.server ?? data.sessions.server[i]) === data.sessions.server[i]
    const where = pool.server === undefined ? '' : ` on ${data.servers[pool.server]}`
    table.only(
      `what was running at the peak of ${pool.pool}${where}, ${timeText(data.base + at, 3)} UTC`,
      (i) => place(i) && running(i),
    )
    show()
  }

  function listOpen(): void {
    table.only('sessions that are open now', (i) => isOpen(data.sessions, i))
    show()
  }

  function show(): void {
    element.scrollIntoView()
    element.querySelector<HTMLElement>('.choice button')?.focus({ preventScroll: true })
  }

  update(first)
  return { element, update, listAtPeak, listOpen }
}

function searchText({ sessions, servers }: PageData, i: number): string {
  const pool = sessions.poolNames[sessions.pool[i]]
  const server = servers[sessions.server[i]]
  return `${pool} ${server} ${sessions.slot[i]} ${sessions.client[i]} ${sessions.certainty[i]} ${endText(sessions, i)} ${sessions.id[i]} ${sessions.flows[i]}`
}

/** Without a packet for a while, an open session may be idle or may have ended without a closing packet. */
function endText(sessions: SessionColumns, i: number): string {
  if (!isOpen(sessions, i)) return words(sessions.endReason[i])
  const silent = silence(sessions, i)
  return silent < 1 ? 'open' : `open, silent for ${durationText(Math.floor(silent))}`
}

function columnsOf(data: () => PageData, open: (session: number) => void): Column[] {
  const of = () => data().sessions
  const duration = (i: number) => of().end[i] - of().start[i]
  const client = (i: number) => of().client[i] + (of().moreClients[i] > 0 ? ` +${of().moreClients[i]}` : '')
  const why = (i: number) =>
    h(
      'a',
      {
        href: `#session-${of().id[i]}`,
        'aria-label': `Evidence of the session on slot ${of().slot[i]}, ${client(i)}`,
        onclick: (event: Event) => {
          event.preventDefault()
          open(i)
        },
      },
      'evidence',
    )
  return [
    { name: 'Start (UTC)', key: (i) => of().start[i], cell: (i) => timeText(data().base + of().start[i], 3) },
    { name: 'Duration', numeric: true, key: duration, cell: (i) => durationText(duration(i)) },
    { name: 'Pool', key: (i) => of().poolNames[of().pool[i]], cell: (i) => of().poolNames[of().pool[i]] },
    {
      name: 'Server',
      key: (i) => data().servers[of().server[i]],
      cell: (i) => data().servers[of().server[i]],
    },
    { name: 'Slot', numeric: true, key: (i) => of().slot[i], cell: (i) => of().slot[i] },
    { name: 'Client', key: (i) => of().client[i], cell: client },
    { name: 'Packets', numeric: true, key: (i) => of().packets[i], cell: (i) => grouped(of().packets[i]) },
    { name: 'Bytes', numeric: true, key: (i) => of().bytes[i], cell: (i) => byteText(of().bytes[i]) },
    {
      name: 'Certainty',
      key: (i) => CERTAINTIES.indexOf(of().certainty[i]),
      cell: (i) => certaintyMark(of().certainty[i]),
    },
    {
      name: 'End',
      key: (i) => of().endReason[i],
      cell: (i) => h('span', { class: isOpen(of(), i) ? 'under-way' : '' }, endText(of(), i)),
    },
    { name: 'Why', cell: why },
  ]
}
