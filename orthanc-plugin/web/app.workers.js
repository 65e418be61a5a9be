// SPDX-License-Identifier: GPL-3.0-or-later
// The table of workers: those that are connected, and for a day those that were.
import {announce, byId, element, namedRow, repaint} from './app.dom.js';
import {english, lasting, localTime, say} from './app.words.js';

const SILENT_MS = 15000;  // A worker that lives says so every 10 s; after 30 s the plugin forgets it (daemon/protocol/messages.h).
const GONE_MS = 86400000;

// Name -> {version, at}: when it was last heard of, in this page or by the digest.
const known = new Map();
const lastStates = new Map();

export function rememberWorkers(digest) {
  for (const {name, last_ended: at} of digest.workers) if (at && !known.has(name)) known.set(name, {version: '', at});
}

// Without the old connection of a worker that has a new one: the plugin needs its time to see that it is dead.
export function connectedWorkers(status) {
  return status.workers.filter((worker) => worker.shares_name || !status.workers.some((other) => other.name === worker.name && other.silent_ms < worker.silent_ms));
}

function statesOf(status) {
  const now = Date.parse(status.now);
  const here = connectedWorkers(status);
  for (const {name, version, silent_ms} of here) known.set(name, {version, at: new Date(now - silent_ms).toISOString()});
  const gone = [...known].filter(([name, {at}]) => !here.some((one) => one.name === name) && now - Date.parse(at) < GONE_MS);
  return [...here.map((one) => ({...one, state: one.silent_ms > SILENT_MS ? 'silent' : 'here'})), ...gone.map(([name, one]) => ({name, ...one, state: 'gone'}))];
}

function heardOf(worker) {
  if (worker.state === 'gone') return localTime(worker.at);
  if (worker.state === 'here') return say('within', {time: lasting(SILENT_MS / 1000)});
  return say('ago', {time: lasting(worker.silent_ms / 1000)});
}

function troubleOf(worker) {
  const made = element('span');
  if (worker.state !== 'here') made.append(element('span', say('worker_' + worker.state), 'badge state-stuck'), ' ');
  if (worker.trouble) made.append(english(worker.trouble), ' ');
  if (worker.shares_name) made.append(say('shares_name'));
  return made;
}

function workerRow(worker) {
  const slots = worker.state === 'gone' ? '' : say('slots_busy', {busy: worker.slots - worker.free_slots, slots: worker.slots});
  return namedRow(worker.name, [worker.version, slots, heardOf(worker), troubleOf(worker)]);
}

// For those who do not see the table.
function announceChanges(workers) {
  const changed = workers.filter(({name, state}) => lastStates.has(name) && lastStates.get(name) !== state);
  if (changed.length > 0) announce(changed.map(({name, state}) => say('worker_now', {name, state: say('worker_' + state)})).join(' '));
  for (const {name, state} of workers) lastStates.set(name, state);
}

export function showWorkers(status) {
  const workers = statesOf(status);
  announceChanges(workers);
  // What is another number each time is no reason to paint.
  repaint(byId('workers'), workers.map((one) => [heardOf(one), {...one, silent_ms: 0, clock_ahead_ms: 0}]), () => workers.map(workerRow));
  byId('no-workers').hidden = workers.length > 0;
}
