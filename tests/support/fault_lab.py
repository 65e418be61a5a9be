# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab of tests/faults: tiny studies that say what happens to them, programs that can be killed, stopped and
started again at any moment, a disk that fills and a clock that jumps (fault_shim.cc), and the ledger read from its file,
since Orthanc may be dead.
"""
import contextlib
import hashlib
import http.client
import io
import json
import mmap
import os
import random
import shutil
import signal
import socket
import sqlite3
import struct
import time

import mini
from lab import BUILD, HOST, Lab, OSTEON, PRELOAD, run
from pydicom.uid import generate_uid

OSTEOND = os.path.join(BUILD, 'tests', 'support', 'fault_osteond')
SHIM = os.path.join(BUILD, 'tests', 'support', 'libfault_shim.so')
POLL = 0.01  # Seconds between two reads of the ledger; shorter states may be missed.


class Down(Exception):
    """Orthanc does not answer, or answers with an error."""


def port():
    """A free port, below those that the system assigns by itself."""
    while True:
        number = random.SystemRandom().randrange(11_000, 32_000)
        with socket.socket() as s:
            with contextlib.suppress(OSError):
                s.bind(('127.0.0.1', number))
                return number


def call(http_port, method, path, body=None):
    """An Orthanc's answer, decoded when it is JSON; None for 404. Raises Down for anything else."""
    connection = http.client.HTTPConnection('127.0.0.1', http_port, timeout=20)
    try:
        connection.request(method, path, body, {'X-Osteon': '1'})
        reply = connection.getresponse()
        content = reply.read()
    except (OSError, http.client.HTTPException) as error:
        raise Down(str(error)) from error
    finally:
        connection.close()
    if reply.status == 404:
        return None
    if reply.status >= 400:
        raise Down(f'{method} {path}: {reply.status} {content[:200]}')
    try:
        return json.loads(content)
    except ValueError:
        return content


class Control:
    """The file that fault_shim.cc reads; same layout as its struct Control."""
    FULL, KILL, SLOW = 1, 2, 3

    def __init__(self, path):
        self.path = path
        with open(path, 'wb') as f:
            f.write(bytes(512))
        with open(path, 'r+b') as f:
            self.memory = mmap.mmap(f.fileno(), 512)

    def arm(self, action, path, after=0, delay_ms=0):
        """Acts from write number `after` (0: the next one) below `path` on."""
        self.disarm()
        struct.pack_into('<qqq472s', self.memory, 16, after, delay_ms * 1000, 0, os.path.realpath(path).encode())
        struct.pack_into('<i', self.memory, 8, action)

    def disarm(self):
        struct.pack_into('<i', self.memory, 8, 0)

    def armed(self):
        return struct.unpack_from('<i', self.memory, 8)[0] != 0

    def hits(self):
        return struct.unpack_from('<q', self.memory, 32)[0]

    def shift(self, seconds):
        struct.pack_into('<q', self.memory, 0, int(seconds) * 1000)

    def clear(self):
        self.disarm()
        self.shift(0)


