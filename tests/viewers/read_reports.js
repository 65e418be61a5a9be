// SPDX-License-Identifier: GPL-3.0-or-later
// Reads SR and SEG of the cases below a folder by the code of viewers (dcmjs and @cornerstonejs/adapters, on which OHIF is
// built): each mark must be one entry, at its place. Usage: node read_reports.js FOLDER
import assert from 'node:assert';
import fs from 'node:fs';
import path from 'node:path';

import { adaptersSR } from '@cornerstonejs/adapters';
import { metaData } from '@cornerstonejs/core';
import dcmjs from 'dcmjs';

const { MeasurementReport } = adaptersSR.Cornerstone3D;

function read(file) {
  const bytes = fs.readFileSync(file);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return dcmjs.data.DicomMetaDictionary.naturalizeDataset(dcmjs.data.DicomMessage.readFile(buffer).dict);
}

// The metadata of the source images, in the form of a viewer.
const planes = new Map();
metaData.addProvider((type, id) => (type === 'imagePlaneModule' ? planes.get(id) : undefined), 1000);

function loadSources(folder) {
  const ids = {};
  for (const file of fs.readdirSync(folder, { recursive: true }).filter((f) => f.endsWith('.dcm'))) {
    const image = read(path.join(folder, file));
    const id = ids[`${image.SOPInstanceUID}:1`] = `image:${image.SOPInstanceUID}`;
    if (!image.ImagePositionPatient) continue; // An enhanced object has them in its frames.
    planes.set(id, {
      frameOfReferenceUID: image.FrameOfReferenceUID,
      imagePositionPatient: image.ImagePositionPatient,
      rowCosines: image.ImageOrientationPatient.slice(0, 3),
      columnCosines: image.ImageOrientationPatient.slice(3),
      rowPixelSpacing: image.PixelSpacing[0],
      columnPixelSpacing: image.PixelSpacing[1],
      sliceThickness: image.SliceThickness,
    });
  }
  return ids;
}

const named = (item, code) => item.ConceptNameCodeSequence?.[0]?.CodeValue === code || item.ConceptNameCodeSequence?.CodeValue === code;
const within = (item, code) => [item.ContentSequence ?? []].flat().filter((child) => named(child, code));

// Groups of Imaging Measurements whose first place no tool of the viewer takes, by concept, graphic type and number of points.
function withoutTool(sr) {
  const groups = within(sr, '126010').flatMap((measurements) => within(measurements, '125007'));
  return groups.filter((group) => {
    const place = [group.ContentSequence].flat().find((item) => item.ValueType.startsWith('SCOORD'));
    const name = [place.ConceptNameCodeSequence].flat()[0];
    const points = place.GraphicData.length / (place.ValueType === 'SCOORD3D' ? 3 : 2);
    return !MeasurementReport.getAdaptersForTypes(`${name.CodingSchemeDesignator}:${name.CodeValue}`, place.GraphicType, points).length;
  }).map((group) => within(group, '112039')[0].TextValue);
}

// Normal variants that were no lesion before are named in one line and have no group.
const listedMarks = (findings) => [...findings.lesions, ...findings.other_marks.filter((m) => m.class !== 'normal_variant' || m.change !== 'no_prior')];

const distance = (a, b) => Math.hypot(...a.map((v, n) => v - b[n]));

function check(folder) {
  const findings = JSON.parse(fs.readFileSync(path.join(folder, 'findings.json'), 'utf8'));
  const marks = listedMarks(findings);
  const ids = loadSources(path.join(folder, 'source'));
  const state = MeasurementReport.generateToolState(read(path.join(folder, 'sr.dcm')), ids, metaData);
  const entries = Object.values(state).flat();
  assert.equal(entries.length, marks.length, 'one entry a mark');
  for (const mark of marks) {
    const entry = entries.find((e) => e.TrackingUniqueIdentifier === mark.tracking_uid);
    assert.ok(entry, `mark ${mark.number} is not listed`);
    const { annotation, findingSites } = entry;
    assert.ok(annotation.data.label, 'no label');
    assert.equal(findingSites.length, 1);
    const [point] = annotation.data.handles.points;
    const onImage = Boolean(annotation.metadata.referencedImageId);
    // A point on an image lies within half a slice of the true place.
    const limit = onImage ? planes.get(annotation.metadata.referencedImageId).sliceThickness / 2 + 4 : 0.01;
    assert.ok(distance(point, mark.centroid_mm) <= limit, `mark ${mark.number}: ${point} is not ${mark.centroid_mm}`);
  }
  assert.deepEqual(withoutTool(read(path.join(folder, 'sr.dcm'))), [], 'OHIF loads no report of marks that no tool draws');
  const segFile = path.join(folder, 'seg.dcm');
  const segments = fs.existsSync(segFile) ? [read(segFile).SegmentSequence].flat() : [];
  assert.deepEqual(segments.map((s) => s.TrackingUID).sort(), (findings.lesions ?? []).map((l) => l.tracking_uid).sort());
  return `${entries.length} entries, ${segments.length} segments`;
}

// Lesions of the last of three reports of one patient that all three list, by their tracking.
function followed(root, points) {
  const uids = points.map((name) => {
    const state = MeasurementReport.generateToolState(read(path.join(root, name, 'sr.dcm')), loadSources(path.join(root, name, 'source')), metaData);
    return new Set(Object.values(state).flat().map((entry) => entry.TrackingUniqueIdentifier));
  });
  const through = [...uids.at(-1)].filter((uid) => uids.every((those) => those.has(uid)));
  assert.ok(through.length >= 2, `only ${through.length} marks keep their tracking through ${points.join(', ')}`);
  return `${through.length} marks through ${points.length} reports`;
}

const root = process.argv[2];
let failed = 0;
for (const name of fs.readdirSync(root).sort()) {
  try {
    console.log(`${name}: ${check(path.join(root, name))}`);
  } catch (error) {
    failed += 1;
    console.log(`${name}: FAILED ${error.stack}`);
  }
}
const points = fs.readdirSync(root).filter((name) => name.startsWith('point-')).sort();
if (points.length) console.log(followed(root, points));
process.exit(failed ? 1 : 0);
