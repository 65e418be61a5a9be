# SPDX-License-Identifier: GPL-3.0-or-later
"""From the start of osteond, and of Orthanc with the plugin, to the first job; and the plugin's look through an archive that it does not know."""
import io
import shutil
import threading
import time

import mini
import pydicom
import studies
from copied_study import copy_of
from hospital import Hospital, seconds_until
from measure import Row, Side, compare, median, samples_of, timed


def leased(hospital, uid):
    try:
        job = hospital.job_of(uid)
    except OSError:  # It does not listen yet.
        return False
    return bool(job) and job['state'] not in ('collecting', 'ready', 'retry_wait')


class First:
    """A hospital with one more study that waits each time."""

    def __init__(self, bench, hospital):
        self.bench, self.hospital, self.count = bench, hospital, 0

    def one_more(self):
        self.count += 1
        out = self.bench.path(f'first{self.count}')
        uid = copy_of(studies.coarse(self.bench), f'BENCH-first{self.count}', out)
        self.hospital.send(out)
        shutil.rmtree(out)
        self.hospital.wait_ready(uid)
        return uid

    def end(self, uid):
        self.hospital.kill('worker')
        self.hospital.request('POST', f'/osteon/jobs/{self.hospital.job_of(uid)["id"]}/cancel', {'Reason': 'benchmark'})

    def osteond(self):
        uid = self.one_more()
        start = time.perf_counter()
        self.hospital.start_worker()
        seconds_until(lambda: leased(self.hospital, uid))
        taken = time.perf_counter() - start
        self.end(uid)
        return {'seconds': taken}

    def orthanc(self):
        uid = self.one_more()
        self.hospital.stop('orthanc')
        self.hospital.start_worker()
        start = time.perf_counter()
        self.hospital.start_orthanc()
        up = time.perf_counter() - start
        seconds_until(lambda: leased(self.hospital, uid))
        taken = time.perf_counter() - start
        self.end(uid)
        return {'seconds': taken, 'up_seconds': up}


def small_studies(count):
    """Studies of one small MR image each, as bytes. They are encoded once; UIDs and patient have fixed lengths and are written over."""
    uid, patient = '2.25.77{:09}', 'ARCHIVE{:09}'
    template = mini.dataset(mini.MR, 'MR', '1.2.3', '1.2.3.4', 0, 'archive')
    template.Rows = template.Columns = 2
    template.BitsAllocated = template.BitsStored = 8
    template.HighBit, template.PixelRepresentation, template.SamplesPerPixel, template.PhotometricInterpretation = 7, 0, 1, 'MONOCHROME2'
    template.PixelData = b'1234'
    template.StudyInstanceUID, template.SeriesInstanceUID, template.PatientID = uid.format(0), uid.format(0) + '.1', patient.format(0)
    template.SOPInstanceUID = template.file_meta.MediaStorageSOPInstanceUID = uid.format(0) + '.1.1'
    out = io.BytesIO()
    pydicom.dcmwrite(out, template, write_like_original=False)
    for n in range(1, count + 1):
        yield out.getvalue().replace(uid.format(0).encode(), uid.format(n).encode()).replace(patient.format(0).encode(), patient.format(n).encode())


def fill(bench, hospital, count):
    bench.say(f'stores {count} studies')
    start = time.perf_counter()
    hospital.store(small_studies(count))
    bench.say(f'stored {count} studies, {count / (time.perf_counter() - start):.0f} a second')


def store(hospital, folder):
    return timed(['storescu', '+sd', '+r', '+sp', '*.dcm', '-aec', 'OSTEONTEST', '127.0.0.1', hospital.dicom, folder])['seconds']


def scan(bench, row):
    """The plugin's first comparison of an archive with an empty ledger; meanwhile Orthanc is asked, and gets a study."""
    count = bench.pick(20, 100_000, 100_000)
    with Hospital(plugin='', StableQuietSeconds=1) as hospital:
        hospital.start_orthanc()
        fill(bench, hospital, count)
        hospital.stop('orthanc')
        hospital.plugin = None
        hospital.start_orthanc()
        start = time.perf_counter()
        delays = []
        folder = studies.large(bench, 2, 4, 64)
        storing = threading.Thread(target=lambda: stored.append(store(hospital, folder)))
        stored = []
        storing.start()

        def done():
            before = time.perf_counter()
            status = hospital.get('/osteon/status')
            delays.append(1000 * (time.perf_counter() - before))
            return 'still comparing' not in str(status['trouble'])
        seconds_until(done, seconds=3600)
        seconds = time.perf_counter() - start
        storing.join()
    row.cases.append({'case': f'scan of an archive of {count:,} studies', 'metric': 'seconds', 'unit': 's', 'higher_is_better': False, 'sides': [
        {'side': 'plugin, empty ledger', 'how': 'from the first answer of Orthanc until /osteon/status no longer says that it compares', 'samples': [{'seconds': seconds}]}]})
    row.notes.append(f'during the scan Orthanc took a C-STORE of 8 images in {stored[0]:.2f} s and answered /osteon/status in at most {max(delays):.0f} ms (median {median(delays):.0f} ms)')
    row.arithmetic.append(f'{1e6 * seconds / count:.0f} us a study: {seconds:.0f} s for {count:,}')


def measure(bench):
    row = Row('start', 'From the start of a process until a study that waits is leased; and the first look through an archive')
    with Hospital(StableQuietSeconds=1, ReconcileSeconds=5) as hospital:
        hospital.start_orthanc()
        first = First(bench, hospital)
        osteond = compare(row, 'osteond', [Side('osteond', 'from its start until the job is leased by it, Orthanc runs', first.osteond)], bench.rounds(3), say=bench.say)
        orthanc = compare(row, 'Orthanc with the plugin', [Side('Orthanc', 'from its start until the job is leased, osteond runs and connects again by itself', first.orthanc)],
                          bench.rounds(3), say=bench.say)
    row.goal('osteond to its first job', median(samples_of(osteond, 'osteond')), at_most=2, unit='s')
    row.goal('Orthanc with the plugin to the first job', median(samples_of(orthanc, 'Orthanc')), at_most=2, unit='s')
    row.notes.append(f'Orthanc itself answers REST {median(samples_of(orthanc, "Orthanc", "up_seconds")):.2f} s after its start (with the plugin)')
    scan(bench, row)
    return row
