#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes man pages and shell completions of the packages from the programs' --help, and their changelogs from CHANGELOG.md.

    help_files.py tools|worker|orthanc --version VERSION --bin build/release/bin --out DESTDIR/usr
"""
import argparse
import gzip
import os
import re
import subprocess
import textwrap

from changelog import debian_changelog


def help_of(program, *command):
    done = subprocess.run([program, *command, '--help'], capture_output=True, text=True, check=True)
    return parse(done.stdout)


def parse(text):
    """The parts of a --help: description, usage, and per section its (term, explanation) pairs; other lines are the footer."""
    blocks = {'about': [], 'usage': '', 'positionals': [], 'options': [], 'subcommands': [], 'footer': []}
    section = 'about'
    for line in text.splitlines():
        heading = re.match(r'(?i)^(positionals|options|subcommands):$', line)
        if line.startswith('Usage: '):
            blocks['usage'] = line[7:]
            section = 'footer'
        elif heading:
            section = heading[1].lower()
        elif section in ('about', 'footer'):
            blocks[section].append(line)
        elif not line.strip():
            section = 'footer'
        elif re.match(r'^ {2}\S', line):
            term, _, words = re.match(r'^ {2}(.*?)( {2,}|$)(.*)', line).groups()
            blocks[section].append([term, words])
        elif line.startswith('   '):
            blocks[section][-1][1] = (blocks[section][-1][1] + ' ' + line.strip()).strip()
        else:
            section = 'footer'
            blocks[section].append(line)
    for key in ('about', 'footer'):
        blocks[key] = ' '.join(' '.join(blocks[key]).split())
    return blocks


def names(term):
    """-h,--help of "-h,--help" and --state of "--state TEXT"."""
    return term.split(' ')[0].split(',')


def roff(text):
    return text.replace('\\', r'\e').replace('-', r'\-').replace("'", r'\(aq').replace('\n.', '\n\\&.')


def pairs(rows):
    return ''.join(f'.TP\n.B {roff(term)}\n{roff(words)}\n' for term, words in rows)


def man_page(name, section, version, summary, overview, commands):
    text = f'.TH {name.upper()} {section} "" "Osteon {version}" "Osteon"\n.SH NAME\n{name} \\- {summary}\n'
    text += f'.SH SYNOPSIS\n.B {roff(overview["usage"])}\n.SH DESCRIPTION\n{roff(overview["about"])}\n'
    text += '.SH OPTIONS\n' + pairs(overview['positionals']) + pairs(overview['options'])
    if commands:
        text += '.SH COMMANDS\n'
    for command, own in commands.items():
        text += f'.SS {roff(own["usage"])}\n{roff(own["about"])}\n' + pairs(own['positionals']) + pairs(own['options'])
        if own['footer']:
            text += f'.PP\n{roff(own["footer"])}\n'
    if overview['footer']:
        text += f'.SH EXIT STATUS\n{roff(overview["footer"])}\n'
    text += ('.SH FILES\n.TP\n.I /etc/osteon/osteond.toml\nconfiguration of this machine\\(aqs worker\n'
             '.TP\n.I /etc/orthanc/osteon.json\nconfiguration of the plugin\n'
             '.TP\n.I /usr/share/doc/osteon/MANUAL.md\nthe manual of both\n')
    return text


def bash_completion(commands):
    cases = ''.join(f'    {command}) below="{" ".join(below_of(own))}" words="{" ".join(options_of(own))}" ;;\n' for command, own in commands.items())
    return f'''# bash completion of osteon(1)
_osteon() {{
  local below words cur=${{COMP_WORDS[COMP_CWORD]}}
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "{' '.join(commands)} --help --version" -- "$cur"))
    return
  fi
  case ${{COMP_WORDS[1]}} in
{cases}    *) return ;;
  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
  elif [ -n "$below" ] && [ "$COMP_CWORD" -eq 2 ]; then
    COMPREPLY=($(compgen -W "$below" -- "$cur"))
  else
    COMPREPLY=($(compgen -f -- "$cur"))
  fi
}}
complete -o filenames -F _osteon osteon
'''


def options_of(command):
    return list(dict.fromkeys(name for term, _ in command['options'] for name in names(term) if name.startswith('--')))


def below_of(command):
    """The commands below this one: check of "osteon config"."""
    return [name for name, _ in command['subcommands']]


def quoted(text):
    return text.replace("'", "'\\''")


def zsh_completion(commands):
    described = '\n'.join(f"    '{name}:{quoted(own['about']).replace(':', ' -')}'" for name, own in commands.items())
    cases = ''
    for command, own in commands.items():
        lines = []
        for term, words in own['options']:
            value = ':value:_files' if ' ' in term else ''
            for name in names(term):
                explained = quoted(words).replace('[', '(').replace(']', ')').replace(':', ' -')
                lines.append(f"'{name}[{explained}]{value}'")
        rest = f"'1:command:({' '.join(below_of(own))})' '*:file:_files'" if below_of(own) else "'*:file:_files'"
        cases += f"    {command}) _arguments {' '.join(lines)} {rest} ;;\n"
    return f'''#compdef osteon
_osteon() {{
  local -a commands
  commands=(
{described}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
{cases}  esac
}}
_osteon "$@"
'''


def fish_completion(commands):
    text = '# fish completion of osteon(1)\n'
    for name, own in commands.items():
        text += f"complete -c osteon -n __fish_use_subcommand -f -a {name} -d '{own['about'].translate({39: 96})}'\n"
    for name, own in commands.items():
        for below, words in own['subcommands']:
            text += f"complete -c osteon -n '__fish_seen_subcommand_from {name}' -f -a {below} -d '{words.translate({39: 96})}'\n"
        for term, words in own['options']:
            for option in names(term):
                if option.startswith('--'):
                    needs = ' -r' if ' ' in term else ''
                    text += (f"complete -c osteon -n '__fish_seen_subcommand_from {name}' -l {option[2:]}{needs} "
                             f"-d '{words.translate({39: 96})}'\n")
    return text


def write(out, path, text, pack=False):
    target = os.path.join(out, path + ('.gz' if pack else ''))
    os.makedirs(os.path.dirname(target), exist_ok=True)
    content = text.encode()
    with open(target, 'wb') as f:
        f.write(gzip.compress(content, 9, mtime=0) if pack else content)
    os.chmod(target, 0o644)


def tools(args):
    program = os.path.join(args.bin, 'osteon')
    overview = help_of(program)
    commands = {name: help_of(program, name) for name, _ in overview['subcommands']}
    if not commands or not all(own['options'] for own in commands.values()):
        raise SystemExit('help_files.py: cannot read the help of osteon')
    described = {}
    for name, own in commands.items():
        below = {f'{name} {one}': help_of(program, name, one) for one in below_of(own)}
        described |= {name: {**own, 'options': list(own['options'])}, **below}
        # A shell does not tell them apart: after "config" come the options of "config check", too.
        own['options'] += [row for one in below.values() for row in one['options'] if row not in own['options']]
    page = man_page('osteon', 1, args.version, 'finds bone lesions of CNO on whole\\-body MRI', overview, described)
    write(args.out, 'share/man/man1/osteon.1', page, pack=True)
    write(args.out, 'share/bash-completion/completions/osteon', bash_completion(commands))
    write(args.out, 'share/zsh/vendor-completions/_osteon', zsh_completion(commands))
    write(args.out, 'share/fish/vendor_completions.d/osteon.fish', fish_completion(commands))


def worker(args):
    page = man_page('osteond', 8, args.version, 'worker of Osteon', help_of(os.path.join(args.bin, 'osteond')), {})
    write(args.out, 'share/man/man8/osteond.8', page, pack=True)


def orthanc(args):
    page = man_page('osteon-move-ledger', 1, args.version, 'moves the ledger of Osteon from SQLite to PostgreSQL',
                    help_of(os.path.join(args.bin, 'osteon-move-ledger')), {})
    write(args.out, 'share/man/man1/osteon-move-ledger.1', page, pack=True)


def changelog(args):
    write(args.out, f'share/doc/osteon-{args.part}/changelog', debian_changelog(args.version), pack=True)


def main():
    parser = argparse.ArgumentParser(description=textwrap.dedent(__doc__))
    parser.add_argument('part', choices=('tools', 'worker', 'orthanc'))
    for name in ('--version', '--bin', '--out'):
        parser.add_argument(name, required=True)
    args = parser.parse_args()
    changelog(args)
    {'tools': tools, 'worker': worker, 'orthanc': orthanc}[args.part](args)


if __name__ == '__main__':
    main()
