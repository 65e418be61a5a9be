# SPDX-License-Identifier: GPL-3.0-or-later
"""The changelog of the packages in Debian's format, made from CHANGELOG.md: sections "## Next version" or "## 0.2.0, 2027-01-31",
topics "### ...", and points "* ...".
"""
import datetime
import email.utils
import os
import re
import textwrap

MARKDOWN = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'CHANGELOG.md')
MAINTAINER = 'The Osteon project <maintainer@osteon.example>'


def points(section):
    """The topics and points of a section, as Debian writes them."""
    lines = []
    for topic, mark, point in re.findall(r'(?m)^### (.*)$|^(\*) (.*(?:\n  .*)*)', section):
        if topic:
            lines += ['', f'  [ {topic} ]']
        elif mark:
            lines.append(textwrap.fill(' '.join(point.split()), 79, initial_indent='  * ', subsequent_indent='    ',
                                       break_long_words=False, break_on_hyphens=False))
    return '\n'.join(lines).strip('\n')


def signed_at(heading):
    """The day of a release; of one to come the day on which it is built (SOURCE_DATE_EPOCH)."""
    day = re.search(r'\d{4}-\d\d-\d\d', heading)
    built = os.environ.get('SOURCE_DATE_EPOCH')
    moment = (datetime.datetime.fromisoformat(day[0]) if day else
              datetime.datetime.fromtimestamp(int(built), datetime.timezone.utc) if built else datetime.datetime.now(datetime.timezone.utc))
    return email.utils.format_datetime(moment.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=datetime.timezone.utc))


def debian_changelog(version, markdown=MARKDOWN):
    """`version` is that of the packages, for the newest section."""
    with open(markdown, encoding='utf-8') as f:
        parts = re.split(r'(?m)^## (.*)$', f.read())
    entries = []
    for heading, section in zip(parts[1::2], parts[2::2]):
        number = version if not entries else re.match(r'[\d.]+', heading)[0]
        entries.append(f'osteon ({number}) unstable; urgency=medium\n\n{points(section)}\n\n -- {MAINTAINER}  {signed_at(heading)}\n')
    return '\n'.join(entries)
