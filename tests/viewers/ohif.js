// SPDX-License-Identifier: GPL-3.0-or-later
// Opens studies with their SR and SEG in OHIF, in headless Chromium, from a real Orthanc: OHIF must list every mark, jump to each, and
// log no error on the console, also with the pages in the study; and show the segments on the images. The one exception: it does not
// show a SEG on the composed grid of several stations. Keeps a screenshot of each step.
// Usage: node ohif.js OHIF_DIST CASES_FOLDER CASE...
import assert from 'node:assert';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';

import { chromium } from 'playwright-core';

const [dist, cases, ...names] = process.argv.slice(2);
const PATIENCE_MS = 300_000; // The machine may be busy.
// How OHIF's reader of a SEG ends where it needs the grid of the images. It takes one station, whichever it has first. When the
// first frame names an image of that station, it compares rows and columns and throws; else it waits for ever.
const OTHER_GRID = 'Individual SEG frames have different geometry dimensions';
const OTHER_STATION = 'Image not present in stack';
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.wasm': 'application/wasm', '.svg': 'image/svg+xml', '.png': 'image/png' };

async function until(what, ask) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function startOrthanc(folder) {
  const free = http.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => free.once('listening', resolve));
  const { port } = free.address();
  await new Promise((resolve) => free.close(resolve));
  const config = path.join(folder, 'orthanc.json');
  fs.writeFileSync(config, JSON.stringify({
    Name: 'viewers', StorageDirectory: path.join(folder, 'storage'), IndexDirectory: path.join(folder, 'storage'), HttpPort: port, RemoteAccessAllowed: false,
    DicomServerEnabled: false, AuthenticationEnabled: false, Plugins: ['/usr/share/orthanc/plugins/libOrthancDicomWeb.so'], DicomWeb: { Enable: true, Root: '/dicom-web/' },
  }));
  const log = fs.openSync(path.join(folder, 'orthanc.log'), 'w');
  const child = spawn('Orthanc', [config], { stdio: ['ignore', log, log] });
  const url = `http://127.0.0.1:${port}`;
  await until('Orthanc answers', () => fetch(`${url}/dicom-web/studies`).then((r) => r.ok, () => false));
  return { child, url, port };
}

async function store(url, folder) {
  const files = fs.readdirSync(path.join(folder, 'source'), { recursive: true }).map((f) => path.join('source', f));
  for (const file of [...files, ...fs.readdirSync(folder)].filter((f) => f.endsWith('.dcm'))) {
    const reply = await fetch(`${url}/instances`, { method: 'POST', body: fs.readFileSync(path.join(folder, file)) });
    assert.ok(reply.ok, `${file}: ${await reply.text()}`);
  }
}

// Serves OHIF, and DICOMweb at the same address, as a hospital's proxy does. An extension gives the test access to OHIF's services.
const CONFIG = `window.config = {
  routerBasename: '/', extensions: [{ id: 'osteon-test', preRegistration: ({ servicesManager, commandsManager }) => { window.ohif = { ...servicesManager.services, commandsManager }; } }],
  modes: [], showStudyList: false, maxNumberOfWebWorkers: 1, showWarningMessageForCrossOrigin: false, defaultDataSourceName: 'dicomweb', investigationalUseDialog: { option: 'never' },
  disableConfirmationPrompts: true,
  dataSources: [{ namespace: '@ohif/extension-default.dataSourcesModule.dicomweb', sourceName: 'dicomweb', configuration: {
    friendlyName: 'Orthanc', name: 'orthanc', wadoUriRoot: '/dicom-web', qidoRoot: '/dicom-web', wadoRoot: '/dicom-web', qidoSupportsIncludeField: false, imageRendering: 'wadors',
    thumbnailRendering: 'wadors', enableStudyLazyLoad: true, supportsFuzzyMatching: false, supportsWildcard: true, omitQuotationForMultipartRequest: true,
    bulkDataURI: { enabled: true, relativeResolution: 'studies' } } }],
};`;

