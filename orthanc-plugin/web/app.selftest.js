// SPDX-License-Identifier: GPL-3.0-or-later
// The self-test: a button that starts one, how far it is, and how the last one ended.
import {announce, button, byId, repaint} from './app.dom.js';
import {tell} from './app.orthanc.js';
import {english, lasting, localTime, reason, say, who} from './app.words.js';

let ran = false;

async function start() {
  if (!window.confirm(say('selftest_sure'))) return;
  try {
    await tell('selftest/start');
    announce(say('selftest_begun'));
    window.dispatchEvent(new Event('osteon-changed'));
  } catch (error) {
    window.alert(error.status === 409 ? say('selftest_runs') : say('not_done', {why: error.message}));
  }
}

// Why it failed: words of the code with what to do, and the plugin's own words about this case. `osteon selftest` has no codes.
function whyNot(last) {
  if (!last.code) return last.reason ? [' ', english(last.reason.replace(/\.?$/, '.'))] : [];
  return [' ', say('selftest_why_' + last.code, last), ...(last.detail ? [' (', reason(last.detail, last.why), ')'] : [])];
}

function lastText(last) {
  if (!last) return [say('selftest_none')];
  const ended = !last.passed ? 'selftest_failed' : last.silent ? 'selftest_silent' : 'selftest_passed';
  return [say(ended, {time: localTime(last.at), found: last.found, of: last.of, lasting: lasting(last.seconds)}), ...(last.passed ? [] : whyNot(last))];
}

// `stateOf` shows a job's state and how far it is.
export function showSelftest({selftest, selftest_running: running}, stateOf) {
  repaint(byId('selftest'), [selftest, running], () => running
    ? [say('selftest_running', {time: localTime(running.since), by: who(running.by)}), ' ', running.job ? stateOf(running.job) : say('selftest_sending')]
    : [...lastText(selftest), ' ', button(say('selftest_start'), 'selftest', start)]);
  if (ran && !running) announce(byId('selftest').firstChild.textContent);
  ran = Boolean(running);
}
