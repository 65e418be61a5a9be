// SPDX-License-Identifier: GPL-3.0-or-later
// The first part of the page: the morning digest. Uses what app.js defines.
'use strict';

const DIGEST_REFRESH_MS = 30000;

// A duration as people say it, two units at most.
function lasting(seconds) {
  const units = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
  const parts = [];
  let left = Math.max(0, Math.round(seconds));
  for (const [size, name] of units) {
    const whole = Math.floor(left / size);
    left -= whole * size;
    if (whole > 0 && parts.length < 2) parts.push(whole + ' ' + name);
    if (parts.length === 1 && whole === 0) break;
  }
  return parts.join(' ') || '0 s';
}

function jobButton(job) {
  return button('job ' + job, () => {
    shownJob = job;
    showDetail();
    byId('detail').scrollIntoView();
  });
}

// One line: an optional button of a job, words, and what to do.
function line(job, text, hint) {
  const item = element('li');
  if (job) item.append(jobButton(job), ' ');
  item.append(text);
  if (hint) item.append(element('span', hint, 'hint'));
  return item;
}

function needsYou(digest) {
  const lines = digest.trouble.map((text) => line(0, text, 'osteon doctor says what to do'));
  if (digest.hold) {
    const drains = digest.hold.kind === 'drain';
    lines.push(line(0, (drains ? 'Draining' : 'Paused') + ' since ' + localTime(digest.hold.since) + ' by ' + digest.hold.by +
        (drains ? ': what came later is not handed out' : ': nothing is handed out')));
  }
  for (const one of digest.stuck) lines.push(line(one.job, 'is stuck since ' + localTime(one.since) + ': ' + one.cause, one.hint));
  for (const one of digest.not_evaluable)
    lines.push(line(one.job, 'was not evaluable: ' + one.reason, 'this is not a negative result: a radiologist must read these images'));
  if (digest.copies_failed > 0) lines.push(line(0, count(digest.copies_failed, 'report') + ' did not reach another node', 'see its copies, and resend'));
  return lines.length > 0 ? lines : [line(0, 'Nothing.')];
}

function happened(digest) {
  const lines = digest.skipped.map((one) => line(one.example, one.count + ' skipped: ' + one.reason));
  for (const one of digest.slowest) lines.push(line(one.job, 'took ' + lasting(one.seconds) + ' on ' + one.worker));
  for (const one of digest.workers) {
    const did = [count(one.reports, 'report')];
    for (const [number, what] of [[one.skipped, 'skipped'], [one.failed, 'failed'], [one.given_back, 'given back']])
      if (number > 0) did.push(number + ' ' + what);
    const where = one.here ? 'here with ' + count(one.slots, 'slot') : 'not here now, last heard of ' + localTime(one.last_ended);
    lines.push(line(0, 'Worker ' + one.name + ': ' + did.join(', ') + '; ' + where));
  }
  return lines;
}

function queueText(queue) {
  const text = queue.ready + ' ready, ' + (queue.leased + queue.storing) + ' with a worker, ' + queue.retry_wait + ' to be tried again; ' +
      queue.collecting + ' still collecting. ';
  if (queue.empty_unknown) return text + 'When it will be empty is unknown: ' + queue.empty_unknown + '.';
  if (queue.seconds_a_study === null) return text + 'It is empty.';
  return text + 'Empty about ' + localTime(queue.empty_at) + ' (' + lasting(queue.seconds_a_study) + ' a study, measured on ' +
      count(queue.measured, 'study').replace('studys', 'studies') + ').';
}

const HOLDS = {
  pause: 'Hand out nothing until it is resumed? What workers have is finished.',
  drain: 'Finish the jobs that are here, and hand out nothing that comes later until it is resumed?',
  resume: '',
};

async function changeHold(action) {
  if (HOLDS[action] && !window.confirm(HOLDS[action])) return;
  try {
    await call(action, 'POST');
    await refreshDigest();
  } catch (error) {
    window.alert(error.message);
  }
}

function holdButtons(hold) {
  const actions = hold ? ['resume'] : ['pause', 'drain'];
  return actions.map((action) => button(action, () => changeHold(action)));
}

async function refreshDigest() {
  try {
    const digest = await call('digest');
    byId('period').textContent = 'From ' + localTime(digest.since) + ' to ' + localTime(digest.until);
    byId('needs-you').replaceChildren(...needsYou(digest));
    byId('happened').textContent = ['done', 'not_evaluable', 'stuck', 'skipped', 'cancelled']
        .map((state) => digest.jobs[state] + ' ' + words(state)).join(', ');
    byId('happened-list').replaceChildren(...happened(digest));
    byId('queue').textContent = queueText(digest.queue);
    byId('hold').replaceChildren(...holdButtons(digest.hold));
  } catch (error) {
    byId('needs-you').replaceChildren(line(0, 'The digest cannot be made: ' + error.message));
  }
}

refreshDigest();
window.setInterval(() => { if (!document.hidden) refreshDigest(); }, DIGEST_REFRESH_MS);
