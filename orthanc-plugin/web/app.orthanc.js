// SPDX-License-Identifier: GPL-3.0-or-later
// Osteon's routes, and what the page reads from Orthanc itself with the rights of the user who looks at it: accession number and
// date of a study, the objects of a report, which viewers there are. None of that is in Osteon's own answers.

// The page may be at .../osteon/app or .../osteon/app/, behind a proxy that adds something in front.
export const ORTHANC = location.pathname.slice(0, location.pathname.lastIndexOf('/osteon/') + 1);

async function ask(path, method, body) {
  const reply = await fetch(ORTHANC + path, {method, headers: {'X-Osteon': '1'}, body: body && JSON.stringify(body)});
  const json = await reply.json().catch(() => ({}));
  if (!reply.ok) throw Object.assign(new Error(json.error || json.Message || reply.statusText), {status: reply.status});
  return json;
}

export const osteon = (path) => ask('osteon/' + path, 'GET');
export const tell = (path) => ask('osteon/' + path, 'POST', {});
export const orthanc = (path) => ask(path, 'GET');
export const find = (path, body) => ask(path, 'POST', body);

// Orthanc's id of a study -> its main tags; of one that is gone nothing is known.
const tags = new Map();
export const tagsOf = (study) => tags.get(study) || {};

// Asks for what is not known yet, all at once.
export async function learnStudies(ids) {
  const unknown = [...new Set(ids)].filter((id) => id && !tags.has(id));
  if (unknown.length === 0) return;
  try {
    for (const study of await find('tools/bulk-content', {Resources: unknown, Level: 'Study'})) tags.set(study.ID, study.MainDicomTags);
  } catch {
    return;  // This user may not, or this Orthanc cannot: the UIDs stay.
  }
  for (const id of unknown) if (!tags.has(id)) tags.set(id, {});
}

// Job -> Orthanc's id of its study, which is never another one.
const studies = new Map();
export const tagsOfJob = (job) => tagsOf(studies.get(job));

export function rememberStudies(jobs) {
  for (const job of jobs) studies.set(job.id, job.orthanc_study);
}

// Asks for the studies of jobs that are known by number only.
export async function learnJobs(ids) {
  try {
    rememberStudies(await Promise.all([...new Set(ids)].filter((id) => !studies.has(id)).map((id) => osteon('jobs/' + id))));
  } catch {
    return;  // The next refresh asks again.
  }
  await learnStudies(ids.map((id) => studies.get(id)));
}

export async function studiesWithAccession(number) {
  return find('tools/find', {Level: 'Study', Query: {AccessionNumber: number}});
}

// The stored object of a SOP Instance UID: Orthanc's id, or nothing when it is gone.
export async function instanceOf(uid) {
  const reply = await fetch(ORTHANC + 'tools/lookup', {method: 'POST', body: uid});
  const found = reply.ok ? await reply.json() : [];
  return found.find((one) => one.Type === 'Instance')?.ID;
}

// By plugin: where it opens a study.
const VIEWERS = {
  'stone-webviewer': ['Stone', (uid) => 'stone-webviewer/index.html?study=' + encodeURIComponent(uid)],
  'ohif': ['OHIF', (uid, id) => 'ohif/viewer?StudyInstanceUIDs=' + encodeURIComponent(uid) + '&url=../studies/' + id + '/ohif-dicom-json'],
  'osimis-web-viewer': ['Osimis', (_, id) => 'osimis-viewer/app/index.html?study=' + id],
};

let plugins;
async function installed() {
  plugins ??= await orthanc('plugins').catch(() => []);
  return plugins;
}

export async function viewersOf(uid, id) {
  return (await installed()).filter((name) => name in VIEWERS).map((name) => ({name: VIEWERS[name][0], href: ORTHANC + VIEWERS[name][1](uid, id)}));
}

// Orthanc's own web viewer, which Debian has, opens a series: its addresses by Series Instance UID.
export async function seriesViewersOf(study) {
  if (!(await installed()).includes('web-viewer')) return {};
  const series = await orthanc('studies/' + study + '/series').catch(() => []);  // The study may be gone.
  return Object.fromEntries(series.map((one) => [one.MainDicomTags.SeriesInstanceUID, ORTHANC + 'web-viewer/app/viewer.html?series=' + one.ID]));
}

export const explorerOf = (level, id) => ORTHANC + 'app/explorer.html#' + level + '?uuid=' + id;
export const pictureOf = (instance) => ORTHANC + 'instances/' + instance + '/preview';
