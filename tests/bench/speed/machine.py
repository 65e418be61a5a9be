# SPDX-License-Identifier: GPL-3.0-or-later
"""What the figures were measured on: processor, memory, system, versions; and what the machine can do at most (machine_limits.cc)."""
import json
import os
import subprocess

PACKAGES = ('orthanc', 'libdnnl2', 'libdnnl3', 'libopencv-dnn406', 'libopencv-dnn410', 'libdcmtk17', 'python3-torch', 'python3-pydicom',
            'python3-numpy', 'python3-scipy', 'libinsighttoolkit5.2', 'libinsighttoolkit5.4', 'dcm2niix', 'dcmtk', 'orthanc-dicomweb',
            'postgresql', 'sqlite3')


def output(*command, cwd=None):
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)
    return done.stdout.strip() if done.returncode == 0 else ''


def processor():
    with open('/proc/cpuinfo') as f:
        lines = dict(tuple(part.strip() for part in line.split(':', 1)) for line in f if ':' in line)
    wanted = ('avx2', 'avx512f', 'avx512_bf16', 'avx512_vnni', 'amx_bf16')
    flags = [flag for flag in wanted if flag in lines.get('flags', '').split()]
    return {'model': lines.get('model name', 'unknown'), 'mhz': lines.get('cpu MHz', ''), 'cores': os.cpu_count(), 'flags': flags,
            'cache': lines.get('cache size', '')}


def memory_gib():
    with open('/proc/meminfo') as f:
        return int(f.readline().split()[1]) / 2**20


def versions():
    rows = output('dpkg-query', '-W', '-f', '${Package} ${Version} ${db:Status-Status}\n', *PACKAGES).splitlines()
    if not rows:  # dpkg-query fails when one of them is unknown.
        rows = [output('dpkg-query', '-W', '-f', '${Package} ${Version} ${db:Status-Status}\n', name) for name in PACKAGES]
    return {name: version for name, version, state in (row.split() for row in rows if len(row.split()) == 3) if state == 'installed'}


def commit(source):
    """Of what is measured; whether its own results have been written does not matter."""
    changed = output('git', 'status', '--porcelain', '--untracked-files=no', '--', '.', ':!tests/bench/RESULTS.md', ':!tests/bench/results.json', cwd=source)
    return (output('git', 'rev-parse', '--short=10', 'HEAD', cwd=source) or 'unknown') + (' with changes' if changed else '')


def describe(source, limits_program):
    """`limits_program` prints one JSON object of what it measured; its values are empty where it is not built."""
    with open('/etc/debian_version') as f:
        debian = f.read().strip()
    limits = output(limits_program) if os.path.exists(limits_program) else ''
    return {'processor': processor(), 'memory_gib': memory_gib(), 'debian': debian, 'kernel': os.uname().release,
            'commit': commit(source),
            'versions': versions(), 'limits': json.loads(limits) if limits else {}}
