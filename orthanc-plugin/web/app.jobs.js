// SPDX-License-Identifier: GPL-3.0-or-later
// The line at the top, the counts that filter, and the table of jobs with what may be done to each.
import {announce, button, byId, element, repaint, row} from './app.dom.js';
import {learnStudies, osteon, rememberStudies, tagsOf, tagsOfJob, tell} from './app.orthanc.js';
import {showSelftest} from './app.selftest.js';
import {connectedWorkers, showWorkers} from './app.workers.js';
import {coded, count, english, localDate, localTime, reason, say, stage} from './app.words.js';

const ACTIONS = {
  'run-now': ['collecting', 'ready', 'retry_wait'],
  retry: ['retry_wait', 'stuck', 'skipped', 'cancelled'],
  skip: ['collecting', 'ready', 'leased', 'retry_wait', 'stuck'],
  cancel: ['ready', 'leased', 'retry_wait', 'stuck'],
};
const STEP = 100;  // So many more at a press of "more".
const MOST_AT_ONCE = 1000;  // Of one answer (views.cc).
let chosenState = '';
let wanted = STEP;
let askedForMore = false;
const lastStates = new Map();

const countOf = (status, state) => state ? status.jobs[state] : Object.values(status.jobs).reduce((sum, jobs) => sum + jobs, 0);

// What the plugin says, and what the page does, with `why` in English.
function showTrouble(told, ours = '', why = '') {
  byId('trouble').hidden = told.length === 0 && !ours;
  repaint(byId('trouble'), [told, ours, why], () => {
    const own = element('span', ours);
    if (why) own.append(' ', english(why));
    return [...told.map((text) => english(text)), ...(ours ? [own] : [])];
  });
}

function choose(state) {
  chosenState = state;
  wanted = STEP;
  refreshJobs();
}

function showStatus(status) {
  const workers = connectedWorkers(status);
  const slots = workers.reduce((sum, worker) => sum + worker.slots, 0);
  byId('state').textContent = say('status', {
    version: status.version, mode: say('mode_' + status.mode), workers: count(workers.length, 'worker'), slots: count(slots, 'slot'),
  }) + (status.listening ? '' : say('not_listening'));
  byId('mode').hidden = status.mode === 'assist';
  byId('mode').textContent = status.mode === 'assist' ? '' : say('note_' + status.mode);
  const lonely = status.listening && workers.length === 0 && status.jobs.ready > 0;
  showTrouble(status.trouble, lonely ? say('no_worker') : '');
  showWorkers(status);
  showSelftest(status, stateOf);
  const counts = [['', countOf(status, '')], ...Object.entries(status.jobs)];
  repaint(byId('counts'), [counts, chosenState], () => counts.map(([state, jobs]) => {
    const made = button(say(state || 'all') + ' ' + jobs, 'count-' + state, () => choose(state));
    made.setAttribute('aria-pressed', String(state === chosenState));
    return made;
  }));
}

export function badge(state) {
  return element('span', say(state), 'badge state-' + state);
}

function stateOf(job) {
  const cell = element('div');
  cell.append(badge(job.state));
  if (!job.stage) return cell;
  const percent = Math.round(job.fraction * 100);
  const bar = element('progress');
  bar.max = 100;
  bar.value = percent;
  bar.setAttribute('aria-label', say('progress', {id: job.id, stage: stage(job.stage), percent}));
  cell.append(bar, element('small', stage(job.stage) + ', ' + percent + ' %'));
  return cell;
}

const accessionOf = (tags) => tags.AccessionNumber ? say('accession', {number: tags.AccessionNumber}) : '';

// Accession number and date of the study of a job, for where only its number is known.
export function studyOfJob(id) {
  const tags = tagsOfJob(id);
  return [accessionOf(tags), localDate(tags.StudyDate || '')].filter(Boolean).join(', ');
}

