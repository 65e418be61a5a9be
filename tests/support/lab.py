# SPDX-License-Identifier: GPL-3.0-or-later
"""A small hospital in a temporary folder: a real Orthanc with the plugin and real workers, on free ports of the loopback.

    with Lab() as lab:
        lab.start_orthanc()
        lab.start_worker()
        lab.send(folder_of_dicom)
        job = lab.wait_for_state(study_uid, 'done')

It ends by process id all that it started, also when a test fails. Nothing sleeps to wait: wait_until polls with a
deadline.
"""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import sandbox

SOURCE = os.environ.get('OSTEON_SOURCE_DIR') or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get('OSTEON_BUILD_DIR') or os.path.join(SOURCE, 'build', 'dev')
OSTEON = os.path.join(BUILD, 'bin', 'osteon')
OSTEOND = os.path.join(BUILD, 'bin', 'osteond')
PLUGIN = os.path.join(BUILD, 'bin', 'libOsteonPlugin.so')
# For the sanitizer presets (config/cmake/osteon.cmake): programs are slower, and Orthanc needs the sanitizer's runtime.
TIME_SCALE = float(os.environ.get('OSTEON_TIME_SCALE') or 1)
PRELOAD = os.environ.get('OSTEON_PRELOAD', '')
# Environment of programs that are not built here.
HOST = {'LD_PRELOAD': PRELOAD, 'ASAN_OPTIONS': 'detect_leaks=0'} if PRELOAD else {}


def free_port():
    """A port that is free now. Another process may take it before it is used; callers then try again."""
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def wait_until(what, condition, seconds=60, every=0.05):
    """The first true value of condition(); after the deadline it fails and names what it waited for."""
    end = time.monotonic() + seconds * TIME_SCALE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f'waited {seconds} s in vain for: {what}')
        time.sleep(every)


