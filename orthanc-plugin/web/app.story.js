// SPDX-License-Identifier: GPL-3.0-or-later
// One job from the first image to the report: what happened, why, how long it took, what came of it.
import {byId, element, link, repaint, row} from './app.dom.js';
import {actionsOf, badge, jobButton, studyOf, whyOf} from './app.jobs.js';
import {explorerOf, instanceOf, learnStudies, orthanc, osteon, pictureOf, seriesViewersOf, viewersOf} from './app.orthanc.js';
import {coded, contrasts, count, english, localTime, reason, say, stageTimes, who} from './app.words.js';

const KINDS = [['1.2.840.10008.5.1.4.1.1.88.', 'sr'], ['1.2.840.10008.5.1.4.1.1.66.4', 'seg'], ['1.2.840.10008.5.1.4.1.1.104.1', 'pdf'], ['', 'sc']];
const kindOf = (sopClass) => KINDS.find(([begin]) => sopClass.startsWith(begin))[1];
const IMPRESSION = '121073';  // DCM, of CONFORMANCE.md.
const STAGES = /; stages: (.*)$/;  // In the reason with which a result came.

// All texts of the document whose concept is Impression.
function impressionOf(item, found = []) {
  if (item.ConceptNameCodeSequence?.[0]?.CodeValue === IMPRESSION && item.TextValue) found.push(item.TextValue);
  for (const child of item.ContentSequence || []) impressionOf(child, found);
  return found;
}

// What is in Orthanc of the job's results: the report, the segmentation, the pages by their numbers.
async function findObjects(job) {
  const stored = [];
  for (const result of job.results) {
    const id = await instanceOf(result.sop_instance_uid);
    if (!id) continue;
    const {MainDicomTags: tags} = await orthanc('instances/' + id);
    stored.push({id, kind: kindOf(result.sop_class_uid), n: Number(tags.InstanceNumber || 0)});
  }
  const order = (one) => KINDS.findIndex(([, kind]) => kind === one.kind);
  return stored.sort((a, b) => order(a) - order(b) || a.n - b.n);
}

// These with the words of the report and the body map, which is the first page.
async function findStored(job) {
  const stored = await findObjects(job);
  const report = stored.find((one) => one.kind === 'sr');
  const tags = report ? await orthanc('instances/' + report.id + '/simplified-tags') : {};
  return {stored, overview: stored.find((one) => one.kind === 'sc')?.id, impression: impressionOf(tags), language: tags.ContentSequence ? languageOf(tags) : 'en'};
}

// Language of Content Item and Descendants (121049, DCM).
function languageOf(tags) {
  const named = tags.ContentSequence.find((item) => item.ConceptNameCodeSequence?.[0]?.CodeValue === '121049');
  return (named?.ConceptCodeSequence?.[0]?.CodeValue || 'en').slice(0, 2);
}

function showReport(found) {
  byId('report').hidden = found.impression.length === 0 && !found.overview;
  repaint(byId('impression'), found.impression, () => found.impression.map((text) => {
    const made = element('p', text);
    made.lang = found.language;
    return made;
  }));
  byId('impression-note').hidden = found.impression.length === 0 || found.language === document.documentElement.lang;
  repaint(byId('overview'), found.overview, () => {
    if (!found.overview) return [];
    const picture = element('img');
    picture.src = pictureOf(found.overview);
    picture.alt = say('overview_alt');
    return [picture];
  });
}

function showStored(job, found) {
  repaint(byId('stored'), found.stored, () => {
    if (found.stored.length === 0) return [say('nothing_stored')];
    const list = element('ul');
    for (const one of found.stored) {
      const item = element('li');
      item.append(link(say(one.kind, one), explorerOf('instance', one.id)));
      list.append(item);
    }
    return [count(found.stored.length, 'object') + ': ', list];
  });
}

function showHistory(job) {
  repaint(byId('history'), job.history, () => job.history.map((step) => row([
    localTime(step.time), who(step.actor), step.from ? badge(step.from) : '', badge(step.to), coded('events', step.event, step.reason.replace(STAGES, ''), step.why),
  ])));
  const stages = job.history.map((step) => STAGES.exec(step.reason)?.[1]).filter(Boolean).at(-1);
  byId('stages-part').hidden = !stages;
  if (stages) repaint(byId('stages'), stages, () => [stageTimes(stages)]);
}

function showCopies(job) {
  byId('copies-part').hidden = job.copies.length === 0;
  repaint(byId('copies'), job.copies, () => job.copies.map((copy) => {
    const item = element('li', copy.destination + ': ' + say('copy_' + copy.state));
    if (copy.reason) item.append(', ', english(copy.reason));
    return item;
  }));
}

function seriesName(series, viewer) {
  const name = series.description || series.modality;
  if (!viewer) return name;
  const made = link(name, viewer);
  made.setAttribute('aria-label', say('open_series', {series: name}));
  return made;
}

// Rows of an answer of /osteon/explain, here and in app.ask.js. `viewers` opens a series, by its UID.
export function seriesRows(study, viewers = {}) {
  return study.series.map((series) => row([
    seriesName(series, viewers[series.series_instance_uid]), series.instances, contrasts(series.class), say(series.taken ? 'yes' : 'no'), reason(series.reason, series.why),
  ]));
}