// Accession number and date, which Orthanc knows, beside the UID.
export function studyOf(job) {
  const cell = element('div', undefined, 'study');
  const tags = tagsOf(job.orthanc_study);
  if (tags.AccessionNumber) cell.append(element('strong', accessionOf(tags)));
  const when = [localDate(tags.StudyDate || ''), tags.StudyDescription].filter(Boolean).join(', ');
  if (when) cell.append(element('div', when));
  cell.append(element('small', job.study_instance_uid));
  return cell;
}

async function act(job, action) {
  if ((action === 'skip' || action === 'cancel') && !window.confirm(say('sure_' + action, {id: job.id}))) return;
  try {
    await tell('jobs/' + job.id + '/' + action);
    announce(say('was_done', {id: job.id, what: say('do_' + action)}));
    window.dispatchEvent(new Event('osteon-changed'));
  } catch (error) {
    window.alert(say('not_done', {why: error.message}));
  }
}

// What may be done to the job now; `where` keeps the keys of table and story apart.
export function actionsOf(job, where) {
  const actions = Object.keys(ACTIONS).filter((action) => ACTIONS[action].includes(job.state));
  if (job.copies?.some((copy) => copy.state === 'failed')) actions.push('resend');
  return actions.map((action) => {
    const made = button(say('do_' + action), where + action + job.id, () => act(job, action));
    made.setAttribute('aria-label', say('of_job', {what: say('do_' + action), id: job.id}));
    return made;
  });
}

export function jobButton(id, where) {
  return button(say('job', {id}), where + id, () => { location.hash = 'job=' + id; });
}

// Why a job is in its state.
export function whyOf(job) {
  const made = element('span');
  made.append(job.error_code && ['stuck', 'retry_wait'].includes(job.state) ? coded('causes', job.error_code, job.reason) : reason(job.reason, job.why));
  if (job.caveat) made.append('. ', english(job.caveat));
  return made;
}

function jobRow(job) {
  const actions = element('div');
  actions.append(...actionsOf(job, 'row-'));
  return row([jobButton(job.id, 'open-'), studyOf(job), stateOf(job), whyOf(job), job.worker, localTime(job.updated), actions]);
}

// For those who do not see the table.
function announceChanges(jobs) {
  const changed = jobs.filter((job) => lastStates.has(job.id) && lastStates.get(job.id) !== job.state);
  if (changed.length > 0) announce(changed.slice(0, 3).map((job) => say('changed_to', {id: job.id, state: say(job.state)})).join(' '));
  for (const job of jobs) lastStates.set(job.id, job.state);
}

async function newestJobs() {
  let jobs = [];
  let isEnd = false;
  while (!isEnd && jobs.length < wanted) {
    const limit = Math.min(MOST_AT_ONCE, wanted - jobs.length);
    const older = (await osteon('jobs?limit=' + limit + (chosenState && '&state=' + chosenState) + (jobs.length ? '&before=' + jobs[0].id : ''))).jobs;
    jobs = [...older, ...jobs];
    isEnd = older.length < limit;
  }
  return jobs;
}

// How many jobs the table has of all, when there are more.
function showMore(shown, all) {
  const text = say('jobs_shown', {shown, all});
  repaint(byId('more'), [shown, all], () => shown >= all ? [] : [text, ' ', button(say('more'), 'more', () => {
    wanted += STEP;
    askedForMore = true;
    refreshJobs();
  })]);
  if (askedForMore) announce(text);
  askedForMore = false;
}

// An answer that comes after a newer question was asked is not shown: it may be of another filter.
let asked = 0;

export async function refreshJobs() {
  const question = ++asked;
  try {
    const status = await osteon('status');
    const jobs = await newestJobs();
    rememberStudies(jobs);
    await learnStudies(jobs.map((job) => job.orthanc_study));
    if (question !== asked) return;
    showStatus(status);
    announceChanges(jobs);
    repaint(byId('jobs'), jobs, () => jobs.reverse().map(jobRow));
    byId('empty').hidden = jobs.length > 0;
    showMore(jobs.length, countOf(status, chosenState));
  } catch (error) {
    showTrouble([], say('no_answer'), error.message);
  }
}