def run(*command, ok=(0,), timeout=300, **kwargs):
    """The finished process; fails with its output when the exit code is not one of ok."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=timeout * TIME_SCALE, **kwargs)
    if ok is not None and done.returncode not in ok:
        raise AssertionError(f'{" ".join(map(str, command))}\nexit {done.returncode}\n{done.stdout}\n{done.stderr}')
    return done


class Lab:
    def __init__(self, **osteon_section):
        self.folder = tempfile.mkdtemp(prefix='osteon-lab-')
        self.http, self.dicom, self.zmq = free_port(), free_port(), free_port()
        self.section = osteon_section
        self.processes = {}
        self.keep = os.environ.get('OSTEON_KEEP_LAB') == '1'

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        for name in list(self.processes):
            self.stop(name, seconds=10)
        found = self.found_by_sanitizers()
        if kind is not None or found:
            for name in sorted(os.listdir(self.folder)):
                if name.endswith('.log'):
                    print(f'---- {name}', *self.log_tail(name), sep='\n', file=sys.stderr)
        if self.keep:
            print('kept', self.folder, file=sys.stderr)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
        if found and kind is None:
            raise AssertionError(f'a sanitizer found something: {found}')

    def found_by_sanitizers(self):
        """The lines of the programs' logs in which a sanitizer reports a finding."""
        marks = ('ERROR: AddressSanitizer', 'WARNING: ThreadSanitizer', ': runtime error: ')
        logs = [name for name in sorted(os.listdir(self.folder)) if name.endswith('.log')]
        return [f'{name}: {line}' for name in logs for line in self.log_text(name).splitlines() if any(m in line for m in marks)]

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def log_tail(self, name, lines=60):
        with open(self.path(name), errors='replace') as f:
            return [line.rstrip() for line in f.readlines()[-lines:]]

    def log_text(self, name):
        with open(self.path(name), errors='replace') as f:
            return f.read()

    # ---- processes

    def start(self, name, command, env=None, preexec_fn=None):
        log = open(self.path(name + '.log'), 'ab')
        self.processes[name] = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                cwd=self.folder, env={**os.environ, **(env or {})}, preexec_fn=preexec_fn)
        log.close()
        return self.processes[name]

    def stop(self, name, how=signal.SIGTERM, seconds=30):
        """Ends the process by its id; its exit code. A process that does not end in time is killed."""
        process = self.processes.pop(name, None)
        if process is None:
            return None
        if process.poll() is None:
            process.send_signal(how)
            try:
                process.wait(seconds * TIME_SCALE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
        return process.returncode

    def kill(self, name):
        return self.stop(name, signal.SIGKILL)

    # ---- Orthanc

    def keys(self):
        """Makes the key files once: (server folder files, worker files)."""
        folder = self.path('keys')
        if not os.path.isdir(folder):
            run(OSTEON, 'keygen', '--out', folder)
        return folder

    def orthanc_config(self):
        keys = self.keys()
        section = {
            'Enabled': True,
            'Endpoint': f'tcp://127.0.0.1:{self.zmq}',
            'ServerKeyFile': os.path.join(keys, 'server.key'),
            'AllowedWorkersFile': os.path.join(keys, 'allowed_workers.txt'),
            'StableQuietSeconds': 2,
            'ReconcileSeconds': 5,
            **self.section,
        }
        return {
            'Name': 'OsteonTest', 'StorageDirectory': self.path('orthanc'), 'IndexDirectory': self.path('orthanc'),
            'HttpPort': self.http, 'DicomPort': self.dicom, 'DicomAet': 'OSTEONTEST', 'RemoteAccessAllowed': False,
            'AuthenticationEnabled': False, 'Plugins': [PLUGIN], 'StableAge': 1, 'StorageCompression': False,
            'DicomCheckCalledAet': False, 'Osteon': section,
            # Under AddressSanitizer mallopt fails, and Orthanc then ends.
            **({'MallocArenaMax': 0} if PRELOAD else {}),
        }

    def start_orthanc(self):
        with open(self.path('orthanc.json'), 'w') as f:
            json.dump(self.orthanc_config(), f, indent=1)
        os.makedirs(self.path('orthanc'), exist_ok=True)
        process = self.start('orthanc', ['Orthanc', self.path('orthanc.json')], HOST)

        def up():
            if process.poll() is not None:
                raise AssertionError('Orthanc stopped:\n' + '\n'.join(self.log_tail('orthanc.log')))
            try:
                return self.get('/system')
            except (urllib.error.URLError, ConnectionError):
                return None
        wait_until('Orthanc answers', up, 30)

    def request(self, method, path, body=None, headers=None):
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(f'http://127.0.0.1:{self.http}{path}', data=data, method=method,
                                         headers={'X-Osteon': '1', **(headers or {})})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60 * TIME_SCALE) as reply:
            content = reply.read()
        try:
            return json.loads(content)
        except ValueError:
            return content

    def get(self, path):
        return self.request('GET', path)

    def post(self, path, body=None):
        return self.request('POST', path, {} if body is None else body)

    def send(self, folder):
        """Sends every file below the folder by C-STORE."""
        run('storescu', '+sd', '+r', '+sp', '*.dcm', '-aec', 'OSTEONTEST', '127.0.0.1', self.dicom, folder)

    def studies(self):
        return {s['MainDicomTags']['StudyInstanceUID']: s['ID'] for s in self.get('/studies?expand')}

    def series_of(self, study_uid, modality=None):
        study = self.studies()[study_uid]
        series = self.get(f'/studies/{study}/series')
        return [s for s in series if modality in (None, s['MainDicomTags'].get('Modality'))]

    def instances_of(self, study_uid, modality):
        """The DICOM bytes of each instance of that modality in the study."""
        return [self.get(f'/instances/{i}/file') for s in self.series_of(study_uid, modality) for i in s['Instances']]

    # ---- Osteon

    def start_worker(self, name='worker', **table):
        folder = self.path(name)
        os.makedirs(folder, exist_ok=True)
        keys = self.keys()
        lines = {'name': name, 'endpoint': f'tcp://127.0.0.1:{self.zmq}', 'key_file': os.path.join(keys, 'worker.key'),
                 'server_public_key_file': os.path.join(keys, 'server.pub'), 'spool_dir': os.path.join(folder, 'spool'), 'metrics': '', **table}
        config = os.path.join(folder, 'osteond.toml')
        with open(config, 'w') as f:
            f.write('[worker]\n' + ''.join(f'{k} = {json.dumps(v)}\n' for k, v in lines.items()))
        # In the sandbox of the service; not under a sanitizer, whose runtime needs other system calls.
        return self.start(name, [OSTEOND, '--config', config], preexec_fn=None if PRELOAD else sandbox.enter())

    def jobs(self, **query):
        listed = self.get('/osteon/jobs')
        return listed['jobs'] if isinstance(listed, dict) else listed

    def job_of(self, study_uid):
        """The newest job of the study, or None."""
        jobs = [j for j in self.jobs() if j.get('study_instance_uid') == study_uid]
        return jobs[-1] if jobs else None

    def wait_for_state(self, study_uid, *states, seconds=180):
        def there():
            job = self.job_of(study_uid)
            if job and job['state'] in states:
                return job
            if job and job['state'] in ('stuck', 'skipped', 'cancelled'):
                raise AssertionError(f'the study is {job["state"]}: {job}')
            return None
        return wait_until(f'study {study_uid} is {" or ".join(states)}', there, seconds)


def phantom(out, *options):
    """Makes a synthetic study; returns its truth."""
    run(OSTEON, 'phantom', '--out', out, *options)
    with open(os.path.join(out, 'truth.json')) as f:
        return json.load(f)
