#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual's way from the sources to a worker that analyses: `cmake --install` of this build, then the manual's own lines, in a layer over
this machine (layer.py)."""
import os
import tempfile
import unittest

import layer
from lab import BUILD, run


class Sources(unittest.TestCase):
    def test_the_manuals_lines_lead_to_a_running_system(self):
        with tempfile.TemporaryDirectory(prefix='osteon-sources-') as folder:
            run('cmake', '--install', BUILD, '--prefix', '/usr', env={**os.environ, 'DESTDIR': f'{folder}/installed'})
            done = layer.run_in('/', folder, 'sources_inside.sh')
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn('sources: ok', done.stdout)


if __name__ == '__main__':
    layer.namespaces()
    unittest.main(verbosity=2)