// How the series were judged for this job, which its history has; while it collects, and where that was not kept, how they would be now.
async function showSeries(job, isOld) {
  const step = job.state === 'collecting' ? undefined : job.history.filter((one) => one.series).at(-1);
  byId('series-title').textContent = step ? say('series_then', {time: localTime(step.time)}) : say('series_now');
  byId('series-note').hidden = Boolean(step) || job.state === 'collecting';
  try {
    const study = step ? {...step, verdict: step.event === 'gate_opened' ? 'analyse' : 'skip'} : await lately('series', job, () => osteon('explain/' + job.orthanc_study));
    if (isOld()) return;
    repaint(byId('verdict'), [study.verdict, study.reason], () => [say(study.verdict), ' ', reason(study.reason, study.why)]);
    const viewers = await lately('viewers', job, () => seriesViewersOf(job.orthanc_study));
    if (isOld()) return;
    repaint(byId('series'), [study.series, viewers], () => seriesRows(study, viewers));
  } catch (error) {
    if (isOld()) return;
    repaint(byId('verdict'), error.message, () => [english(error.message)]);
    repaint(byId('series'), [], () => []);
  }
}

async function showLinks(job, isOld) {
  const viewers = await viewersOf(job.study_instance_uid, job.orthanc_study);
  if (isOld()) return;
  repaint(byId('story-links'), [job.id, job.state, job.copies, viewers], () => {
    const links = [link(say('in_orthanc'), explorerOf('study', job.orthanc_study))];
    for (const viewer of viewers) links.push(link(say('open_in', {viewer: viewer.name}), viewer.href));
    return [...links, ...actionsOf(job, 'story-')];
  });
}

// What takes Orthanc time is asked again when the job has changed, and after half a minute: the page refreshes every 3 s.
const known = {};
async function lately(what, job, ask) {
  const key = [job.id, job.updated, job.state, Math.floor(Date.now() / 30000)].join();
  if (known[what]?.key !== key) known[what] = {key, value: await ask()};
  return known[what].value;
}

let shownJob = 0;
let showings = 0;

// What Orthanc is asked for comes later than the rest: until then nothing of an earlier story stands there.
function begin() {
  byId('story-title').focus();
  byId('report').hidden = true;
  for (const part of ['story-links', 'stored', 'verdict', 'series']) repaint(byId(part), null, () => []);
}

// Shows the job; it becomes the focus when it was not shown before. Once another one is asked for, no late answer about this one is painted.
async function show(id) {
  const mine = ++showings;
  const isOld = () => mine !== showings;
  const job = await osteon('jobs/' + id);
  await learnStudies([job.orthanc_study]);
  const others = (await osteon('jobs?study=' + job.orthanc_study)).jobs;
  if (isOld()) return;
  const isNew = shownJob !== id;
  shownJob = id;
  byId('story').hidden = byId('told').hidden = false;
  byId('story-title').textContent = say('story', {id, state: say(job.state)});
  if (isNew) begin();
  repaint(byId('story-study'), [job.study_instance_uid, job.orthanc_study], () => [studyOf(job)]);
  showHistory(job);
  showCopies(job);
  repaint(byId('earlier'), others, () => others.map((other) => {
    const item = element('li');
    item.append(jobButton(other.id, 'other-'), ' ', badge(other.state), ' ', whyOf(other));
    return item;
  }));
  await showLinks(job, isOld);
  if (!isOld()) await showSeries(job, isOld);
  const found = await lately('stored', job, () => findStored(job));
  if (isOld()) return;
  showReport(found);
  showStored(job, found);
}

function hide() {
  ++showings;
  shownJob = 0;
  byId('story').hidden = true;
}

function close() {
  const opener = document.querySelector('[data-key="open-' + shownJob + '"]');
  hide();
  if (location.hash) history.replaceState(null, '', location.pathname + location.search);
  opener?.focus();
}

const inAddress = () => decodeURIComponent(location.hash.slice(1)).split('=');

// The job that the address names: #job=7, or #study=<Orthanc's id> for the newest of a study.
async function jobInAddress() {
  const [what, value] = inAddress();
  if (what === 'job' && /^\d+$/.test(value)) return Number(value);
  if (what !== 'study') return 0;
  const {jobs} = await osteon('jobs?limit=1&study=' + encodeURIComponent(value));
  return jobs.at(-1)?.id || 0;
}

let askedStudy = '';

// Of a study that has no job the rule tester says why, once.
function askWhyNone() {
  const [what, value] = inAddress();
  if (what !== 'study' || value === askedStudy) return;
  askedStudy = value;
  byId('ask-what').value = value;
  byId('ask').requestSubmit();
  byId('ask').scrollIntoView();
}

export async function refreshStory() {
  const hash = location.hash;
  try {
    const id = await jobInAddress();
    if (hash !== location.hash) return;  // Another one was asked for meanwhile.
    if (id) {
      askedStudy = '';
      await show(id);
    } else {
      hide();
      askWhyNone();
    }
  } catch (error) {
    if (hash !== location.hash) return;
    byId('story').hidden = false;
    byId('told').hidden = true;
    byId('story-title').replaceChildren(error.status === 404 ? say('no_such_job') : english(error.message));
  }
}

export function startStory() {
  byId('close').addEventListener('click', close);
  byId('story').addEventListener('keydown', (event) => { if (event.key === 'Escape') close(); });
  window.addEventListener('hashchange', refreshStory);
}
