// SPDX-License-Identifier: GPL-3.0-or-later
// Starts the page of administrators, and keeps it fresh while it is looked at.
import {startAsk} from './app.ask.js';
import {byId} from './app.dom.js';
import {refreshJobs} from './app.jobs.js';
import {refreshMorning} from './app.morning.js';
import {refreshStory, startStory} from './app.story.js';
import {startWords} from './app.words.js';

const JOBS_MS = 3000;
const MORNING_MS = 30000;

async function refresh() {
  await Promise.all([refreshJobs(), refreshMorning(), refreshStory()]);
}

// Again when the last one is answered and the time is over; a page in the background asks for nothing.
function every(milliseconds, work) {
  window.setTimeout(async () => {
    if (!document.hidden) await work();
    every(milliseconds, work);
  }, milliseconds);
}

startWords(byId('language'), refresh);
startAsk();
startStory();
window.addEventListener('osteon-changed', refresh);
refresh();
every(JOBS_MS, () => Promise.all([refreshJobs(), refreshStory()]));
every(MORNING_MS, refreshMorning);
