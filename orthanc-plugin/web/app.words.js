// SPDX-License-Identifier: GPL-3.0-or-later
// The language of the page: the reader's choice, else the browser's, else English. What the plugin itself says in English (reasons, causes)
// is said in another language by its codes; the rest stays English and is marked as such for screen readers.
import {element} from './app.dom.js';
import {DE} from './app.words.de.js';
import {DE_CODES} from './app.words.de.why.js';
import {EN} from './app.words.en.js';

const TABLES = {en: EN, de: DE};
const CODES = {de: DE_CODES};
const CHOICE = 'osteon-language';

function atFirst() {
  const wanted = [localStorage.getItem(CHOICE), ...navigator.languages].map((tag) => (tag || '').slice(0, 2));
  return wanted.find((tag) => tag in TABLES) || 'en';
}

let language = atFirst();

// The words of a key, with {name} replaced by values.name.
export function say(key, values = {}) {
  return (TABLES[language][key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

export function count(n, what) {
  return say(what + (n === 1 ? '_one' : '_other'), {n});
}

// A text of the plugin, which is in English unless it is one of the few that have no code and are always the same.
export function english(text) {
  const known = CODES[language]?.texts[text];
  const made = element('span', known ?? text);
  if (language !== 'en' && known === undefined) made.lang = 'en';
  return made;
}

function inLanguage(...parts) {
  const made = element('span');
  made.append(...parts);
  return made;
}

// Who did something: "intake", "worker w1", "operator alice".
export function who(actor) {
  const [kind, ...name] = actor.split(' ');
  const key = 'who_' + kind + (name.length > 0 ? '_named' : '');
  return key in TABLES[language] ? say(key, {name: name.join(' ')}) : actor;
}

// What a worker is at.
export const stage = (name) => TABLES[language]['stage_' + name] ?? name;

// Where the time went: "read 2.1 s (180 MiB), detect 40.3 s; at most 1234 MiB of memory", as the plugin's history has it.
export function stageTimes(text) {
  const [times, most] = text.split('; at most ');
  const told = times.replace(/(\w+) ([\d.]+) s/g, (_, name, seconds) => stage(name) + ' ' + Number(seconds).toLocaleString(language, {minimumFractionDigits: 1}) + ' s');
  return most ? told + say('most_memory', {mib: parseInt(most)}) : told;
}

// A reason, whose parts `why` have codes (null: it has none).
export function reason(text, why) {
  const {phrases, values} = CODES[language] || {};
  if (!phrases || !why) return english(text);
  return inLanguage(...why.map((part) => {
    const words = phrases[part.code];
    return words === undefined ? english(part.text) : words.replace(/\{(\d)\}/g, (_, n) => values[part.values[n]] ?? part.values[n]);
  }));
}

// The contrasts of a series, "STIR+T1".
export function contrasts(names) {
  return names.split('+').map((name) => CODES[language]?.values[name] ?? name).join('+');
}

// What was said under a code of one of the tables 'events', 'causes': its words, then what the plugin said (with its parts, as for reason) as the
// details, unless that is only the same again.
export function coded(table, code, text, why) {
  const {[table]: words, texts} = CODES[language] || {};
  if (words?.[code] === undefined) return english(text);
  return !text || text in texts ? inLanguage(words[code]) : inLanguage(words[code], ': ', reason(text, why));
}

// What to do about a stuck job.
export function hint(code, text) {
  const words = CODES[language]?.hints[code];
  return words === undefined ? english(text) : inLanguage(words);
}

// In the reader's own way of writing dates: the region of the browser in the page's language.
export function localTime(iso) {
  const tag = navigator.languages.find((one) => one.slice(0, 2) === language) || language;
  return iso ? new Date(iso).toLocaleString(tag, {dateStyle: 'medium', timeStyle: 'medium'}) : '';
}

// A DICOM date, YYYYMMDD.
export function localDate(dicom) {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(dicom) || [];
  const tag = navigator.languages.find((one) => one.slice(0, 2) === language) || language;
  return year ? new Date(year, month - 1, day).toLocaleDateString(tag, {dateStyle: 'medium'}) : '';
}

// A duration as people say it, two units at most.
export function lasting(seconds) {
  const units = [[86400, 'days'], [3600, 'hours'], [60, 'minutes'], [1, 'seconds']];
  const parts = [];
  let left = Math.max(0, Math.round(seconds));
  for (const [size, name] of units) {
    const whole = Math.floor(left / size);
    left -= whole * size;
    if (whole > 0 && parts.length < 2) parts.push(whole + ' ' + say(name));
    if (parts.length === 1 && whole === 0) break;
  }
  return parts.join(' ') || '0 ' + say('seconds');
}

// Puts the words into all elements that name a key.
function translate() {
  document.documentElement.lang = language;
  for (const one of document.querySelectorAll('[data-say]')) one.textContent = say(one.dataset.say);
  for (const one of document.querySelectorAll('[data-label]')) one.setAttribute('aria-label', say(one.dataset.label));
}

// Fills the switch. `changed` is called when another language is chosen.
export function startWords(select, changed) {
  select.replaceChildren(...Object.keys(TABLES).map((tag) => {
    const option = element('option', TABLES[tag].name);
    option.value = option.lang = tag;
    return option;
  }));
  select.value = language;
  select.addEventListener('change', () => {
    language = select.value;
    localStorage.setItem(CHOICE, language);
    translate();
    changed();
  });
  translate();
}
