/** Elements. Text only ever becomes a text node: no string of a capture can become markup. */

export type Child = Node | string | number | undefined

type Attribute = string | number | boolean | undefined | ((event: never) => void)

/** An element; attributes named on… are listeners; `true` sets one without value, `false` and undefined none. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, Attribute>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener)
    else if (value !== undefined && value !== false)
      element.setAttribute(name, value === true ? '' : String(value))
  }
  element.append(...texts(children))
  return element
}

/** Replaces the children. */
export function fill(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren(...texts(children))
}

function texts(children: readonly Child[]): (Node | string)[] {
  return children
    .filter((child) => child !== undefined)
    .map((child) => (typeof child === 'number' ? String(child) : child))
}

/** A section with a heading, to which the navigation can link. */
export function section(id: string, title: string, ...children: readonly Child[]): HTMLElement {
  return h(
    'section',
    { id, class: 'card', 'aria-labelledby': `${id}-title` },
    h('h2', { id: `${id}-title` }, title),
    ...children,
  )
}
