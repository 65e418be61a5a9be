# SPDX-License-Identifier: GPL-3.0-or-later
"""What every flow of page_flows.py needs."""
import json
import os
import unittest

from lab import wait_until

# How often the open page has asked for the status.
REFRESHES = "performance.getEntriesByType('resource').filter((e) => e.name.endsWith('/osteon/status')).length"


class Flow:
    """The hospital and its browser."""

    def __init__(self, lab, browser):
        self.lab, self.browser, self.test = lab, browser, unittest.TestCase()
        self.allowed = ()  # Parts of messages that may stand on the console.

    def open(self, where='', **kwargs):
        self.page = self.browser.page(**kwargs)
        self.page.goto(f'http://127.0.0.1:{self.lab.http}/osteon/app/{where}')
        self.page.until("!['Loading', 'Wird geladen', ''].includes(document.querySelector('#state').textContent)")
        self.page.until("document.querySelectorAll('#jobs tr').length > 0")
        # All that is announced: the next announcement may come before one looks.
        self.page.value("""(() => {
            const said = document.querySelector('#said');
            window.announced = [];
            new MutationObserver(() => window.announced.push(said.textContent)).observe(said, {childList: true, characterData: true, subtree: true});
        })()""")
        return self.page

    def until_announced(self, text, seconds=30):
        self.page.until(f'window.announced.some((said) => said.includes({json.dumps(text)}))', seconds)

    def job(self, name):
        return self.lab.job_of(self.lab.uids[name])

    def row(self, name):
        """Selector of the button that opens a job's story."""
        return f'#jobs [data-key="open-{self.job(name)["id"]}"]'

    def shot(self, name):
        self.page.screenshot(os.path.join(self.lab.shots, f'{self.name}.{name}.png'))

    def until_dialog(self, part):
        def said():
            self.page.value('true')  # Reads what the browser has to say.
            return any(part in dialog for dialog in self.page.dialogs)
        wait_until(f'a dialog says "{part}"', said, 30)

    def freeze(self):
        """The page sees nothing new in its table from now on."""
        self.page.value("""(() => {
            const fetched = window.fetch;
            window.fetch = (path, ...rest) => path.endsWith('/osteon/status') ? new Promise(() => {}) : fetched(path, ...rest);
            window.dispatchEvent(new Event('osteon-changed'));  // What was asked before is not shown any more.
        })()""")

    def opens_an_object(self, link, sop_class):
        """A link of the story, by the mouse."""
        self.page.click('#stored a', link)
        tab = self.page.opened('/app/explorer.html#instance?uuid=')
        instance = tab.value("location.hash.split('=')[1]")
        self.test.assertEqual(self.lab.get(f'/instances/{instance}/metadata/SopClassUid').decode(), sop_class)
        object_uid = self.lab.get(f'/instances/{instance}/simplified-tags')['SOPInstanceUID']
        tab.until(f"window.$?.mobile?.activePage?.attr('id') === 'instance' && document.body.innerText.includes('{object_uid}')", 60)
        tab.close()

    def ask(self, what, told):
        """Asks the rule tester, as a person types."""
        self.page.type('#ask-what', what)
        self.page.key('Enter')
        self.page.until_text('#answer', told)

    def run(self, name):
        self.name, self.allowed = name, ()
        getattr(self, name)()
        self.shot('end')
        wrong = [e for e in self.page.errors if not any(part in e for part in self.allowed)]
        self.test.assertEqual(wrong, [], 'on the console')
        self.page.close()
