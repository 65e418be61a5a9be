# SPDX-License-Identifier: GPL-3.0-or-later
"""An Orthanc with the plugin and workers whose behaviour the test chooses (scripted_worker.cc), and results for these to send."""
import base64
import hashlib
import os
import shutil
import sqlite3

import pydicom
from pydicom.uid import generate_uid

import lab
import studies

WORKER = os.path.join(lab.BUILD, 'bin', 'scripted_worker')
SR_3D = '1.2.840.10008.5.1.4.1.1.88.34'
SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7'


class PluginLab(lab.Lab):
    """Without CURVE keys, as loopback allows, and with one scripted worker at a time."""

    def keys(self):
        return ''

    def orthanc_config(self):
        config = super().orthanc_config()
        for key in ('ServerKeyFile', 'AllowedWorkersFile'):
            config['Osteon'].pop(key)
        config['Osteon'].update({'StableQuietSeconds': 1, 'ReconcileSeconds': 2, 'LeaseSeconds': 5, 'RetryBaseSeconds': 1,
                                 'RetryMaxSeconds': 2, **self.section})
        return config

    def folder_for(self, name):
        path = self.path(name)
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path)
        return path

    def send_whole_body(self, **options):
        """Sends a new study with a whole-body STIR, whose `options` are those of Study.images; returns the study."""
        study = studies.Study()
        study.whole_body(self.folder_for('in'), **options)
        self.send(self.path('in'))
        return study

    def start_scripted(self, behaviour, documents=None, name='worker'):
        command = [WORKER, f'tcp://127.0.0.1:{self.zmq}', name, behaviour]
        return self.start(name, command + ([documents] if documents else []))

    def kill_orthanc(self):
        self.kill('orthanc')

    def restart_orthanc(self):
        self.start_orthanc()

    def ledger_rows(self, sql):
        database = sqlite3.connect(f'file:{self.path("orthanc", "osteon-ledger.sqlite")}?mode=ro', uri=True)
        try:
            return database.execute(sql).fetchall()
        finally:
            database.close()


class UsersLab(PluginLab):
    """An Orthanc that wants a password."""

    def orthanc_config(self):
        return {**super().orthanc_config(), 'AuthenticationEnabled': True, 'RegisteredUsers': {'admin': 'secret'}}

    def request(self, method, path, body=None, headers=None):
        token = base64.b64encode(b'admin:secret').decode()
        return super().request(method, path, body, {'Authorization': 'Basic ' + token, **(headers or {})})


def result_documents(study, folder, tag='1', patient=None, study_uid=None):
    """An SR and an SC that belong to the study, and the list of them for scripted_worker. Their UIDs are the same for the same
    tag, as those of a worker are for the same fingerprint."""
    os.makedirs(folder, exist_ok=True)
    lines = []
    for name, sop_class, modality in (('sr.dcm', SR_3D, 'SR'), ('sc.dcm', SECONDARY_CAPTURE, 'OT')):
        ds = study._dataset(sop_class, modality, 'Osteon UNVERIFIED')
        # As DeriveUid makes them.
        number = int.from_bytes(hashlib.sha256(f'{study.uid} {tag} {name}'.encode()).digest()[:16], 'big')
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = f'2.25.{number}'
        ds.SeriesInstanceUID = generate_uid(entropy_srcs=[study.uid, tag, modality])
        ds.Manufacturer, ds.SeriesNumber = 'Osteon project', 9001
        if patient:
            ds.PatientID = patient
        if study_uid:
            ds.StudyInstanceUID = study_uid
        if modality == 'OT':
            ds.Rows = ds.Columns = 600  # More than one piece on the wire.
            ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, 'MONOCHROME2'
            ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
            ds.PixelData = bytes(600 * 600)
        path = os.path.join(folder, name)
        pydicom.dcmwrite(path, ds, write_like_original=False)
        lines.append(f'{name} {sop_class} {ds.SOPInstanceUID} {path}')
    with open(os.path.join(folder, 'list'), 'w') as f:
        f.write('\n'.join(lines) + '\n')
    return os.path.join(folder, 'list')


def osteon_instances(l, study):
    return sum(len(s['Instances']) for s in l.series_of(study.uid) if s['MainDicomTags'].get('Manufacturer') == 'Osteon project')
