/**
 * Tables of any length, sorted by any column, with search and pages. Rows are indexes; the columns return their cells
 * and sort keys. The state (order, search, page) outlives an update of the rows.
 */
import { type Child, fill, h } from './dom.ts'
import { counted, grouped } from './format.ts'
import { matching, ordered } from './rows.ts'

/** Tables of up to this many rows offer no search. */
const FEW = 10

export interface Column {
  name: string
  /** Numbers are aligned to the right, and sorted descending first. */
  numeric?: boolean
  /** Text of any length, which may wrap. */
  wraps?: boolean
  /** The sort key of a row; absent: the column cannot be sorted by. */
  key?(row: number): number | string
  cell(row: number): Child
}

export interface TableOptions {
  /** Unique on the page. */
  id: string
  caption: string
  noun: string
  columns: readonly Column[]
  count: number
  pageSize: number
  /** The text of a row to search in; absent: no search. */
  text?(row: number): string
  /** Placeholder of the search field. */
  placeholder?: string
  /** Column that the rows are sorted by at first, and whether descending; absent: as they come. */
  sort?: { column: number; descending: boolean }
}

export interface Table {
  element: HTMLElement
  /** Redraws, with this number of rows. */
  update(count: number): void
  /** Shows only these rows, until the user selects all again; `says` describes them. */
  only(says: string, wanted: (row: number) => boolean): void
}

export function createTable(options: TableOptions): Table {
  let { count } = options
  let sort = options.sort
  let query = ''
  let chosen: { says: string; wanted(row: number): boolean } | undefined
  let page = 0
  let rows = new Uint32Array(0)
  const body = h('tbody')
  const heads = options.columns.map((column, i) => headOf(column, () => sortBy(i)))
  const all = h('button', { type: 'button', onclick: () => choose(undefined) }, 'Show all')
  const choice = h('p', { class: 'choice', role: 'status' })
  const status = h('p', { class: 'status', role: 'status' })
  const pages = h('div', { class: 'pages' })
  const input = h('input', {
    type: 'search',
    id: `${options.id}-search`,
    placeholder: options.placeholder,
    autocomplete: 'off',
    spellcheck: 'false',
    oninput: () => search(input.value),
  })
  const label = h('label', { for: `${options.id}-search` }, `Search ${options.noun}s`)

  function sortBy(column: number): void {
    const numeric = options.columns[column].numeric === true
    sort = { column, descending: sort?.column === column ? !sort.descending : numeric }
    page = 0
    select()
  }

  function choose(next: typeof chosen): void {
    chosen = next
    page = 0
    select()
  }

  function search(text: string): void {
    query = text
    input.value = text
    page = 0
    select()
  }

  function select(): void {
    const matches = matching(count, query, options.text)
    const found = chosen === undefined ? matches : matches.filter(chosen.wanted)
    const key = sort === undefined ? undefined : options.columns[sort.column].key
    rows = key === undefined ? found : ordered(found, key, sort?.descending === true)
    draw()
  }

  function draw(): void {
    const last = Math.max(0, Math.ceil(rows.length / options.pageSize) - 1)
    page = Math.min(page, last)
    const from = page * options.pageSize
    const shown = rows.subarray(from, from + options.pageSize)
    fill(body, ...Array.from(shown, (row) => rowOf(row, options.columns)))
    heads.forEach((head, i) => {
      const direction = sort?.descending ? 'descending' : 'ascending'
      if (sort?.column === i) head.setAttribute('aria-sort', direction)
      else head.removeAttribute('aria-sort')
    })
    fill(status, statusText(shown.length, from))
    scroll.hidden = shown.length === 0
    for (const each of [label, input]) each.hidden = count <= FEW && query === ''
    choice.hidden = chosen === undefined
    fill(choice, chosen === undefined ? '' : `Only ${chosen.says} `, all)
    drawPages(last)
  }

  function statusText(shown: number, from: number): string {
    const all = counted(rows.length, options.noun)
    const of = rows.length === count ? all : `${all} of ${grouped(count)}`
    return shown === rows.length ? of : `${grouped(from + 1)} to ${grouped(from + shown)} of ${of}`
  }

  function drawPages(last: number): void {
    pages.hidden = last === 0
    const go = (to: number) => () => {
      page = to
      draw()
    }
    fill(
      pages,
      h('button', { type: 'button', disabled: page === 0, onclick: go(0) }, 'First'),
      h('button', { type: 'button', disabled: page === 0, onclick: go(page - 1) }, 'Previous'),
      h('span', {}, `Page ${grouped(page + 1)} of ${grouped(last + 1)}`),
      h('button', { type: 'button', disabled: page === last, onclick: go(page + 1) }, 'Next'),
      h('button', { type: 'button', disabled: page === last, onclick: go(last) }, 'Last'),
    )
  }

  const table = h(
    'table',
    { id: options.id },
    h('caption', {}, options.caption),
    h('thead', {}, h('tr', {}, ...heads)),
    body,
  )
  const tools = h('div', { class: 'tools' }, ...(options.text === undefined ? [] : [label, input]), status)
  const scroll = h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': options.caption },
    table,
  )
  select()
  return {
    element: h('div', { class: 'table' }, tools, choice, scroll, pages),
    update(next) {
      count = next
      select()
    },
    only: (says, wanted) => choose({ says, wanted }),
  }
}

function headOf(column: Column, sort: () => void): HTMLElement {
  const className = column.numeric ? 'number' : ''
  if (column.key === undefined) return h('th', { scope: 'col', class: className }, column.name)
  return h(
    'th',
    { scope: 'col', class: className },
    h('button', { type: 'button', class: 'sort', onclick: sort }, column.name),
  )
}

function classOf({ numeric, wraps }: Column): string {
  return numeric ? 'number' : wraps ? 'wraps' : ''
}

function rowOf(row: number, columns: readonly Column[]): HTMLElement {
  const cells = columns.map((column) => h('td', { class: classOf(column) }, column.cell(row)))
  return h('tr', { 'data-row': row }, ...cells)
}
