// SPDX-License-Identifier: GPL-3.0-or-later
// The rule tester: would this study be taken, and why not?
import {byId, element} from './app.dom.js';
import {badge, jobButton, studyOf} from './app.jobs.js';
import {learnStudies, osteon, studiesWithAccession} from './app.orthanc.js';
import {seriesRows} from './app.story.js';
import {count, english, reason, say} from './app.words.js';

const COLUMNS = ['col_series', 'col_instances', 'col_class', 'col_taken', 'col_why'];

function seriesTable(study) {
  const table = element('table');
  const head = element('tr');
  for (const column of COLUMNS) {
    const cell = element('th', say(column));
    cell.scope = 'col';
    head.append(cell);
  }
  const thead = element('thead');
  thead.append(head);
  const body = element('tbody');
  body.append(...seriesRows(study));
  table.append(thead, body);
  return table;
}

function answerOf(study) {
  const part = element('section');
  const verdict = element('p');
  verdict.append(element('strong', say(study.verdict)), ' ', reason(study.reason, study.why));
  if (study.caveat) verdict.append('; ', english(study.caveat));
  const job = element('p');
  if (study.job) job.append(say('its_job'), ' ', jobButton(study.job.id, 'asked-'), ' ', badge(study.job.state), ' ', reason(study.job.reason, study.job.why));
  else job.append(say('no_job'));
  part.append(studyOf({orthanc_study: study.orthanc_id, study_instance_uid: study.study_instance_uid}), verdict);
  if (study.needed_mm > 0) part.append(element('p', say('covers', {extent: study.extent_mm, needed: study.needed_mm})));
  part.append(job, seriesTable(study));
  return part;
}

async function explained(name) {
  try {
    return await osteon('explain/' + encodeURIComponent(name));
  } catch (error) {
    if (error.status === 404) return null;
    throw error;
  }
}

// By UID or Orthanc's id first, then by accession number.
async function studiesOf(what) {
  const named = /^[0-9a-f.-]+$/.test(what) ? await explained(what) : null;
  if (named) return [named];
  const found = await Promise.all((await studiesWithAccession(what)).map(explained));
  return found.filter(Boolean);
}

async function ask(what) {
  if (/[*?\\]/.test(what)) return [say('ask_wildcard')];
  const studies = await studiesOf(what);
  if (studies.length === 0) return [say('ask_none', {what})];
  await learnStudies(studies.map((study) => study.orthanc_id));
  const many = studies.length > 1 ? [element('p', say('ask_many', {studies: count(studies.length, 'study')}))] : [];
  return [...many, ...studies.map(answerOf), element('p', say('ask_note'), 'hint')];
}

export function startAsk() {
  byId('ask').addEventListener('submit', async (event) => {
    event.preventDefault();
    const what = byId('ask-what').value.trim();
    if (!what) return;
    byId('answer').replaceChildren(say('asking'));
    try {
      byId('answer').replaceChildren(...await ask(what));
    } catch (error) {
      byId('answer').replaceChildren(english(error.message));
    }
  });
}