function serve(orthanc) {
  const server = http.createServer((request, reply) => {
    if (request.url.startsWith('/dicom-web/')) {
      const onward = http.request({ host: '127.0.0.1', port: orthanc.port, path: request.url, method: request.method, headers: request.headers }, (answer) => {
        reply.writeHead(answer.statusCode, answer.headers);
        answer.pipe(reply);
      });
      onward.on('error', () => reply.destroy());
      request.pipe(onward);
      return;
    }
    const name = decodeURIComponent(request.url.split('?')[0]);
    if (name === '/app-config.js') return void reply.writeHead(200, { 'Content-Type': TYPES['.js'] }).end(CONFIG);
    let file = path.join(dist, path.normalize(name));
    if (!fs.existsSync(file) || fs.statSync(file).isDirectory()) file = path.join(dist, 'index.html');
    // Without these headers a browser gives the page no shared memory.
    const headers = { 'Content-Type': TYPES[path.extname(file)] ?? 'application/octet-stream', 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };
    reply.writeHead(200, headers).end(fs.readFileSync(file));
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

async function check(browser, address, folder, shots) {
  const findings = JSON.parse(fs.readFileSync(path.join(folder, 'findings.json'), 'utf8'));
  const marks = [...findings.lesions, ...findings.other_marks.filter((m) => m.class !== 'normal_variant' || m.change !== 'no_prior')];
  const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
  page.setDefaultTimeout(PATIENCE_MS);
  await page.addInitScript(() => localStorage.setItem('shownTours', '["basicViewerTour"]')); // Skips OHIF's tour for new users.
  const errors = [];
  const warnings = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(`${message.text().slice(0, 1000)} ${message.location().url}`));
  page.on('console', (message) => message.type() === 'warning' && warnings.push(message.text()));
  page.on('pageerror', (error) => errors.push(error.stack ?? String(error)));
  await page.goto(`${address}/viewer?StudyInstanceUIDs=${findings.study_instance_uid}`);
  const wanted = ['MR', 'SR', 'OT', ...(findings.lesions.length ? ['SEG'] : [])];
  await until('OHIF has all series', () => page.evaluate((m) => {
    const there = window.ohif?.displaySetService?.getActiveDisplaySets() ?? [];
    return m.every((modality) => there.some((d) => d.Modality === modality)) && window.ohif.viewportGridService.getActiveViewportId();
  }, wanted));
  await until('an image is shown', () => page.evaluate(() => {
    const viewport = window.ohif.cornerstoneViewportService.getCornerstoneViewport(window.ohif.viewportGridService.getActiveViewportId());
    return viewport?.getImageIds?.().length > 0;
  }));
  // The phantom's files have no window.
  await page.evaluate(() => {
    const viewport = window.ohif.cornerstoneViewportService.getCornerstoneViewport(window.ohif.viewportGridService.getActiveViewportId());
    viewport.setProperties({ voiRange: { lower: 0, upper: 250 } });
    viewport.render();
  });
  await page.screenshot({ path: path.join(shots, '1-study.png') });

  // Before the SEG: OHIF keeps a viewport that had one for volumes, and fails to draw colour in it.
  await show(page, 'OT');
  await page.screenshot({ path: path.join(shots, '2-page.png') });
  await show(page, 'MR');

  // Does what a double click on the report does: reads it, then loads its marks into the list.
  const read = await page.evaluate(async () => {
    const sr = window.ohif.displaySetService.getActiveDisplaySets().find((d) => d.Modality === 'SR');
    await sr.load?.();
    return { count: sr.measurements?.length ?? 0, rehydratable: sr.isRehydratable };
  });
  assert.equal(read.count, marks.length, 'OHIF reads one entry a mark');
  if (marks.length) assert.ok(read.rehydratable, 'OHIF can load the marks into its list');
  await hang(page, 'SR');
  const listed = marks.length ? await list(page, marks) : [];
  await page.screenshot({ path: path.join(shots, '3-report.png') });
  if (marks.length) await jump(page, listed, shots);
  const ownGrid = findings.lesions.length > 0 && (await hasOwnGrid(page));
  if (findings.lesions.length) {
    await hang(page, 'SEG');
    if (ownGrid) await until('OHIF has read the segmentation', () => errors.some(isOtherGrid) || warnings.some((w) => w.includes(OTHER_STATION)));
    await (ownGrid ? notShown(page) : shown(page, findings.lesions));
    await page.screenshot({ path: path.join(shots, '5-segmentation.png') });
  }
  await page.close();
  return { entries: read.count, rehydratable: read.rehydratable, errors: errors.filter((e) => !(ownGrid && isOtherGrid(e))) };
}

const isOtherGrid = (error) => error.includes(OTHER_GRID);

// Puts the series into the viewport, as a double click does.
function hang(page, modality) {
  return page.evaluate((m) => {
    const { displaySetService, hangingProtocolService, viewportGridService } = window.ohif;
    const { displaySetInstanceUID } = displaySetService.getActiveDisplaySets().find((d) => d.Modality === m);
    const id = viewportGridService.getActiveViewportId();
    viewportGridService.setDisplaySetsForViewports(hangingProtocolService.getViewportsRequireUpdate(id, displaySetInstanceUID, true));
  }, modality);
}

// Waits until an image of the series is drawn: OHIF reports an error when the viewport is given away before.
async function show(page, modality) {
  await hang(page, modality);
  await until(`${modality} is shown`, () => page.evaluate((m) => {
    const { cornerstoneViewportService, displaySetService, viewportGridService } = window.ohif;
    const image = cornerstoneViewportService.getCornerstoneViewport(viewportGridService.getActiveViewportId())?.getCornerstoneImage?.();
    return image && displaySetService.getActiveDisplaySets().some((d) => d.Modality === m && image.imageId.includes(d.SeriesInstanceUID));
  }, modality));
  await page.waitForTimeout(1000); // Drawn with the next frame.
}

async function list(page, marks) {
  const listed = await until('the marks are in the list', () => page.evaluate((count) => {
    const all = window.ohif.measurementService.getMeasurements();
    return all.length >= count && all.map((m) => ({ uid: m.uid, label: m.label, series: m.referenceSeriesUID, points: m.points }));
  }, marks.length));
  assert.equal(listed.length, marks.length, 'OHIF lists one entry a mark');
  await page.evaluate(() => {
    const { panelService } = window.ohif;
    const list = panelService.getPanels('right').find((p) => /easurement/.test(p.id));
    if (list) panelService.activatePanel(list.id, true);
  });
  return listed;
}

async function jump(page, listed, shots) {
  for (const [n, { uid, points }] of [listed[0], listed.at(-1)].entries()) {
    await page.evaluate((id) => window.ohif.measurementService.jumpToMeasurement(window.ohif.viewportGridService.getActiveViewportId(), id), uid);
    await until('the viewport is there', () => page.evaluate((point) => {
      const viewport = window.ohif.cornerstoneViewportService.getCornerstoneViewport(window.ohif.viewportGridService.getActiveViewportId());
      const { focalPoint, viewPlaneNormal } = viewport?.getCamera?.() ?? {};
      if (!focalPoint) return false;
      const away = viewPlaneNormal.reduce((sum, v, i) => sum + v * (focalPoint[i] - point[i]), 0);
      return Math.abs(away) < 12;
    }, points[0]));
    await page.waitForTimeout(5000); // Images of another series load.
    await page.screenshot({ path: path.join(shots, `4-jump-${n + 1}.png`) });
  }
}

// Whether no source image has the rows and columns of the SEG.
function hasOwnGrid(page) {
  return page.evaluate(() => {
    const sets = window.ohif.displaySetService.getActiveDisplaySets();
    const seg = sets.find((d) => d.Modality === 'SEG').instance;
    return !sets.some((d) => d.Modality === 'MR' && d.instances.some((i) => i.Rows === seg.Rows && i.Columns === seg.Columns));
  });
}

// An OHIF that does show such a SEG is good news, but not what the conformance statement says.
async function notShown(page) {
  const segmentations = await page.evaluate(() => window.ohif.segmentationService.getSegmentations().length);
  assert.equal(segmentations, 0, 'OHIF shows a SEG on a grid of its own: correct the conformance statement, and this test');
}

async function shown(page, lesions) {
  const representation = await until('the segments are on the images', () => page.evaluate(() => {
    const { segmentationService, viewportGridService } = window.ohif;
    const [one] = segmentationService.getSegmentationRepresentations(viewportGridService.getActiveViewportId());
    return one && Object.keys(one.segments).length && { id: one.segmentationId, segments: Object.keys(one.segments).length };
  }));
  assert.equal(representation.segments, lesions.length, 'one segment a lesion');
  await page.evaluate((id) => {
    const { panelService, segmentationService, viewportGridService } = window.ohif;
    const panel = panelService.getPanels('right').find((p) => /egmentation/.test(p.id));
    if (panel) panelService.activatePanel(panel.id, true);
    segmentationService.jumpToSegmentCenter(id, 1, viewportGridService.getActiveViewportId());
  }, representation.id);
  await page.waitForTimeout(5000); // The slice loads.
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'osteon-ohif-'));
let failed = 0;
let orthanc, server, browser;
try {
  orthanc = await startOrthanc(folder);
  server = await serve(orthanc);
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'] });
  for (const name of names) {
    const shots = path.join(cases, '..', 'ohif', name);
    fs.mkdirSync(shots, { recursive: true });
    try {
      await fetch(`${orthanc.url}/studies`).then((r) => r.json()).then((ids) => Promise.all(ids.map((id) => fetch(`${orthanc.url}/studies/${id}`, { method: 'DELETE' }))));
      await store(orthanc.url, path.join(cases, name));
      const { entries, rehydratable, errors } = await check(browser, `http://127.0.0.1:${server.address().port}`, path.join(cases, name), shots);
      console.log(`${name}: ${entries} entries, rehydratable ${rehydratable}, ${errors.length} errors, pictures in ${shots}`);
      for (const error of errors) console.log(`  ${error}`);
      failed += errors.length ? 1 : 0;
    } catch (error) {
      failed += 1;
      console.log(`${name}: FAILED ${error.stack}`);
    }
  }
} finally {
  await browser?.close();
  server?.close();
  orthanc?.child.kill();
  fs.rmSync(folder, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
