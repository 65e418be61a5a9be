#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The built images, each started by its own entry point with the configuration that compose.yaml and the manifests mount: keys, start,
probe, doctor, a study that is analysed, SIGTERM. Started by tests/containers.sh, in a network and processes of its own.
"""
import contextlib
import glob
import json
import os
import shutil
import signal
import subprocess
import tempfile
import unittest

import yaml

import postgres
from containers_test import CONTAINERS, KUBERNETES, pod, of_kind, text
from lab import run, wait_until

BUILDAH = os.environ.get('OSTEON_BUILDAH', '').split()
PASSWORD = 'of-the-test'
ASK = 'umask 077; printf %s "$OSTEON_PASSWORD" >/tmp/password; osteon {} --user admin --password-file /tmp/password'
# Shorter, so that the study is looked at while the test waits.
QUIET = ('"Mode": "silent",', '"Mode": "silent", "StableQuietSeconds": 3,')


def copied(source, target, *replacements):
    content = text(source)
    for old, new in replacements:
        assert old in content, old
        content = content.replace(old, new)
    with open(target, 'w') as f:
        f.write(content)


class Site(contextlib.ExitStack):
    """Containers by name; all of one network, so each other's names are this machine."""

    def __enter__(self):
        self.folder = self.enter_context(tempfile.TemporaryDirectory(prefix='osteon-site-'))
        os.chmod(self.folder, 0o755)
        self.running = {}
        self.callback(self.end)
        return super().__enter__()

    def full(self, name):
        return f'{name}-of-{os.path.basename(self.folder)}'

    def path(self, name, owner=0, mode=0o755):
        """A folder of the host that is mounted as a volume."""
        path = os.path.join(self.folder, name)
        os.makedirs(path, exist_ok=True)
        os.chown(path, owner, owner)
        os.chmod(path, mode)
        return path

    def command(self, name, image, words, mounts, env=None, user=None):
        """The command that runs `words` in the container, or without words its entry point."""
        if name not in self.running:
            run(*BUILDAH, 'from', '--pull-never', '--add-host', 'orthanc:127.0.0.1', '--add-host', 'postgres:127.0.0.1',
                '--name', self.full(name), image)
            self.running[name] = None
        options = [f'--volume={host}:{place}' for place, host in mounts.items()]
        options += [f'--env={key}={value}' for key, value in (env or {}).items()]
        options += [f'--user={user}'] if user is not None else []
        return [*BUILDAH, 'run', *options, self.full(name), '--', *words]

    def once(self, name, *what, **more):
        return run(*self.command(name, *what, **more), timeout=900).stdout

    def start(self, name, image, words, *what, **more):
        command = self.command(name, image, words, *what, **more)
        with open(os.path.join(self.folder, f'{name}.log'), 'ab') as log:
            self.running[name] = subprocess.Popen(command, stdout=log, stderr=log)

    def log(self, name):
        with open(os.path.join(self.folder, f'{name}.log'), errors='replace') as f:
            return f.read()

    def pids(self, program):
        """Process ids of the program itself, which is a child of buildah. No other test is in this process namespace."""
        found = []
        for path in glob.glob('/proc/[0-9]*/exe'):
            with contextlib.suppress(OSError):
                if os.readlink(path).endswith(program):
                    found.append(int(path.split('/')[2]))
        return sorted(found)

    def terminate(self, name, program):
        """Sends SIGTERM, as a container engine does. Returns the exit code."""
        for pid in self.pids(program)[:1]:
            os.kill(pid, signal.SIGTERM)
        return self.running[name].wait(180)

    def end(self):
        for program in ('/usr/bin/osteond', '/usr/sbin/Orthanc'):
            for pid in self.pids(program):
                os.kill(pid, signal.SIGKILL)
        for name, process in self.running.items():
            if process:
                process.wait(30)
            run(*BUILDAH, 'rm', self.full(name))


def entry(image):
    config = json.loads(run(*BUILDAH, 'inspect', '--type', 'image', image).stdout)['OCIv1']['config']
    return config['Entrypoint'], config['Cmd'], config['User']