class Study:
    """One patient with one study; a coronal STIR of body length in the given number of instances."""

    def __init__(self, seed, word, argument='', instances=3, large=False):
        self.seed, self.word, self.argument = seed, word, argument
        self.uid = generate_uid(entropy_srcs=[seed, 'study'])
        self.patient = 'P' + hashlib.sha256(seed.encode()).hexdigest()[:10]
        self.orthanc_id = hashlib.sha1(f'{self.patient}|{self.uid}'.encode()).hexdigest()
        self.orthanc_id = '-'.join(self.orthanc_id[i:i + 8] for i in range(0, 40, 8))
        self.instances = {}  # SOPInstanceUID -> file
        self.stored = set()  # those that Orthanc has confirmed
        self.deleted = False
        self.add_series('first', instances, large)

    def add_series(self, name, instances=2, large=False):
        series = generate_uid(entropy_srcs=[self.seed, name])
        for n in range(instances):
            d = mini.dataset(mini.MR, 'MR', self.uid, series, n, f'{self.seed} {name}')
            d.PatientID = d.PatientName = self.patient
            d.ImageComments = '|'.join(['OSTEON-FAULT', self.word, str(self.argument), self.uid, self.patient, d.SOPInstanceUID, ''])
            d.ImageType, d.Manufacturer, d.SeriesDescription = ['ORIGINAL', 'PRIMARY', 'M'], 'TEST', 't2_tirm'
            d.FrameOfReferenceUID, d.PatientPosition = generate_uid(entropy_srcs=[self.seed, 'frame']), 'HFS'
            d.ImagePositionPatient, d.ImageOrientationPatient = [-160, -160, n * 900 / (instances - 1)], [1, 0, 0, 0, 1, 0]
            size = 400 if large else 8
            d.PixelSpacing, d.SliceThickness = [320 / size, 320 / size], 5  # As wide as a trunk.
            d.ScanningSequence, d.SequenceVariant = ['SE', 'IR'], 'SK'
            d.RepetitionTime, d.EchoTime, d.InversionTime = 4500, 70, 165
            d.SamplesPerPixel, d.PhotometricInterpretation = 1, 'MONOCHROME2'
            d.Rows, d.Columns, d.BitsAllocated, d.BitsStored, d.HighBit, d.PixelRepresentation = size, size, 16, 12, 11, 0
            d.PixelData = bytes(size * size * 2)
            content = io.BytesIO()
            d.save_as(content, write_like_original=False)
            self.instances[str(d.SOPInstanceUID)] = content.getvalue()

    def inputs_hash(self):
        """The hash that intake must find when it has seen all instances (HashInputs of selection.cc, computed again)."""
        text = self.orthanc_id + '\n' + ''.join(uid + '\n' for uid in sorted(self.instances))
        return hashlib.sha256(text.encode()).hexdigest()

    def whole(self):
        return len(self.stored) == len(self.instances)


