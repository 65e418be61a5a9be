# SPDX-License-Identifier: GPL-3.0-or-later
"""The flows of page_flows.py that lead from elsewhere to the page, and from the page to elsewhere."""
import json
import os

from page_flow import Flow, REFRESHES


class DoorFlows(Flow):
    """Each flow is a method."""

    def a_series_opens_in_the_web_viewer(self):
        page = self.open(f'#job={self.job("A-1")["id"]}')
        page.until_text('#series', 'taken as STIR')
        page.value("[...document.querySelectorAll('#series tr')].find((r) => r.innerText.includes('taken as STIR')).querySelector('a').id = 'stir'")
        page.click('#stir')
        viewer = page.opened('/web-viewer/app/viewer.html?series=')
        viewer.until("document.querySelector('canvas')?.width > 0", 60)
        viewer.screenshot(os.path.join(self.lab.shots, f'{self.name}.png'))

    def other_viewers_are_linked_only_where_they_are_installed(self):
        page = self.open(f'#job={self.job("A-1")["id"]}')
        page.until_text('#series', 'taken as STIR')
        others = {'stone-webviewer', 'ohif', 'osimis-web-viewer'}
        self.test.assertEqual(others & set(self.lab.get('/plugins')), set())
        self.test.assertEqual(page.value("[...document.querySelectorAll('#story-links a')].map((a) => a.innerText)"), ['In Orthanc'])
        # Debian has none of these: Orthanc's list of plugins is made up from here on.
        stone, ohif = '/stone-webviewer/index.html?study=1.2.3', '/ohif/viewer?StudyInstanceUIDs=1.2.3&url=../studies/id/ohif-dicom-json'
        for n, (plugins, links) in enumerate((([], []), (['dicom-web', 'web-viewer'], []), (['ohif', 'dicom-web'], [ohif]), (['ohif', 'stone-webviewer'], [ohif, stone]),
                                              (['osimis-web-viewer'], ['/osimis-viewer/app/index.html?study=id']))):
            self.test.assertEqual(page.value(f'''import('./app.orthanc.js?{n}').then(async (o) => {{
                const fetched = window.fetch;
                window.fetch = (path, ...rest) => path.endsWith('/plugins') ? Promise.resolve(new Response({json.dumps(json.dumps(plugins))})) : fetched(path, ...rest);
                const links = await o.viewersOf('1.2.3', 'id');
                window.fetch = fetched;
                return links.map((l) => l.href);
            }})'''), links, plugins)

    def orthanc_explorer_leads_to_the_page_and_to_the_story(self):
        page = self.page = self.browser.page()
        explorer = f'http://127.0.0.1:{self.lab.http}/app/explorer.html'
        page.goto(explorer + '#lookup')
        page.click('a', 'Osteon: jobs and reports')
        page.until("location.pathname.includes('/osteon/app') && document.querySelectorAll('#jobs tr').length > 0", 60)
        page.goto(f'{explorer}#study?uuid={self.lab.studies()[self.lab.uids["A-1"]]}')
        page.until("[...document.querySelectorAll('a')].some((a) => a.innerText.includes('what happened to this study') && a.checkVisibility())", 60)
        self.shot('explorer')
        page.click('a', 'Osteon: what happened to this study')
        page.until("location.pathname.includes('/osteon/app') && document.querySelector('#story-title')?.innerText.includes('done')", 60)
        page.until_text('#story-study', 'accession A-1')
        self.allowed = ('favicon', )

    def the_links_of_a_story_open_and_meanwhile_the_page_rests(self):
        page = self.open(f'#job={self.job("A-1")["id"]}')
        study = self.lab.studies()[self.lab.uids['A-1']]
        page.click('#story-links a', 'In Orthanc')
        tab = page.opened('/app/explorer.html#study?uuid=' + study)
        tab.until("document.querySelector('#study') && document.body.innerText.includes('A-1')", 60)
        # The page is in the background now.
        page.until('document.hidden')
        page.value(f'''(() => {{
            const later = window.setTimeout;
            window.rounds = 0;
            window.setTimeout = (work, milliseconds) => {{ window.rounds += milliseconds === 3000; return later(work, milliseconds); }};
            window.seen = {REFRESHES};
        }})()''')
        page.until('window.rounds > 2')
        self.test.assertEqual(page.value(f'{REFRESHES} - window.seen'), 0)
        tab.close()
        page.until(f'!document.hidden && {REFRESHES} > window.seen')
        for link, kind in (('structured report', '1.2.840.10008.5.1.4.1.1.88.34'), ('segmentation', '1.2.840.10008.5.1.4.1.1.66.4')):
            self.opens_an_object(link, kind)

    def the_address_of_a_study_opens_its_story(self):
        # As the button for Orthanc Explorer 2 makes it (deploy_test.py).
        page = self.open('#study=' + self.lab.studies()[self.lab.uids['A-1']])
        page.until_text('#story-title', 'done')
        page.until_text('#story-study', 'accession A-1')
