# SPDX-License-Identifier: GPL-3.0-or-later
"""Headless Chromium over its DevTools protocol, through a pair of pipes: nothing but Python and Debian's package chromium.

    with Browser(folder) as browser:
        page = browser.page(languages='de-DE,de', dark=True)
        page.goto(url)
        page.click('button')
        page.until("document.title === 'Osteon'")

Clicks and keys are those of a mouse and a keyboard, so what is covered, hidden or out of reach is not clicked. Dialogs are accepted, or
declined while page.accepts is False, and kept in page.dialogs; what goes wrong on the console is in page.errors.
"""
import base64
import copy
import json
import os
import subprocess
import time

from lab import TIME_SCALE

CHROMIUM = '/usr/bin/chromium'
KEYS = {'Tab': 9, 'Enter': 13, 'Escape': 27, 'ArrowDown': 40}


class Browser:
    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        child_in, self.to_child = os.pipe()
        self.from_child, child_out = os.pipe()

        # It reads commands from descriptor 3 and answers on 4, which may be in use until then.
        def wire():
            os.dup2(child_in, 13)
            os.dup2(child_out, 14)
            os.dup2(13, 3)
            os.dup2(14, 4)
        with open(os.path.join(self.folder, 'chromium.log'), 'ab') as log:
            self.process = subprocess.Popen(
                [CHROMIUM, '--headless=new', '--remote-debugging-pipe', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
                 '--no-proxy-server', '--disable-extensions', '--disable-background-networking',
                 f'--user-data-dir={os.path.join(self.folder, "chromium")}', 'about:blank'],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=wire, close_fds=False)
        os.close(child_in)
        os.close(child_out)
        os.set_blocking(self.from_child, False)
        self.unread, self.number, self.answers, self.pages = b'', 0, {}, {}
        return self

    def __exit__(self, *_):
        try:
            self.call('Browser.close')
            self.process.wait(10)
        except (AssertionError, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait(10)
        os.close(self.to_child)
        os.close(self.from_child)

    def page(self, **kwargs):
        return Page(self, **kwargs)

    def call(self, method, session=None, seconds=60, **params):
        self.number += 1
        number = self.number
        message = {'id': number, 'method': method, 'params': params, **({'sessionId': session} if session else {})}
        os.write(self.to_child, json.dumps(message).encode() + b'\0')
        end = time.monotonic() + seconds * TIME_SCALE
        while number not in self.answers:
            self.read()
            if time.monotonic() > end:
                raise AssertionError(f'the browser does not answer {method}')
        answer = self.answers.pop(number)
        if 'error' in answer:
            raise AssertionError(f'{method}: {answer["error"]}')
        return answer['result']

    def read(self):
        """Takes in what has come, or waits a moment."""
        try:
            chunk = os.read(self.from_child, 1 << 20)
        except BlockingIOError:
            time.sleep(0.01)
            return
        if not chunk:
            raise AssertionError('the browser has ended')
        *messages, self.unread = (self.unread + chunk).split(b'\0')
        for message in map(json.loads, messages):
            if 'id' in message:
                self.answers[message['id']] = message
            elif message.get('sessionId') in self.pages:
                self.pages[message['sessionId']].on_event(message['method'], message['params'])


class Page:
    """One tab with its own cookies and storage. `languages` as in Accept-Language; `user`: name and password for whoever asks for them."""

    def __init__(self, browser, languages='en-GB,en', dark=False, width=1280, height=900, user=None):
        self.browser, self.accepts, self.user = browser, True, user
        self.context = browser.call('Target.createBrowserContext')['browserContextId']
        self.attach(browser.call('Target.createTarget', url='about:blank', browserContextId=self.context, width=width, height=height)['targetId'])
        if user:
            self.call('Fetch.enable', handleAuthRequests=True)
        agent = browser.call('Browser.getVersion')['userAgent']
        self.call('Emulation.setUserAgentOverride', userAgent=agent, acceptLanguage=languages)
        self.call('Emulation.setTimezoneOverride', timezoneId='Europe/Berlin')
        self.call('Emulation.setEmulatedMedia', features=[{'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}])
        self.call('Emulation.setDeviceMetricsOverride', width=width, height=height, deviceScaleFactor=1, mobile=False)

    def attach(self, target):
        self.target, self.errors, self.dialogs = target, [], []
        self.session = self.browser.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        self.browser.pages[self.session] = self
        for domain in ('Page', 'Runtime', 'Log', 'Accessibility', 'Network'):
            self.call(domain + '.enable')

    def opened(self, part, seconds=30):
        """The tab that a link of this one has opened, whose address has `part`."""
        end = time.monotonic() + seconds * TIME_SCALE
        while True:
            tabs = [t for t in self.browser.call('Target.getTargets')['targetInfos'] if t.get('browserContextId') == self.context and t['targetId'] != self.target]
            found = [t['targetId'] for t in tabs if part in t['url']]
            if found:
                page = copy.copy(self)
                page.attach(found[0])
                return page
            if time.monotonic() > end:
                raise AssertionError(f'no tab has {part}: {tabs}')

    def call(self, method, **params):
        return self.browser.call(method, session=self.session, **params)

    def send(self, method, **params):
        """Without waiting, for where an answer is being read already."""
        self.browser.number += 1
        message = {'id': self.browser.number, 'method': method, 'params': params, 'sessionId': self.session}
        os.write(self.browser.to_child, json.dumps(message).encode() + b'\0')

    def on_event(self, method, params):
        if method == 'Runtime.exceptionThrown':
            self.errors.append(str(params['exceptionDetails'].get('exception', {}).get('description') or params['exceptionDetails']['text']))
        elif method == 'Log.entryAdded' and params['entry']['level'] == 'error':
            self.errors.append(f'{params["entry"]["text"]} {params["entry"].get("url", "")}')
        elif method == 'Page.javascriptDialogOpening':
            self.dialogs.append(params['message'])
            self.send('Page.handleJavaScriptDialog', accept=self.accepts)
        elif method == 'Fetch.requestPaused':
            self.send('Fetch.continueRequest', requestId=params['requestId'])
        elif method == 'Fetch.authRequired':
            name, password = self.user
            self.send('Fetch.continueWithAuth', requestId=params['requestId'],
                      authChallengeResponse={'response': 'ProvideCredentials', 'username': name, 'password': password})

    def close(self):
        self.browser.call('Target.closeTarget', targetId=self.target)
        self.browser.pages.pop(self.session)

    def goto(self, url):
        self.call('Page.navigate', url=url)
        self.until("document.readyState === 'complete'")

    def value(self, script):
        """What the expression says; promises are awaited."""
        done = self.call('Runtime.evaluate', expression=script, awaitPromise=True, returnByValue=True)
        if 'exceptionDetails' in done:
            raise AssertionError(f'{script}: {done["exceptionDetails"]}')
        return done['result'].get('value')

    def until(self, script, seconds=30):
        """The first true value of the expression."""
        end = time.monotonic() + seconds * TIME_SCALE
        while True:
            value = self.value(script)
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError(f'waited {seconds} s in vain for: {script}\n' + (self.value('document.body.innerText') or '')[:4000])
            time.sleep(0.05)

    def text(self, selector):
        return self.value(f'document.querySelector({json.dumps(selector)})?.innerText')

    def until_text(self, selector, part, seconds=30):
        self.until(f'document.querySelector({json.dumps(selector)})?.innerText.includes({json.dumps(part)})', seconds)

    def click(self, selector, text=None):
        """A click of the mouse in the middle of the element that says `text`; waits until it is there and nothing covers it. Again when the
        page moved it away meanwhile; not when it painted it anew, which the click then hit."""
        find = (f'[...document.querySelectorAll({json.dumps(selector)})].find((e) => '
                f'({json.dumps(text)} === null || e.innerText.trim() === {json.dumps(text)}) && e.checkVisibility())')
        for _ in range(5):
            x, y = self.until(f'''(() => {{
                const e = {find};
                if (!e) return null;
                e.scrollIntoView({{block: 'center'}});
                const r = e.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2;
                if (!e.contains(document.elementFromPoint(x, y))) return null;
                window.clicked = false;
                document.addEventListener('click', (c) => {{
                    const hit = c.target.closest({json.dumps(selector)});
                    window.clicked = hit !== null && ({json.dumps(text)} === null || hit.innerText.trim() === {json.dumps(text)});
                }}, {{capture: true, once: true}});
                return [x, y];
            }})()''')
            for kind in ('mousePressed', 'mouseReleased'):
                self.call('Input.dispatchMouseEvent', type=kind, x=x, y=y, button='left', clickCount=1)
            if self.value('window.clicked !== false'):  # Undefined: it led to another page.
                return
        raise AssertionError(f'{selector} {text or ""} cannot be clicked')

    def key(self, name):
        for kind in ('rawKeyDown', 'char', 'keyUp') if name == 'Enter' else ('rawKeyDown', 'keyUp'):
            self.call('Input.dispatchKeyEvent', type=kind, key=name, code=name, windowsVirtualKeyCode=KEYS[name], **({'text': '\r'} if kind == 'char' else {}))

    def type(self, selector, text):
        """Replaces what the field has."""
        self.click(selector)
        self.value(f'document.querySelector({json.dumps(selector)}).select()')
        self.call('Input.insertText', text=text)

    def nameless(self):
        """Controls that a screen reader cannot name."""
        roles = ('button', 'link', 'textbox', 'combobox', 'progressbar', 'image', 'navigation', 'heading')
        nodes = self.call('Accessibility.getFullAXTree')['nodes']
        return [n['role']['value'] for n in nodes if not n.get('ignored') and n['role']['value'] in roles and not n.get('name', {}).get('value')]

    def screenshot(self, path):
        shot = self.call('Page.captureScreenshot', captureBeyondViewport=True)
        with open(path, 'wb') as f:
            f.write(base64.b64decode(shot['data']))
