// SPDX-License-Identifier: GPL-3.0-or-later
// The first part of the page: the morning digest, and the hold on all jobs.
import {announce, button, byId, element, repaint} from './app.dom.js';
import {jobButton, studyOfJob} from './app.jobs.js';
import {learnJobs, osteon, tell} from './app.orthanc.js';
import {rememberWorkers} from './app.workers.js';
import {coded, count, english, hint, lasting, localTime, reason, say, who} from './app.words.js';

// One line: an optional button of a job with its study, our words, the plugin's words (an element, or English), and what to do.
function line(job, text, told, todo) {
  const item = element('li');
  const study = job && studyOfJob(job);
  if (job) item.append(jobButton(job, 'line-'), ' ');
  if (study) item.append('(' + study + ') ');
  item.append(text);
  if (told) item.append(' ', told instanceof Node ? told : english(told));
  if (todo) {
    const made = element('span', undefined, 'hint');
    made.append(todo);
    item.append(made);
  }
  return item;
}

// How many copies failed, and of which jobs.
function uncopied(digest) {
  const lines = digest.uncopied.map((one) => line(one.job, say('is_not_at', {nodes: one.nodes.join(', ')})));
  const others = digest.copies_failed - digest.uncopied.reduce((sum, one) => sum + one.nodes.length, 0);
  if (others > 0) lines.push(line(0, say('uncopied_more', {copies: count(others, 'copy')})));
  return [line(0, count(digest.copies_failed, 'uncopied'), '', say('see_copies')), ...lines];
}

function needsYou(digest) {
  const lines = digest.trouble.map((text) => line(0, '', text, say('doctor')));
  const hold = digest.hold;
  if (hold) lines.push(line(0, say(hold.kind === 'drain' ? 'draining' : 'paused', {since: localTime(hold.since), by: who(hold.by)})));
  for (const one of digest.stuck) lines.push(line(one.job, say('is_stuck', {since: localTime(one.since)}), coded('causes', one.error_code, one.cause), hint(one.error_code, one.hint)));
  for (const one of digest.not_evaluable) lines.push(line(one.job, say('was_not_evaluable'), one.reason, say('not_negative')));
  if (digest.copies_failed > 0) lines.push(...uncopied(digest));
  return lines.length > 0 ? lines : [line(0, say('nothing'))];
}

function workerLine(one) {
  const did = [count(one.reports, 'report')];
  for (const what of ['skipped', 'failed', 'given_back']) if (one[what] > 0) did.push(say('n_' + what, {n: one[what]}));
  const where = one.here ? say('here', {slots: count(one.slots, 'slot')}) : say('gone', {time: localTime(one.last_ended)});
  return line(0, say('worker_did', {name: one.name, did: did.join(', '), where}));
}

function happened(digest) {
  return [
    ...digest.skipped.map((one) => line(one.example, say('skipped_for', {n: one.count}), reason(one.reason, one.why))),
    ...digest.slowest.map((one) => line(one.job, say('took', {time: lasting(one.seconds), worker: one.worker}))),
    ...digest.workers.map(workerLine),
  ];
}

function queueText(queue) {
  const text = say('queue_is', {ready: queue.ready, leased: queue.leased + queue.storing, retry: queue.retry_wait, collecting: queue.collecting});
  if (queue.empty_unknown) return [text, ' ', say('queue_unknown'), ' ', english(queue.empty_unknown), '.'];
  if (queue.seconds_a_study === null) return [text, ' ', say('queue_empty')];
  return [text, ' ', say('queue_until', {time: localTime(queue.empty_at), each: lasting(queue.seconds_a_study), studies: count(queue.measured, 'study')})];
}

async function changeHold(action) {
  if (action !== 'resume' && !window.confirm(say(action + '_sure'))) return;
  try {
    await tell(action);
    announce(say(action));
    window.dispatchEvent(new Event('osteon-changed'));
  } catch (error) {
    window.alert(say('not_done', {why: error.message}));
  }
}

// The jobs that have a line.
function jobsIn(digest) {
  return [...digest.stuck, ...digest.not_evaluable, ...digest.uncopied, ...digest.slowest].map((one) => one.job).concat(digest.skipped.map((one) => one.example));
}

function show(digest) {
  const studies = jobsIn(digest).map(studyOfJob);
  byId('period').textContent = say('period', {since: localTime(digest.since), until: localTime(digest.until)});
  repaint(byId('needs-you'), [digest.trouble, digest.hold, digest.stuck, digest.not_evaluable, digest.copies_failed, digest.uncopied, studies], () => needsYou(digest));
  byId('happened').textContent = ['done', 'not_evaluable', 'stuck', 'skipped', 'cancelled'].map((state) => digest.jobs[state] + ' ' + say(state)).join(', ');
  repaint(byId('happened-list'), [digest.skipped, digest.slowest, digest.workers, studies], () => happened(digest));
  repaint(byId('queue'), digest.queue, () => queueText(digest.queue));
  const actions = digest.hold ? ['resume'] : ['pause', 'drain'];
  repaint(byId('hold'), actions, () => actions.map((action) => button(say(action), 'hold-' + action, () => changeHold(action))));
}

export async function refreshMorning() {
  try {
    const digest = await osteon('digest');
    rememberWorkers(digest);
    show(digest);
    await learnJobs(jobsIn(digest));
    show(digest);
  } catch (error) {
    repaint(byId('needs-you'), error.message, () => [line(0, say('no_digest'), error.message)]);
  }
}
