# SPDX-License-Identifier: GPL-3.0-or-later
"""Orthancs to measure: tests/support/lab.py with what the rows of the benchmark vary."""
import concurrent.futures
import http.client
import os
import subprocess
import threading
import time

import lab


class Hospital(lab.Lab):
    """`curve`: whether connections are encrypted. `plugin`: the library instead of Osteon's, or '' for none. `more`: other plugins."""

    def __init__(self, curve=True, plugin=None, more=(), orthanc=None, **section):
        super().__init__(**section)
        self.curve, self.plugin, self.more, self.orthanc = curve, plugin, more, orthanc or {}

    def orthanc_config(self):
        config = super().orthanc_config()
        if not self.curve:
            for key in ('ServerKeyFile', 'AllowedWorkersFile'):
                config['Osteon'].pop(key)
        if self.plugin is not None:
            config['Plugins'] = [self.plugin] if self.plugin else []
        config['Plugins'] += list(self.more)
        # Getting is allowed to everybody, for getscu.
        return {**config, 'DicomAlwaysAllowGet': True, 'DicomAlwaysAllowStore': True, **self.orthanc}

    def pid(self, name='orthanc'):
        return self.processes[name].pid

    def start_scripted(self, program, behaviour='fail:invalid_input', name='scripted'):
        """scripted_worker, whose lines can be read as they come."""
        keys = self.keys()
        key_files = ['--keys', os.path.join(keys, 'worker.key'), os.path.join(keys, 'server.pub')] if self.curve else []
        self.processes[name] = subprocess.Popen([program, f'tcp://127.0.0.1:{self.zmq}', name, behaviour, *key_files], stdin=subprocess.DEVNULL,
                                                stdout=subprocess.PIPE, text=True)
        return self.processes[name]

    def store(self, files, connections=4):
        """Stores DICOM files, given as bytes, by REST on kept-alive connections: faster than C-STORE, of which the rows that use this say nothing."""
        taken, lock = iter(files), threading.Lock()

        def some(_):
            connection = http.client.HTTPConnection('127.0.0.1', self.http)
            while True:
                with lock:
                    data = next(taken, None)
                if data is None:
                    return connection.close()
                connection.request('POST', '/instances', data)
                reply = connection.getresponse()
                text = reply.read()
                if reply.status != 200:
                    raise RuntimeError(f'Orthanc did not store a file: {reply.status} {text[:200]}')
        with concurrent.futures.ThreadPoolExecutor(connections) as pool:
            list(pool.map(some, range(connections)))

    def wait_ready(self, study_uid, seconds=120):
        return self.wait_for_state(study_uid, 'ready', seconds=seconds)


def seconds_until(condition, seconds=120, every=0.003):
    """How long it takes from now; to a few milliseconds, unlike lab.wait_until."""
    start = time.perf_counter()
    while not condition():
        if time.perf_counter() - start > seconds * lab.TIME_SCALE:
            raise AssertionError(f'waited {seconds} s in vain')
        time.sleep(every)
    return time.perf_counter() - start