class Images(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        run('ip', 'link', 'set', 'lo', 'up')

    def follow(self, site, probe, ask):
        """The started server and worker analyse a study and end."""
        try:
            wait_until('the probe is content', lambda: subprocess.run(probe, capture_output=True).returncode == 0, 120, every=1)
            wait_until('the worker is there', lambda: json.loads(run(*ask('status --json')).stdout)['workers'], 60, every=1)
            said = run(*ask('selftest'), timeout=900).stdout
        except AssertionError:
            print(site.log('orthanc')[-6000:], site.log('worker')[-3000:])
            raise
        self.assertRegex(said, r'ok: \d+ instances sent, analysed, and nothing stored \(silent mode\)')
        self.assertEqual(site.terminate('worker', '/usr/bin/osteond'), 0, site.log('worker'))
        self.assertEqual(site.terminate('orthanc', '/usr/sbin/Orthanc'), 0, site.log('orthanc'))

    def test_images_hold_no_key_and_no_configuration_of_a_site(self):
        for image, user in (('osteon-orthanc', '10042:10042'), ('osteon-worker', '10043:10043')):
            name = run(*BUILDAH, 'from', '--pull-never', image).stdout.strip()
            tree = run(*BUILDAH, 'mount', name).stdout.strip()
            self.assertEqual(os.listdir(f'{tree}/etc/osteon'), [])
            self.assertEqual([p for p in glob.glob(f'{tree}/**/*.key', recursive=True) if 'osteon' in p], [])
            self.assertEqual(entry(image)[2], user)
            run(*BUILDAH, 'rm', name)

    def test_as_compose_starts_them(self):
        services = yaml.safe_load(text(f'{CONTAINERS}/compose.yaml'))['services']
        with Site() as site:
            config = site.path('orthanc')
            copied(f'{CONTAINERS}/orthanc/orthanc.json', f'{config}/orthanc.json', QUIET)
            copied(f'{CONTAINERS}/osteond.toml', f'{site.folder}/osteond.toml')
            hosts = {'./orthanc': config, './osteond.toml': f'{site.folder}/osteond.toml', 'keys': site.path('keys'),
                     'archive': site.path('archive', 10042), 'spool': site.path('spool', 10043)}

            def mounts(service):
                return {v.split(':')[1]: hosts[v.split(':')[0]] for v in services[service]['volumes']}
            keys = services['keys']
            site.once('keys', keys['image'], [*keys['entrypoint'], *keys['command']], mounts('keys'), user='root')
            site.once('keys', keys['image'], [*keys['entrypoint'], *keys['command']], mounts('keys'), user='root')  # Again: they stay.
            for service in ('orthanc', 'worker'):
                program, arguments, _ = entry(services[service]['image'])
                site.start(service, services[service]['image'], [*program, *arguments], mounts(service),
                           env={'OSTEON_PASSWORD': PASSWORD} if service == 'orthanc' else None)

            def shell(words):
                return site.command('orthanc', 'osteon-orthanc', ['sh', '-c', words], mounts('orthanc'), env={'OSTEON_PASSWORD': PASSWORD})
            probe = shell(services['orthanc']['healthcheck']['test'][1].replace('$$', '$'))
            self.follow(site, probe, lambda question: shell(ASK.format(question)))

    def test_as_the_manifests_start_them(self):
        with Site() as site, Database() as database:
            keys = site.path('made')
            site.once('keygen', 'osteon-orthanc', ['osteon', 'keygen', '--out', '/keys'], {'/keys': keys}, user='root')
            configs = {'orthanc': site.path('orthanc-config'), 'worker': site.path('worker-config')}
            copied(f'{KUBERNETES}/orthanc.json', f'{configs["orthanc"]}/orthanc.json', QUIET)
            copied(f'{KUBERNETES}/osteond.toml', f'{configs["worker"]}/osteond.toml')
            env = {'OSTEON_PASSWORD': PASSWORD, 'PGPASSWORD': database.password}
            mounts = {}
            for name, deployment in of_kind('Deployment').items():
                mounts[name] = self.volumes(site, name, deployment, keys, configs[name])
                for first in pod(deployment)['initContainers']:
                    words = first.get('command') or [*entry(first['image'])[0], *first['args']]
                    site.once(f'{name}-{first["name"]}', first['image'], words,
                              {m['mountPath']: mounts[name][m['name']] for m in first['volumeMounts']})
                last = pod(deployment)['containers'][0]
                site.start(name, last['image'], [*entry(last['image'])[0], *last['args']],
                           {m['mountPath']: mounts[name][m['name']] for m in last['volumeMounts']}, env=env if 'env' in last else None)

            container = pod(of_kind('Deployment')['orthanc'])['containers'][0]
            places = {m['mountPath']: mounts['orthanc'][m['name']] for m in container['volumeMounts']}

            def run_in(words):
                return site.command('orthanc', 'osteon-orthanc', words, places, env=env)
            self.follow(site, run_in(container['readinessProbe']['exec']['command']),
                        lambda question: run_in(['sh', '-c', ASK.format(question)]))
            # The self-test has deleted its study since, and with it the job's state.
            self.assertEqual(int(database.ask("SELECT count(*) FROM osteon_ledger.history WHERE event = 'verified'")), 1)

    def volumes(self, site, name, deployment, keys, config):
        """Name of a volume -> folder. Owners and modes as the kubelet makes them: with fsGroup, readable by the group."""
        group = pod(deployment)['securityContext']['fsGroup']
        made = {}
        for volume in pod(deployment)['volumes']:
            folder = site.path(f'{name}-{volume["name"]}')
            made[volume['name']] = folder
            if 'configMap' in volume:
                made[volume['name']] = config
            elif 'secret' in volume:
                for item in volume['secret']['items']:
                    target = os.path.join(folder, item['path'])
                    shutil.copy(os.path.join(keys, item['key']), target)
                    os.chown(target, 0, group)
                    os.chmod(target, 0o644)
            else:
                os.chown(folder, 0, group)
                os.chmod(folder, 0o2777 if 'emptyDir' in volume else 0o2775)
        return made


class Database:
    """PostgreSQL at 127.0.0.1:5432 of this network, with what the README of deploy/kubernetes asks for."""
    password = 'of-the-database'

    def __enter__(self):
        self.cluster = postgres.Postgres()
        with contextlib.ExitStack() as stack:
            self.cluster.listen = '127.0.0.1'
            stack.enter_context(self.cluster)
            self.ask(f"CREATE ROLE orthanc LOGIN PASSWORD '{self.password}'")
            self.ask('CREATE DATABASE orthanc OWNER orthanc')
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self.stack.close()

    def ask(self, sql):
        name = 'orthanc' if 'osteon_ledger' in sql else 'postgres'
        where = f'host={self.cluster.folder} dbname={name} user={postgres.USER}'
        return run(postgres.program('psql'), '-XAtq', '-d', where, '-c', sql).stdout


if __name__ == '__main__':
    unittest.main(verbosity=2)
