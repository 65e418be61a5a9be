# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a program as at a terminal, with files in a folder of its own."""
import os
import subprocess
import tempfile
import unittest

from lab import free_port


def call(*command):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=120)


class Terminal(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='osteon-cli-')
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.nobody = f'http://127.0.0.1:{free_port()}'

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text):
        with open(self.path(name), 'w') as f:
            f.write(text)
        return self.path(name)
