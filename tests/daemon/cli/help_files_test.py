#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The man page and the completions of the packages have every command and every option that --help has."""
import gzip
import os
import re
import subprocess
import tempfile
import unittest

from lab import BUILD, OSTEON, SOURCE, run

HELP_FILES = os.path.join(SOURCE, 'deploy', 'packages', 'help_files.py')


def help_text(*command):
    return run(OSTEON, *command, '--help').stdout


def commands_in(text):
    listed = re.search(r'(?im)^subcommands:\n((?: .*\n)*)', text)
    return re.findall(r'(?m)^ {2}(\S+)', listed[1]) if listed else []


def everything():
    """(command, or "config check") -> its options, read from --help without the help of help_files.py."""
    paths = [[name] for name in commands_in(help_text())]
    paths += [[*path, below] for path in paths for below in commands_in(help_text(*path))]
    return {' '.join(path): set(re.findall(r'(?<![\w-])--[a-z][a-z-]*', re.search(r'(?ims)^options:\n(.*?)(?:^\S|\Z)', help_text(*path))[1])) for path in paths}


class HelpFiles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        run('/usr/bin/python3', HELP_FILES, 'tools', '--version', '1.2.3', '--bin', os.path.join(BUILD, 'bin'), '--out', cls.folder.name)
        cls.known = everything()

    def read(self, path):
        with open(os.path.join(self.folder.name, path), 'rb') as f:
            content = f.read()
        return (gzip.decompress(content) if path.endswith('.gz') else content).decode()

    def test_help_has_what_it_should(self):
        self.assertIn('config check', self.known)
        for command, option in (('digest', '--since'), ('logs', '--json'), ('run-now', '--reason'), ('selftest', '--json'), ('config check', '--orthanc')):
            self.assertIn(option, self.known[command])

    def test_a_changelog_has_a_section_for_each_version(self):
        path = os.path.join(self.folder.name, 'CHANGELOG.md')
        with open(path, 'w') as f:
            f.write('# Changes\n\nAbout.\n\n## Next version\n\n### Pages\n\n* One\n  and two.\n\n## 0.2.0, 2027-01-31\n\n* Three.\n')
        script = 'import changelog, sys; print(changelog.debian_changelog("0.3.0+deb12", sys.argv[1]), end="")'
        said = run('/usr/bin/python3', '-B', '-c', script, path, env={'PYTHONPATH': os.path.dirname(HELP_FILES), 'SOURCE_DATE_EPOCH': '1803340800'}).stdout
        signed = ' -- The Osteon project <maintainer@osteon.example>  '
        self.assertEqual(said, 'osteon (0.3.0+deb12) unstable; urgency=medium\n\n  [ Pages ]\n  * One and two.\n\n'
                         f'{signed}Tue, 23 Feb 2027 00:00:00 +0000\n\n'
                         f'osteon (0.2.0) unstable; urgency=medium\n\n  * Three.\n\n{signed}Sun, 31 Jan 2027 00:00:00 +0000\n')

    def test_the_man_page_has_every_command_and_option(self):
        page = self.read('share/man/man1/osteon.1.gz').replace(r'\-', '-')
        parts = dict(re.findall(r'(?ms)^\.SS osteon ((?:[a-z-]+ ?)+?)(?= [^a-z]|$).*?\n(.*?)(?=^\.SS|\Z)', page))
        self.assertEqual({command.strip() for command in parts} ^ set(self.known), set())
        for command, options in self.known.items():
            self.assertEqual({option for option in options if option not in parts[command]}, set(), command)

    def bash(self, *words):
        """What bash offers after these words."""
        script = (f'source {self.folder.name}/share/bash-completion/completions/osteon; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _osteon; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(['bash', '-c', script, 'bash', 'osteon', *words], capture_output=True, text=True, check=True)
        return set(done.stdout.split())

    def test_bash_offers_every_command_and_option(self):
        self.assertEqual(self.bash(''), {command for command in self.known if ' ' not in command} | {'--help', '--version'})
        self.assertEqual(self.bash('run'), {'run-now'})
        self.assertEqual(self.bash('config', ''), {'check'})
        for command, options in self.known.items():
            self.assertEqual(options - self.bash(*command.split(), '--'), set(), command)

    def fish(self, *lines):
        """For each line what fish offers at its end."""
        script = 'source $argv[1]; for line in $argv[2..]; complete -C $line | string split -f 1 \\t; echo "."; end'
        done = subprocess.run(['fish', '--no-config', '-c', script, f'{self.folder.name}/share/fish/vendor_completions.d/osteon.fish', *lines],
                              capture_output=True, text=True, check=True)
        self.assertEqual(done.stderr, '')
        return [set(offered.split()) for offered in done.stdout.split('.\n')[:-1]]

    def test_fish_offers_every_command_and_option(self):
        self.assertEqual(self.fish('osteon ana', 'osteon config '), [{'analyze'}, {'check'}])
        offered, = self.fish('osteon ')
        self.assertEqual({command for command in self.known if ' ' not in command} - offered, set())
        for (command, options), offered in zip(self.known.items(), self.fish(*(f'osteon {command} --' for command in self.known))):
            self.assertEqual(options - offered, set(), command)

    def test_zsh_reads_its_file_and_has_every_command_and_option(self):
        path = 'share/zsh/vendor-completions/_osteon'
        run('zsh', '--no-rcs', '-n', os.path.join(self.folder.name, path))
        zsh = self.read(path)
        for command, options in self.known.items():
            first, *below = command.split()
            own = re.search(rf'(?m)^    {first}\) (.*)$', zsh)[1]
            self.assertIn(f"'{first}:", zsh)
            for name in below:
                self.assertIn(f'({name})', own)
            self.assertEqual({o for o in options if f"'{o}[" not in own}, set(), command)


if __name__ == '__main__':
    unittest.main(verbosity=2)
