#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containerfile, compose file and Kubernetes manifests against the programs: what they name is there, is accepted, and fits together.

No engine is needed; tests/containers.sh builds the images and runs them.
"""
import json
import os
import re
import shutil
import tempfile
import unittest

import yaml

from deploy_test import known_metrics
from lab import OSTEON, OSTEOND, SOURCE, run

CONTAINERS = f'{SOURCE}/deploy/containers'
KUBERNETES = f'{SOURCE}/deploy/kubernetes'
PORTS = {'http': 8042, 'dicom': 4242, 'workers': 5742}
METRICS = 9742


def text(path):
    with open(path) as f:
        return f.read()


def plain_json(path):
    """As Orthanc reads it: with lines of comment."""
    return json.loads(re.sub(r'^\s*//.*$', '', text(path), flags=re.M))


def manifests():
    listed = yaml.safe_load(text(f'{KUBERNETES}/kustomization.yaml'))['resources']
    return [one for name in listed for one in yaml.safe_load_all(text(f'{KUBERNETES}/{name}'))]


def of_kind(kind):
    return {one['metadata']['name']: one for one in manifests() if one['kind'] == kind}


def pod(deployment):
    return deployment['spec']['template']['spec']


def containers(deployment):
    return pod(deployment).get('initContainers', []) + pod(deployment)['containers']


def seconds(duration):
    return int(re.fullmatch(r'(\d+)s', duration)[1])


def drain_seconds(toml):
    own = re.search(r'^drain_seconds = (\d+)', text(toml), re.M)
    return int((own or re.search(r'^drain_seconds = (\d+)', text(f'{SOURCE}/config/osteond.toml'), re.M))[1])


def stages():
    """Name of an image -> the lines of the Containerfile that make it."""
    parts = re.split(r'^FROM \S+ AS (\w+)$', text(f'{CONTAINERS}/Containerfile'), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


class Images(unittest.TestCase):
    def test_each_starts_what_its_package_installs(self):
        unit = re.search(r'^ExecStart=(\S+)', text(f'{SOURCE}/deploy/systemd/osteond.service'), re.M)[1]
        starts = {'orthanc': ('/usr/sbin/Orthanc', ['/etc/orthanc']), 'worker': (unit, ['--config', '/etc/osteon/osteond.toml'])}
        self.assertEqual(set(stages()), set(starts))
        for name, lines in stages().items():
            program, arguments = starts[name]
            self.assertEqual(json.loads(re.search(r'^ENTRYPOINT (.*)$', lines, re.M)[1]), [program])
            self.assertEqual(json.loads(re.search(r'^CMD (.*)$', lines, re.M)[1]), arguments)
            self.assertIn(f'/osteon-{name}_*.deb', lines)

    def test_no_key_stays_in_one_and_it_does_not_run_as_root(self):
        for name, lines in stages().items():
            commands = re.findall(r'^RUN (?:.*\\\n)*.*$', lines, re.M)
            self.assertEqual(len(commands), 1, f'{name}: what a later layer removes is still in the one before')
            self.assertIn('rm -rf /etc/osteon/*', commands[0])
            self.assertGreater(int(re.search(r'^USER (\d+):', lines, re.M)[1]), 0)


class Configuration(unittest.TestCase):
    def test_of_orthanc_has_only_known_keys_and_the_usual_ports(self):
        known = plain_json(f'{SOURCE}/config/orthanc-osteon.json')['Osteon']
        for path in (f'{CONTAINERS}/orthanc/orthanc.json', f'{KUBERNETES}/orthanc.json'):
            config = plain_json(path)
            self.assertEqual(set(config['Osteon']) - set(known), set(), path)
            self.assertEqual((config['HttpPort'], config['DicomPort']), (PORTS['http'], PORTS['dicom']))
            self.assertEqual(config['Osteon']['Endpoint'], f'tcp://0.0.0.0:{PORTS["workers"]}')
            self.assertTrue(known['Endpoint'].endswith(f':{PORTS["workers"]}'))
            self.assertEqual(config['Osteon']['Mode'], 'silent', 'as the packages')
            self.assertTrue(config['AuthenticationEnabled'])
            self.assertRegex(config['RegisteredUsers']['admin'], r'^\$\{\w+\}$', 'no password in a file')

    def test_of_the_worker_passes_its_check(self):
        for path in (f'{CONTAINERS}/osteond.toml', f'{KUBERNETES}/osteond.toml'):
            with tempfile.TemporaryDirectory() as folder:
                run(OSTEON, 'keygen', '--out', folder)
                own = re.sub(r'"/(?:keys|run/osteon)/', f'"{folder}/', text(path))
                own += f'model_dir = "{SOURCE}/config/models"\n'
                with open(f'{folder}/osteond.toml', 'w') as f:
                    f.write(own)
                self.assertIn('in order', run(OSTEOND, '--config', f'{folder}/osteond.toml', '--check').stdout)

    def test_the_question_of_the_probes_is_one_that_osteon_knows(self):
        options = run(OSTEON, 'status', '--help').stdout
        compose = yaml.safe_load(text(f'{CONTAINERS}/compose.yaml'))
        asked = [compose['services']['orthanc']['healthcheck']['test'][1],
                 *(pod(of_kind('Deployment')['orthanc'])['containers'][0][probe]['exec']['command'][2]
                   for probe in ('readinessProbe', 'startupProbe'))]
        for question in asked:
            self.assertIn('| osteon status ', question)
            for option in re.findall(r'--[\w-]+', question):
                self.assertIn(option, options)


class Compose(unittest.TestCase):
    def setUp(self):
        self.file = yaml.safe_load(text(f'{CONTAINERS}/compose.yaml'))
        self.services = self.file['services']

    def test_images_volumes_and_files_are_there(self):
        for name, service in self.services.items():
            self.assertIn(service['image'].removeprefix('osteon-'), stages(), name)
            for volume in service.get('volumes', []):
                source = volume.split(':')[0]
                self.assertTrue(os.path.exists(os.path.join(CONTAINERS, source)) if source.startswith('.') else source in self.file['volumes'],
                                volume)

    def test_what_the_programs_read_is_mounted(self):
        for name, files in (('orthanc', ['orthanc/orthanc.json']), ('worker', ['osteond.toml'])):
            mounted = [v.split(':')[1] for v in self.services[name]['volumes']]
            for path in re.findall(r'"(/(?:keys|var/lib)/[^"]+)"', ''.join(text(f'{CONTAINERS}/{f}') for f in files)):
                self.assertTrue(any(path.startswith(place + '/') for place in mounted), f'{name}: {path}')
            place = '/etc/orthanc' if name == 'orthanc' else '/etc/osteon/osteond.toml'
            self.assertIn(place, mounted)

    def test_ports_are_the_usual_ones_and_the_page_is_for_this_host(self):
        self.assertEqual(self.services['orthanc']['ports'], [f'127.0.0.1:{PORTS["http"]}:{PORTS["http"]}', f'{PORTS["dicom"]}:{PORTS["dicom"]}'])
        self.assertIn(f'"tcp://orthanc:{PORTS["workers"]}"', text(f'{CONTAINERS}/osteond.toml'))

    def test_a_worker_has_the_time_to_drain(self):
        self.assertGreater(seconds(self.services['worker']['stop_grace_period']), drain_seconds(f'{CONTAINERS}/osteond.toml'))


class Kubernetes(unittest.TestCase):
    def test_each_mount_has_its_volume_and_each_secret_is_made_by_the_manual(self):
        manual = text(f'{KUBERNETES}/README.md')
        made = {'osteon-keys': set(re.findall(r'--from-file=keys/(\S+)', manual)),
                'osteon-passwords': set(re.findall(r'--from-literal=(\w+)=', manual))}
        for name, one in of_kind('Deployment').items():
            volumes = {v['name']: v for v in pod(one)['volumes']}
            for container in containers(one):
                self.assertEqual({m['name'] for m in container['volumeMounts']} - set(volumes), set(), name)
                for variable in container.get('env', []):
                    key = variable['valueFrom']['secretKeyRef']
                    self.assertIn(key['key'], made[key['name']])
            for volume in volumes.values():
                if 'secret' in volume:
                    keys = {item['key'] for item in volume['secret']['items']}
                    self.assertEqual(keys - made[volume['secret']['secretName']], set())

    def test_configuration_is_generated_from_files_that_are_there(self):
        made = {one['name']: one['files'] for one in yaml.safe_load(text(f'{KUBERNETES}/kustomization.yaml'))['configMapGenerator']}
        for files in made.values():
            for file in files:
                self.assertTrue(os.path.exists(f'{KUBERNETES}/{file}'))
        used = {v['configMap']['name'] for one in of_kind('Deployment').values() for v in pod(one)['volumes'] if 'configMap' in v}
        self.assertEqual(used, set(made))

    def test_what_the_programs_read_is_mounted(self):
        files = {'orthanc': 'orthanc.json', 'worker': 'osteond.toml'}
        for name, one in of_kind('Deployment').items():
            places = [m['mountPath'] for m in pod(one)['containers'][0]['volumeMounts']]
            for path in re.findall(r'"(/(?:keys|run|var/lib|tmp)\b[^"]*)"', text(f'{KUBERNETES}/{files[name]}')):
                self.assertTrue(any((path + '/').startswith(place + '/') for place in places), f'{name}: {path}')

    def test_images_are_those_of_the_containerfile(self):
        replaced = {one['name'] for one in yaml.safe_load(text(f'{KUBERNETES}/kustomization.yaml'))['images']}
        used = {c['image'] for one in of_kind('Deployment').values() for c in containers(one)}
        self.assertEqual(used, replaced)
        self.assertEqual({image.removeprefix('osteon-') for image in used}, set(stages()))

    def test_secret_keys_are_copied_where_only_their_user_reads_them(self):
        for name, one in of_kind('Deployment').items():
            copy = next(c for c in pod(one)['initContainers'] if c['name'] == 'key')
            program, mode, rights, source, target = copy['command']
            self.assertEqual((program, mode, rights), ('install', '-m', '0600'))
            config = text(f'{KUBERNETES}/{"orthanc.json" if name == "orthanc" else "osteond.toml"}')
            self.assertIn(f'"{target}"', config)
            self.assertTrue(source.startswith('/keys/') and shutil.which(program))

    def test_users_are_those_of_the_images(self):
        for name, one in of_kind('Deployment').items():
            user = int(re.search(r'^USER (\d+):', stages()[name], re.M)[1])
            context = pod(one)['securityContext']
            self.assertEqual((context['runAsUser'], context['fsGroup']), (user, user), name)

    def test_ports_services_budgets_and_policies_meet_their_pods(self):
        deployments = of_kind('Deployment')
        labels = {name: one['spec']['template']['metadata']['labels'] for name, one in deployments.items()}
        for name, one in deployments.items():
            self.assertEqual(one['spec']['selector']['matchLabels'], labels[name])
        self.assertEqual({p['name']: p['containerPort'] for p in pod(deployments['orthanc'])['containers'][0]['ports']}, PORTS)
        service = of_kind('Service')['orthanc']['spec']
        self.assertEqual(service['selector'], labels['orthanc'])
        self.assertEqual({p['targetPort']: p['port'] for p in service['ports']}, PORTS)
        self.assertIn(f'"tcp://orthanc:{PORTS["workers"]}"', text(f'{KUBERNETES}/osteond.toml'))
        budgets = of_kind('PodDisruptionBudget')
        self.assertEqual({name: b['spec']['selector']['matchLabels'] for name, b in budgets.items()}, labels)
        for policy in of_kind('NetworkPolicy').values():
            self.assertIn(policy['spec']['podSelector']['matchLabels'], labels.values())
        self.assertEqual(pod(deployments['worker'])['containers'][0]['ports'], [{'name': 'metrics', 'containerPort': METRICS}])
        self.assertIn(f'metrics = "tcp://0.0.0.0:{METRICS}"', text(f'{KUBERNETES}/osteond.toml'))
        self.assertEqual(of_kind('NetworkPolicy')['worker']['spec']['ingress'], [{'ports': [{'port': METRICS, 'protocol': 'TCP'}]}])
        self.assertEqual(of_kind('NetworkPolicy')['worker']['spec']['egress'][0]['ports'], [{'port': PORTS['workers'], 'protocol': 'TCP'}])

    def test_workers_are_scaled_on_metrics_that_there_are_and_drain_before_they_go(self):
        scaled = of_kind('ScaledObject')['worker']['spec']
        self.assertIn(scaled['scaleTargetRef']['name'], of_kind('Deployment'))
        query = scaled['triggers'][0]['metadata']['query']
        used = set(re.findall(r'osteon_\w+', query))
        self.assertIn('osteon_jobs_ready', used)
        self.assertEqual(used - known_metrics(), set())
        grace = pod(of_kind('Deployment')['worker'])['terminationGracePeriodSeconds']
        self.assertGreater(grace, drain_seconds(f'{KUBERNETES}/osteond.toml'))

    def test_no_pod_may_become_more_than_it_is(self):
        for one in of_kind('Deployment').values():
            self.assertTrue(pod(one)['securityContext']['runAsNonRoot'])
            for container in containers(one):
                context = container['securityContext']
                self.assertEqual((context['allowPrivilegeEscalation'], context['readOnlyRootFilesystem'], context['capabilities']),
                                 (False, True, {'drop': ['ALL']}))


if __name__ == '__main__':
    unittest.main(verbosity=2)
