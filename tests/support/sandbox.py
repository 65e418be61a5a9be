# SPDX-License-Identifier: GPL-3.0-or-later
"""Applies the system call filters of deploy/systemd/osteond.service to a process without systemd, so that the tests' workers run as the service does.

Of the unit: SystemCallFilter, SystemCallErrorNumber=EPERM, RestrictAddressFamilies, NoNewPrivileges.
"""
import ctypes
import os
import re
import socket
import struct
import subprocess

SOURCE = os.environ.get('OSTEON_SOURCE_DIR') or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
UNIT = os.path.join(SOURCE, 'deploy', 'systemd', 'osteond.service')
NUMBERS = '/usr/include/x86_64-linux-gnu/asm/unistd_64.h'

ALLOW, KILL, EPERM, EAFNOSUPPORT = 0x7fff0000, 0x80000000, 0x00050001, 0x00050061
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
NUMBER, ARCH, FIRST = 0, 4, 16     # offsets in struct seccomp_data: the call, the architecture, the first argument
X86_64 = 0xC000003E


def set_members(name):
    """The calls of a set such as @system-service, as systemd knows it."""
    if not name.startswith('@'):
        return {name}
    listed = subprocess.run(['systemd-analyze', 'syscall-filter', name], capture_output=True, text=True, check=True).stdout
    words = [line.strip() for line in listed.splitlines()[1:]]
    return set().union(*(set_members(w) for w in words if w and not w.startswith('#')))


def allowed_calls(unit=UNIT):
    """The allowed calls by systemd's SystemCallFilter lines, read in order; '~' removes calls."""
    allowed = set()
    with open(unit) as f:
        for value in re.findall(r'^SystemCallFilter=(.*)$', f.read(), re.M):
            named = set().union(*(set_members(name) for name in value.lstrip('~').split()))
            allowed = allowed - named if value.startswith('~') else allowed | named
    return allowed


def allowed_families(unit=UNIT):
    """The numbers of the address families in RestrictAddressFamilies."""
    with open(unit) as f:
        return [int(getattr(socket, name)) for name in re.search(r'^RestrictAddressFamilies=(.*)$', f.read(), re.M)[1].split()]


def program():
    """The classic BPF program."""
    families = allowed_families()
    with open(NUMBERS) as f:
        numbers = {name: int(n) for name, n in re.findall(r'#define __NR_(\w+) (\d+)', f.read())}
    code = [(LOAD, 0, 0, ARCH), (EQUAL, 1, 0, X86_64), (RETURN, 0, 0, KILL), (LOAD, 0, 0, NUMBER)]
    code += [(EQUAL, 0, 1 + 2 * len(families) + 1, numbers['socket']), (LOAD, 0, 0, FIRST)]
    for family in families:
        code += [(EQUAL, 0, 1, family), (RETURN, 0, 0, ALLOW)]
    code += [(RETURN, 0, 0, EAFNOSUPPORT)]
    for call in sorted(allowed_calls() & numbers.keys()):
        code += [(EQUAL, 0, 1, numbers[call]), (RETURN, 0, 0, ALLOW)]
    return b''.join(struct.pack('HBBI', *step) for step in code + [(RETURN, 0, 0, EPERM)])


def enter():
    """For subprocess.Popen(preexec_fn=...). Prepares everything here, so that the child makes only two system calls."""
    code = program()
    buffer = ctypes.create_string_buffer(code, len(code))
    filter_of = struct.pack('HxxxxxxQ', len(code) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)

    def in_child():
        if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, filter_of, 0, 0) != 0:  # NO_NEW_PRIVS, SECCOMP by filter.
            os._exit(126)
    in_child.buffer = buffer  # Keeps the buffer alive as long as the function.
    return in_child