class FaultLab(Lab):
    """The lab of one run. `options`: curve, pacs, section (of the plugin), worker and limits (of osteond.toml)."""

    def __init__(self, keys, curve=True, section=None, worker=None, limits=None):
        super().__init__(**{'StableQuietSeconds': 1, 'ReconcileSeconds': 2, 'LeaseSeconds': 5, 'RetryBaseSeconds': 1,
                            'RetryMaxSeconds': 2, **(section or {})})
        self.http, self.dicom, self.zmq = port(), port(), port()
        self.curve, self.worker_table, self.limits = curve, worker or {}, limits or {}
        self.modalities = {}
        self.workers = {}  # name -> (endpoint, key file, spool): restarted when they end by themselves
        self.supervised = set()
        if curve:
            shutil.copytree(keys, self.path('keys'))
        self.control = Control(self.path('control'))
        # A sanitizer's runtime must come first; it then calls the shim's write and clock.
        self.shim = {**HOST, 'LD_PRELOAD': f'{PRELOAD} {SHIM}'.strip(), 'OSTEON_FAULT_CONTROL': self.control.path}

    def keys(self):
        return self.path('keys')

    # ---- Orthanc

    def orthanc_config(self):
        config = super().orthanc_config()
        if not self.curve:
            del config['Osteon']['ServerKeyFile'], config['Osteon']['AllowedWorkersFile']
        config.update({
            'IndexDirectory': self.path('index'), 'SaveJobs': False, 'HttpThreadsCount': 4, 'DicomScpTimeout': 5,
            'DicomScuTimeout': 3, 'DicomModalities': self.modalities, 'CheckRevisions': False, 'OverwriteInstances': False})
        config['Osteon']['LedgerPath'] = self.path('ledger', 'ledger.sqlite')
        return config

    def begin_orthanc(self):
        """Starts Orthanc and does not wait."""
        with open(self.path('orthanc.json'), 'w') as f:
            json.dump(self.orthanc_config(), f, indent=1)
        for folder in ('orthanc', 'index', 'ledger'):
            os.makedirs(self.path(folder), exist_ok=True)
        self.start('orthanc', ['Orthanc', '--verbose', self.path('orthanc.json')], self.shim)

    def start_orthanc(self):
        """Starts Orthanc until it answers; a full disk may end it a few times."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            process = self.processes.get('orthanc')
            if process is None or process.poll() is not None:
                self.processes.pop('orthanc', None)
                self.begin_orthanc()
            with contextlib.suppress(Down):
                self.call('GET', '/system')
                return
            time.sleep(0.03)
        raise AssertionError('Orthanc does not start:\n' + '\n'.join(self.log_tail('orthanc.log')))

    def alive(self, name):
        return name in self.processes and self.processes[name].poll() is None

    def call(self, method, path, body=None):
        return call(self.http, method, path, body)

    def store(self, study, only=None):
        """Sends Orthanc what it has not confirmed yet, as a scanner would; False when something is still unconfirmed."""
        for uid in [u for u in study.instances if u not in study.stored and (only is None or u in only)]:
            try:
                answer = self.call('POST', '/instances', study.instances[uid])
            except Down:
                return False
            if answer is None or answer.get('Status') not in ('Success', 'AlreadyStored'):
                return False
            study.stored.add(uid)
        return True

    def store_by_dicom(self, study):
        folder = self.path('send', study.patient)
        os.makedirs(folder, exist_ok=True)
        for n, content in enumerate(study.instances.values()):
            with open(os.path.join(folder, f'{n}.dcm'), 'wb') as f:
                f.write(content)
        done = run('storescu', '+sd', '-aec', 'OSTEONTEST', '-to', '5', '127.0.0.1', self.dicom, folder, ok=None)
        if done.returncode == 0:
            study.stored.update(study.instances)
        return done.returncode == 0

    # ---- Workers

    def add_worker(self, name='worker', endpoint=None, key='worker.key', server='server.pub', identity='w', spool=None):
        folder = self.path(name)
        os.makedirs(folder, exist_ok=True)
        table = {'name': identity, 'endpoint': endpoint or f'tcp://127.0.0.1:{self.zmq}', 'spool_dir': self.path(spool or name, 'spool'),
                 'offer_again_seconds': 1, 'receive_timeout_seconds': 3, 'drain_seconds': 1, 'threads': 1, 'metrics': '', **self.worker_table}
        if self.curve:
            table.update(key_file=self.path('keys', key), server_public_key_file=self.path('keys', server))
        with open(os.path.join(folder, 'osteond.toml'), 'w') as f:
            for title, values in (('worker', table), ('limits', self.limits)):
                f.write(f'[{title}]\n' + ''.join(f'{k} = {json.dumps(v)}\n' for k, v in values.items()))
        self.workers[name] = os.path.join(folder, 'osteond.toml')
        self.begin_worker(name)

    def begin_worker(self, name='worker'):
        self.supervised.add(name)
        self.start(name, [OSTEOND, '--config', self.workers[name]], self.shim)

    def end_worker(self, name='worker', how=signal.SIGKILL, seconds=30):
        self.supervised.discard(name)
        return self.stop(name, how, seconds)

    def supervise(self):
        """Restarts a worker that ended by itself, as systemd does."""
        for name in self.supervised:
            if not self.alive(name):
                self.processes.pop(name, None)
                self.start(name, [OSTEOND, '--config', self.workers[name]], self.shim)

    def child_of(self, name='worker'):
        """The process id of the analysis, or None."""
        if not self.alive(name):
            return None
        pid = self.processes[name].pid
        with contextlib.suppress(OSError, IndexError):
            with open(f'/proc/{pid}/task/{pid}/children') as f:
                return int(f.read().split()[0])
        return None

    # ---- Time and the ledger

    def sleep(self, seconds):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.supervise()
            time.sleep(min(left, 0.05))

    def rows(self, sql, *arguments):
        """Rows of the ledger's file; none while it cannot be read."""
        with contextlib.suppress(sqlite3.Error):
            with contextlib.closing(sqlite3.connect(f'file:{self.path("ledger", "ledger.sqlite")}?mode=ro', uri=True, timeout=1)) as db:
                db.row_factory = sqlite3.Row
                return [dict(row) for row in db.execute(sql, arguments)]
        return []

    def jobs_by_study(self):
        """{Orthanc's study id: the newest job}."""
        return {row['study_id']: row for row in self.rows('SELECT * FROM jobs ORDER BY id')}

    def wait_for(self, condition, seconds, every=POLL):
        """The first true value of condition(), or None after the time: a fault that finds no moment is no failure."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = condition()
            if value:
                return value
            self.supervise()
            time.sleep(every)
        return None

    def wait_state(self, state, seconds=8):
        return self.wait_for(lambda: next(iter(self.rows('SELECT * FROM jobs WHERE state = ?', state)), None), seconds)


def make_keys(folder):
    """server.key, worker.key (allowed), other.key (not) and wrong.pub, no key of this server."""
    run(OSTEON, 'keygen', '--out', folder)
    with_other = os.path.join(folder, 'other')
    run(OSTEON, 'keygen', '--out', with_other)
    shutil.move(os.path.join(with_other, 'worker.key'), os.path.join(folder, 'other.key'))
    shutil.move(os.path.join(with_other, 'server.pub'), os.path.join(folder, 'wrong.pub'))
    shutil.rmtree(with_other)
