# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks after each run of tests/faults, whatever was broken in it, that nothing is lost, double or unexplained. The table of legal
steps is written here a second time, so that a mistake in the product's own table is found.
"""
import contextlib
import hashlib
import io
import os
import re

import pydicom

from fault_lab import Down

SR_CLASS = '1.2.840.10008.5.1.4.1.1.88.34'
FINAL = ('done', 'not_evaluable', 'stuck', 'skipped', 'cancelled')

# event: {from: to}, as orthanc-plugin/ledger/README.md has them.
LEGAL = {
    'opened': {'': 'collecting'},
    'gate_opened': {'collecting': 'ready'},
    'not_selected': {'collecting': 'skipped', 'leased': 'skipped'},
    'inputs_changed': {s: 'collecting' for s in ('ready', 'leased', 'retry_wait', 'stuck', 'skipped', 'cancelled')},
    'lease': {'ready': 'leased'},
    'result_received': {'leased': 'storing'},
    'verified': {'storing': 'done'},
    'verified_not_evaluable': {'storing': 'not_evaluable'},
    'released': {'leased': 'ready'},
    'failed_for_now': {'leased': 'retry_wait', 'storing': 'retry_wait'},
    'failed_for_good': {'leased': 'stuck', 'storing': 'stuck'},
    'retry_due': {'retry_wait': 'ready'},
    'operator_retry': {'retry_wait': 'ready', 'stuck': 'ready', 'skipped': 'collecting', 'cancelled': 'collecting'},
    'deleted': {'done': 'cancelled', 'not_evaluable': 'cancelled'},
    'cancel': {s: 'cancelled' for s in ('collecting', 'ready', 'leased', 'storing', 'retry_wait', 'stuck')},
}


class Findings:
    """The problems found, by kind."""

    def __init__(self):
        self.lost, self.double, self.unexplained = [], [], []

    def any(self):
        return bool(self.lost or self.double or self.unexplained)

    def lines(self):
        return [f'{kind}: {text}' for kind in ('lost', 'double', 'unexplained') for text in getattr(self, kind)]


def pending(lab, studies):
    """Reasons why it is too early to judge: studies that are not finished, and spools that are not empty."""
    jobs = lab.jobs_by_study()
    waiting = []
    for study in studies:
        job = jobs.get(study.orthanc_id)
        if study.deleted:
            if job and job['state'] not in ('cancelled', 'skipped'):
                waiting.append(f'{study.seed}, deleted, is {job["state"]}')
            continue
        if job is None:
            waiting.append(f'{study.seed} has no job')
        elif job['state'] not in FINAL or job['state'] == 'cancelled':
            waiting.append(f'{study.seed} is {job["state"]}: {job["reason"]}')
        elif job['inputs_hash'] != study.inputs_hash():
            waiting.append(f'{study.seed} is {job["state"]}, but not yet for all its images')
    for copy in lab.rows("SELECT job, destination, reason FROM deliveries WHERE state IN ('waiting', 'sending')"):
        waiting.append(f'the copy of job {copy["job"]} to {copy["destination"]} waits: {copy["reason"]}')
    for name in lab.workers:
        spool = lab.path(name, 'spool')
        held = [f for f in os.listdir(spool) if f.startswith(('run-', 'offer-'))] if os.path.isdir(spool) else []
        if held:
            waiting.append(f'{name} holds {held}')
    return waiting


def compared(lab):
    """Whether intake has checked all studies since Orthanc started: before that, the ledger may be newer or older than Orthanc."""
    with contextlib.suppress(Down):
        status = lab.call('GET', '/osteon/status')
        return status is not None and not any('still comparing' in text or 'not started' in text for text in status['trouble'])
    return False


def looking(lab):
    """Whether intake still has to check a study, even if only because of our own report."""
    return bool(lab.rows('SELECT study_id FROM studies WHERE due_ms IS NOT NULL'))


def check_history(lab, job, findings):
    label = f'job {job["id"]}'
    rows = lab.rows('SELECT * FROM history WHERE job = ? ORDER BY sequence', job['id'])
    state, attempt = '', 0
    for row in rows:
        step = f'{label}: {row["from_state"]} --{row["event"]}--> {row["to_state"]}'
        if row['from_state'] != state:
            findings.unexplained.append(f'{step} follows {state}')
        if LEGAL.get(row['event'], {}).get(row['from_state']) != row['to_state']:
            findings.unexplained.append(f'{step} is not legal')
        if not row['actor'] or not row['reason']:
            findings.unexplained.append(f'{step} has no actor or no reason')
        if row['attempt'] != attempt + (row['event'] == 'lease'):
            findings.unexplained.append(f'{step} has attempt {row["attempt"]} after {attempt}')
        state, attempt = row['to_state'], row['attempt']
    if state != job['state']:
        findings.unexplained.append(f'{label} is {job["state"]}, its history ends in {state or "nothing"}')
    if job['state'] != 'collecting' and rows and rows[-1]['reason'] != job['reason']:
        findings.unexplained.append(f'{label} says "{job["reason"]}", its history "{rows[-1]["reason"]}"')


class Pacs:
    """The content of Orthanc at the end: {study id: {SOPInstanceUID: data set}} of our objects."""

    def __init__(self, lab):
        self.ours, self.images, self.bytes = {}, {}, {}
        for series in lab.call('GET', '/series?expand'):
            study = series['ParentStudy']
            for instance in series['Instances']:
                if series['MainDicomTags'].get('Manufacturer') != 'Osteon project':
                    self.images.setdefault(study, set()).add(instance)
                    continue
                content = lab.call('GET', f'/instances/{instance}/file')
                dataset = pydicom.dcmread(io.BytesIO(content))
                uid = str(dataset.SOPInstanceUID)
                if uid in self.ours.get(study, {}):
                    raise AssertionError('Orthanc holds one object twice')
                self.ours.setdefault(study, {})[uid] = dataset
                self.bytes[uid] = content


def reports(objects):
    """{uid: (the images it is of, the uids of the reports it supersedes)}."""
    found = {}
    for uid, dataset in objects.items():
        if dataset.SOPClassUID != SR_CLASS:
            continue
        images = str(dataset.TextValue).split('|')[3].split()
        found[uid] = (set(images), {str(p.ReferencedSOPInstanceUID) for p in dataset.get('PredecessorDocumentsSequence', [])})
    return found


def check_done(lab, study, jobs, pacs, findings):
    """There is exactly one current report, of all images; every object of every done job is in Orthanc as the ledger says."""
    objects = pacs.ours.get(study.orthanc_id, {})
    kept = set()
    for job in jobs:
        rows = lab.rows('SELECT * FROM results WHERE job = ?', job['id'])
        if job['state'] == 'done':
            for row in rows:
                uid = row['sop_instance_uid']
                kept.add(uid)
                if uid not in objects:
                    findings.lost.append(f'{study.seed}: job {job["id"]} is done, but {uid} is not in Orthanc')
                elif hashlib.sha256(pacs.bytes[uid]).hexdigest() != row['sha256']:
                    findings.lost.append(f'{study.seed}: {uid} has other bytes than the ledger says')
            if {row['sop_class_uid'] for row in rows} != {SR_CLASS, '1.2.840.10008.5.1.4.1.1.7'}:
                findings.lost.append(f'{study.seed}: job {job["id"]} is done with {len(rows)} objects')
    for uid in set(objects) - kept:
        findings.double.append(f'{study.seed}: {uid} is in Orthanc and belongs to no done job')
    found = reports(objects)
    superseded = set().union(*[earlier for _, earlier in found.values()]) if found else set()
    current = [uid for uid in found if uid not in superseded]
    if len(current) > 1:
        findings.double.append(f'{study.seed}: {len(current)} current reports')
    if jobs[-1]['state'] != 'done':
        return
    if not current:
        findings.lost.append(f'{study.seed}: done without a current report')
    elif found[current[0]][0] != set(study.instances):
        findings.lost.append(f'{study.seed}: the report is of {len(found[current[0]][0])} images, {len(study.instances)} were sent')


def check(lab, studies):
    """`allowed` of each study: {state other than done: pattern of its reason} that the run's faults explain."""
    findings = Findings()
    findings.lost += pending(lab, studies)
    pacs = Pacs(lab)
    jobs = lab.rows('SELECT * FROM jobs ORDER BY id')
    for job in jobs:
        check_history(lab, job, findings)
        if job['study_id'] not in {study.orthanc_id for study in studies}:
            findings.unexplained.append(f'job {job["id"]} is of a study that was never sent')
    for study in studies:
        own = [job for job in jobs if job['study_id'] == study.orthanc_id]
        if study.deleted:
            if pacs.ours.get(study.orthanc_id):
                findings.double.append(f'{study.seed}: deleted, but Orthanc has a report of it')
            continue
        if len(pacs.images.get(study.orthanc_id, ())) != len(study.instances):
            findings.lost.append(f'{study.seed}: Orthanc itself holds {len(pacs.images.get(study.orthanc_id, ()))} images')
        if not own:
            continue
        check_done(lab, study, own, pacs, findings)
        last = own[-1]
        pattern = study.allowed.get(last['state'])
        if last['state'] in ('stuck', 'skipped') and not (pattern and re.search(pattern, last['reason'])):
            findings.unexplained.append(f'{study.seed}: {last["state"]} without a cause among the faults: {last["reason"]}')
    return findings
