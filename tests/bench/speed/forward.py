# SPDX-License-Identifier: GPL-3.0-or-later
"""A study from Orthanc to a worker, encrypted and not, and by the other ways there are. All clients drop what they get."""
import os
import time

import studies
from bench import NotRun
from hospital import Hospital
from measure import Row, Side, compare, median, memory_mib, ratios, reset_peak, samples_of, timed

DICOM_WEB = '/usr/share/orthanc/plugins/libOrthancDicomWeb.so'


def with_memory(hospital, megabytes, fetch):
    """Measures one fetch: MB/s, and how much memory Orthanc used beside what it had before."""
    def run():
        before = memory_mib(hospital.pid(), 'VmRSS')
        reset_peak(hospital.pid())
        seconds = fetch()
        return {'mb_per_s': megabytes / seconds, 'seconds': seconds, 'mib': memory_mib(hospital.pid()) - before}
    return run


def to_worker(hospital, worker, job):
    """From the worker's JOB until it has all instances and has checked their MD5; then the job is set back for the next time."""
    def fetch():
        hospital.request('POST', f'/osteon/jobs/{job}/retry', {'Reason': 'benchmark'})
        start, instances = None, 0
        for line in worker.stdout:
            words = line.split()
            if words[0] == 'job':
                start, instances = time.perf_counter(), int(words[words.index('instances') + 1])
            elif words[0] == 'fetched' and start is not None:
                seconds = time.perf_counter() - start
            elif words[0] == 'committed' and start is not None:
                return seconds
        raise RuntimeError(f'the worker ended after a job of {instances} instances')
    return fetch


def by_curl(bench, hospital, urls, parallel):
    """All URLs by one curl, which keeps its connections."""
    config = bench.path(f'curl-{parallel}-{len(urls)}')
    with open(config, 'w') as f:
        f.write(''.join(f'url = "http://127.0.0.1:{hospital.http}{url}"\noutput = "/dev/null"\n' for url in urls))
    more = ['--parallel', '--parallel-max', str(parallel)] if parallel > 1 else []
    accept = ['-H', 'Accept: multipart/related; type=application/dicom'] if any('/dicom-web/' in url for url in urls) else []

    def fetch():
        return timed(['curl', '--silent', '--fail', '--noproxy', '*', *more, *accept, '--config', config])['seconds']
    return fetch


def by_getscu(hospital, program, study):
    def fetch():
        return timed([program, '--study', '--ignore', '-aec', 'OSTEONTEST', '-k', '0008,0052=STUDY', '-k', f'0020,000d={study}', '127.0.0.1',
                      hospital.dicom])['seconds']
    return fetch


def prepared(bench, hospital, folder, uid):
    """Sends the study and lets a scripted worker take it once; (worker, job id)."""
    hospital.start_orthanc()
    bench.say(f'sends {studies.megabytes(folder):.0f} MB to Orthanc')
    hospital.send(folder)
    hospital.wait_ready(uid)
    worker = hospital.start_scripted(bench.program('scripted_worker'))
    for line in worker.stdout:
        if line.startswith('committed'):
            break
    return worker, hospital.job_of(uid)['id']


def measure(bench):
    folder = studies.large(bench, *bench.pick((2, 4, 64), (20, 50, 512), (20, 50, 512)))
    uid = str(bench.module('pydicom', 'python3-pydicom').dcmread(studies.files_of(folder)[0], stop_before_pixels=True).StudyInstanceUID)
    megabytes, count = studies.megabytes(folder), len(studies.files_of(folder))
    row = Row('forward', f'The study of {count} instances, {megabytes:.0f} MB, from Orthanc to a worker on loopback')
    web = [DICOM_WEB] if os.path.exists(DICOM_WEB) else []
    quick = {'StableQuietSeconds': 1, 'ReconcileSeconds': 3600}
    with Hospital(more=web, **quick) as closed, Hospital(curve=False, **quick) as plain:
        worker, job = prepared(bench, closed, folder, uid)
        plain_worker, plain_job = prepared(bench, plain, folder, uid)
        study = closed.studies()[uid]
        files = [f'/instances/{i["ID"]}/file' for i in closed.get(f'/studies/{study}/instances')]
        sides = [Side('osteon, CURVE', '`scripted_worker`: FETCH by the protocol over CURVE, MD5 of each instance checked; one connection', with_memory(closed, megabytes, to_worker(closed, worker, job))),
                 Side('osteon, plain', 'the same without CURVE, which Osteon allows on loopback only', with_memory(plain, megabytes, to_worker(plain, plain_worker, plain_job))),
                 Side('REST, 1 connection', '`curl`, GET /instances/ID/file one after another, kept alive, not compressed', with_memory(closed, megabytes, by_curl(bench, closed, files, 1))),
                 Side('REST, 4 connections', '`curl --parallel-max 4`, the same', with_memory(closed, megabytes, by_curl(bench, closed, files, 4))),
                 Side('/archive', '`curl`, GET /studies/ID/archive: one ZIP', with_memory(closed, megabytes, by_curl(bench, closed, [f'/studies/{study}/archive'], 1)))]
        if web:
            sides.append(Side('WADO-RS', "`curl`, GET /dicom-web/studies/UID, Orthanc's DICOMweb plugin", with_memory(closed, megabytes, by_curl(bench, closed, [f'/dicom-web/studies/{uid}'], 1))))
        else:
            row.missing('WADO-RS', 'install orthanc-dicomweb')
        case = compare(row, 'one study', sides, bench.rounds(3), metric='mb_per_s', unit='MB/s', higher_is_better=True, warm=bench.size != 'smoke', say=bench.say)
        summarise(bench, row, case, megabytes)
        try:
            # It takes a minute: one round says enough.
            getscu = Side('getscu', '`getscu --ignore`, C-GET of the study', with_memory(closed, megabytes, by_getscu(closed, bench.tool('getscu', 'dcmtk'), uid)))
            case = compare(row, 'one study, beside getscu', [sides[0], getscu], 1, metric='mb_per_s', unit='MB/s', higher_is_better=True, say=bench.say)
            row.goal('times getscu', median(ratios(case, 'getscu')), at_least=10)
        except NotRun as missing:
            row.missing('getscu', str(missing))
    row.notes.append('"peak MiB" is what Orthanc had at most beyond what it had before')
    return row


def summarise(bench, row, case, megabytes):
    plain_text = [s['side'] for s in case['sides'] if not s['side'].startswith('osteon')]
    best = max(plain_text, key=lambda side: median(samples_of(case, side)), default=None)
    if best:
        row.goal(f'encrypted, times the best plain-text way ({best})', median(ratios(case, best)), at_least=1)
    row.goal('extra memory in Orthanc', max(samples_of(case, 'osteon, CURVE', 'mib')), at_most=64, unit='MiB')
    rate = median(samples_of(case, 'osteon, CURVE'))
    row.notes.append(f'CURVE costs {100 * (1 - rate / median(samples_of(case, "osteon, plain"))):.0f} % of the speed')
    limits = bench.limits
    if limits.get('md5_gbps'):
        row.arithmetic.append(f'{rate:.0f} MB/s encrypted; MD5 of one core allows {1000 * limits["md5_gbps"]:.0f} MB/s at the worker alone, TCP on loopback '
                              f'{1000 * limits["loopback_gbps"]:.0f} MB/s; a 1 Gbit/s network carries 118 MB/s, so it is '
                              f'{"the network" if rate > 118 else "this way"} that limits a worker on another host')
