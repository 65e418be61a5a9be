// SPDX-License-Identifier: GPL-3.0-or-later
// The page of administrators. Everything shown goes through textContent, so nothing a study carries becomes markup.
'use strict';

const REFRESH_MS = 3000;
const ACTIONS = {
  retry: ['retry_wait', 'stuck', 'skipped', 'cancelled'],
  skip: ['collecting', 'ready', 'leased', 'retry_wait', 'stuck'],
  cancel: ['ready', 'leased', 'retry_wait', 'stuck'],
};
// The page may be at .../osteon/app or .../osteon/app/, behind a proxy that adds something in front.
const ROOT = location.pathname.slice(0, location.pathname.lastIndexOf('/osteon/') + '/osteon/'.length);
let chosenState = '';
let shownJob = 0;

const byId = (id) => document.getElementById(id);

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = String(text);
  if (className) made.className = className;
  return made;
}

function button(text, onClick) {
  const made = element('button', text);
  made.type = 'button';
  made.addEventListener('click', onClick);
  return made;
}

async function call(path, method) {
  const reply = await fetch(ROOT + path, {method: method || 'GET', headers: {'X-Osteon': '1'}, body: method ? '{}' : undefined});
  const json = await reply.json();
  if (!reply.ok) throw new Error(json.error || reply.statusText);
  return json;
}

function localTime(iso) {
  return iso ? new Date(iso).toLocaleString() : '';
}

function words(state) {
  return state.replaceAll('_', ' ');
}

// A badge: what needs a person stands out in the list.
function stateCell(job, progress) {
  const cell = element('td');
  cell.append(element('span', words(job.state) + progress, 'badge state-' + job.state));
  return cell;
}

function count(number, what) {
  return number + ' ' + what + (number === 1 ? '' : 's');
}

function showTrouble(texts) {
  byId('trouble').hidden = texts.length === 0;
  byId('trouble').textContent = texts.join('; ');
}

function showStatus(status) {
  const slots = status.workers.reduce((sum, worker) => sum + worker.slots, 0);
  byId('state').textContent = 'Version ' + status.version + ', mode ' + status.mode + ', ' + count(status.workers.length, 'worker') +
      ' with ' + count(slots, 'slot') + (status.listening ? '' : ', not listening');
  const trouble = status.trouble.slice();
  if (status.listening && status.workers.length === 0 && status.jobs.ready > 0) trouble.push('Jobs are waiting and no worker is connected');
  showTrouble(trouble);
  const total = Object.values(status.jobs).reduce((sum, jobs) => sum + jobs, 0);
  const counts = [['', 'all', total]].concat(Object.entries(status.jobs).map(([state, jobs]) => [state, words(state), jobs]));
  byId('counts').replaceChildren(...counts.map(([state, label, jobs]) => {
    const made = button(label + ' ' + jobs, () => { chosenState = state; refresh(); });
    made.setAttribute('aria-pressed', String(state === chosenState));
    return made;
  }));
}

async function act(job, action) {
  if (action !== 'retry' && action !== 'resend' && !window.confirm(action + ' job ' + job.id + '?')) return;
  try {
    await call('jobs/' + job.id + '/' + action, 'POST');
    await refresh();
  } catch (error) {
    window.alert(error.message);
  }
}

function jobRow(job) {
  const row = element('tr');
  const id = element('td');
  id.append(button(job.id, () => { shownJob = job.id; showDetail(); }));
  const progress = job.stage ? ' (' + job.stage + ', ' + Math.round(job.fraction * 100) + ' %)' : '';
  const why = job.reason + (job.caveat ? '. ' + job.caveat : '');
  const actions = element('td');
  for (const [action, states] of Object.entries(ACTIONS))
    if (states.includes(job.state)) actions.append(button(action, () => act(job, action)));
  row.append(id, element('td', job.study_instance_uid, 'study'), stateCell(job, progress),
             element('td', why), element('td', job.worker), element('td', localTime(job.updated)), actions);
  return row;
}

function cells(values) {
  const row = element('tr');
  row.append(...values.map((value) => element('td', value)));
  return row;
}

async function showDetail() {
  const job = await call('jobs/' + shownJob);
  byId('detail').hidden = false;
  byId('detail-title').textContent = 'Job ' + job.id + ', ' + words(job.state);
  byId('history').replaceChildren(...job.history.map((step) => cells([localTime(step.time), step.actor, step.from, step.to, step.reason])));
  byId('copies').textContent = job.copies.map((copy) => copy.destination + ': ' + copy.state + (copy.reason ? ', ' + copy.reason : '')).join('; ');
  if (job.copies.some((copy) => copy.state === 'failed')) byId('copies').append(' ', button('resend', () => act(job, 'resend')));
  byId('series').replaceChildren();
  try {
    const study = await call('explain/' + job.orthanc_study);
    byId('verdict').textContent = study.verdict + ': ' + study.reason;
    byId('series').replaceChildren(...study.series.map((series) =>
        cells([series.description || series.modality, series.instances, series.taken ? 'yes' : 'no', series.reason])));
  } catch (error) {
    byId('verdict').textContent = error.message;
  }
}

async function refresh() {
  try {
    showStatus(await call('status'));
    const list = await call('jobs' + (chosenState ? '?state=' + chosenState : ''));
    byId('jobs').replaceChildren(...list.jobs.reverse().map(jobRow));
    byId('empty').hidden = list.jobs.length > 0;
  } catch (error) {
    showTrouble(['Orthanc does not answer: ' + error.message]);
  }
}

byId('close').addEventListener('click', () => { byId('detail').hidden = true; });
refresh();
window.setInterval(() => { if (!document.hidden) refresh(); }, REFRESH_MS);
