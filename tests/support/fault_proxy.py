# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy between workers and plugin that loses, repeats, swaps and delays whole messages, or forwards none.

Each connection of a worker has its own connection to the plugin, as without the proxy, since the plugin identifies a worker by
its connection. It works without CURVE (loopback), since it must read the messages.
"""
import random
import threading
import time

import zmq


class Proxy(threading.Thread):
    def __init__(self, front, back, seed):
        super().__init__(daemon=True)
        self.front_port, self.back_port, self.rng = front, back, random.Random(seed)
        self.lose = self.repeat = self.swap = self.hold = 0.0  # Probabilities per message, in both directions.
        self.hold_seconds = 1.0
        self.silent = False  # Accepts all messages and forwards none, like a firewall that drops packets.
        self.cut = False     # No listener and no connections, like a pulled cable.
        self.counts = dict.fromkeys(('carried', 'lost', 'repeated', 'swapped', 'held'), 0)
        self.ending = False

    def clear(self):
        self.lose = self.repeat = self.swap = self.hold = 0.0
        self.silent = self.cut = False

    def stop(self):
        self.ending = True
        self.join(5)

    def run(self):
        self.context = zmq.Context()
        self.front, self.backs, self.late, self.kept = None, {}, [], {}
        while not self.ending:
            self.keep_sockets()
            if self.front is None:
                time.sleep(0.02)
                continue
            for socket in self.waiting():
                self.take(socket)
            self.deliver_late()
        self.close()
        self.context.term()

    def keep_sockets(self):
        if self.cut and self.front is not None:
            self.close()
        elif not self.cut and self.front is None:
            front = self.context.socket(zmq.ROUTER)
            front.setsockopt(zmq.LINGER, 0)
            front.setsockopt(zmq.ROUTER_MANDATORY, 1)
            try:
                front.bind(f'tcp://127.0.0.1:{self.front_port}')
            except zmq.ZMQError:
                front.close()
                return
            self.front = front

    def close(self):
        for socket in [self.front, *self.backs.values()]:
            if socket is not None:
                socket.close(0)
        self.front, self.backs, self.late, self.kept = None, {}, [], {}

    def waiting(self):
        poller = zmq.Poller()
        for socket in [self.front, *self.backs.values()]:
            poller.register(socket, zmq.POLLIN)
        return [socket for socket, _ in poller.poll(20 if self.late else 50)]

    def back_of(self, peer):
        if peer not in self.backs:
            back = self.context.socket(zmq.DEALER)
            back.setsockopt(zmq.LINGER, 0)
            back.connect(f'tcp://127.0.0.1:{self.back_port}')
            self.backs[peer] = back
        return self.backs[peer]

    def take(self, socket):
        if socket.closed:
            return
        frames = socket.recv_multipart()
        if socket is self.front:
            peer, frames, up = frames[0], frames[1:], True
        else:
            peer, up = next(p for p, s in self.backs.items() if s is socket), False
        self.treat(peer, up, frames)

    def treat(self, peer, up, frames):
        draw = self.rng.random
        if self.silent or draw() < self.lose:
            self.counts['lost'] += 1
            return
        if draw() < self.hold:
            self.counts['held'] += 1
            self.late.append((time.monotonic() + draw() * self.hold_seconds, peer, up, frames))
            return
        key = (peer, up)
        if draw() < self.swap and key not in self.kept:
            self.counts['swapped'] += 1
            self.kept[key] = frames
            # When no message follows, it is sent alone.
            self.late.append((time.monotonic() + 0.5, peer, up, None))
            return
        self.pass_on(peer, up, frames)
        if draw() < self.repeat:
            self.counts['repeated'] += 1
            self.pass_on(peer, up, frames)
        if key in self.kept:
            self.pass_on(peer, up, self.kept.pop(key))

    def deliver_late(self):
        now = time.monotonic()
        for entry in [e for e in self.late if e[0] <= now]:
            self.late.remove(entry)
            _, peer, up, frames = entry
            frames = self.kept.pop((peer, up), None) if frames is None else frames
            if frames is not None and not self.silent:
                self.pass_on(peer, up, frames)

    def pass_on(self, peer, up, frames):
        self.counts['carried'] += 1
        try:
            if up:
                self.back_of(peer).send_multipart(frames, zmq.DONTWAIT)
            else:
                self.front.send_multipart([peer, *frames], zmq.DONTWAIT)
        except zmq.ZMQError as error:
            # The worker is gone, so its connection to the plugin is closed.
            if not up and error.errno == zmq.EHOSTUNREACH and peer in self.backs:
                self.backs.pop(peer).close(0)
