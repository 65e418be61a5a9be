// SPDX-License-Identifier: GPL-3.0-or-later
// Elements. Everything shown goes through textContent, so nothing a study carries becomes markup.
export const byId = (id) => document.getElementById(id);

export function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = String(text);
  if (className) made.className = className;
  return made;
}

// `key` names it across repaints, so that the focus stays.
export function button(text, key, onClick) {
  const made = element('button', text);
  made.type = 'button';
  made.dataset.key = key;
  made.addEventListener('click', onClick);
  return made;
}

export function link(text, href) {
  const made = element('a', text);
  made.href = href;
  made.target = '_blank';
  made.rel = 'noopener';
  return made;
}

// A row of a table; each value a text or an element.
export function row(values) {
  const made = element('tr');
  for (const value of values) {
    const cell = element('td');
    cell.append(value ?? '');
    made.append(cell);
  }
  return made;
}

// The same for a row that begins with its name.
export function namedRow(name, values) {
  const made = row(values);
  const head = element('th', name);
  head.scope = 'row';
  made.prepend(head);
  return made;
}

// A button that is replaced between press and release is never clicked.
let pressed = false;
for (const [event, down] of [['pointerdown', true], ['pointerup', false], ['pointercancel', false]])
  document.addEventListener(event, () => { pressed = down; }, true);

// Replaces the children only when what they show has changed, and leaves the focus on the button of the same key. While a button of
// the mouse is down nothing changes; the next refresh does it.
const shown = new Map();
export function repaint(parent, what, makeChildren) {
  const state = JSON.stringify([document.documentElement.lang, what]);
  if (pressed || shown.get(parent) === state) return;
  shown.set(parent, state);
  const key = parent.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  parent.replaceChildren(...makeChildren());
  if (key) [...parent.querySelectorAll('[data-key]')].find((one) => one.dataset.key === key)?.focus();
}

// Says it to screen readers; the eye sees it elsewhere.
export function announce(text) {
  byId('said').textContent = text;
}
