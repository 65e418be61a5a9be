#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Becomes the first process of a Debian, as tests/systemd.sh calls it in namespaces of its own: LAYER EMPTY PACKAGES SOURCES OLDER_PACKAGES
set -euo pipefail
layer=$1 empty=$2 debs=$3 sources=$4 older=$5
machine=$layer/memory/machine

mount --make-rprivate /
mount -t tmpfs tmpfs "$layer/memory"
mkdir "$layer/memory/upper" "$layer/memory/work" "$machine"
mount -t overlay overlay -o "lowerdir=$empty,upperdir=$layer/memory/upper,workdir=$layer/memory/work" "$machine"
ip link set lo up
mount -t proc proc "$machine/proc"
mount -t sysfs sysfs "$machine/sys"
mountpoint -q "$machine/sys/fs/cgroup" || mount -t tmpfs tmpfs "$machine/sys/fs/cgroup"
mount -t cgroup2 none "$machine/sys/fs/cgroup"
mount -t tmpfs tmpfs "$machine/run"
mount -t tmpfs tmpfs "$machine/tmp"
# Nodes, not the host's files bound: PrivateDevices= makes its own after them.
mount -t tmpfs tmpfs "$machine/dev"
mknod -m 666 "$machine/dev/null" c 1 3
mknod -m 666 "$machine/dev/zero" c 1 5
mknod -m 666 "$machine/dev/full" c 1 7
mknod -m 666 "$machine/dev/random" c 1 8
mknod -m 666 "$machine/dev/urandom" c 1 9
mknod -m 666 "$machine/dev/tty" c 5 0
mkdir "$machine/dev/pts" "$machine/dev/shm" "$machine/dev/mqueue"
mount -t devpts devpts "$machine/dev/pts"
mount -t tmpfs tmpfs "$machine/dev/shm"
mount -t mqueue mqueue "$machine/dev/mqueue"
ln -s pts/ptmx "$machine/dev/ptmx"
ln -s /proc/self/fd "$machine/dev/fd"

# The test is a service of that machine; its last command turns the machine off, which ends this process.
mkdir -p "$machine/opt/test/newer"
cp "$debs"/*.deb "$machine/opt/test/newer/"
cp "$older"/*.deb "$sources/README.md" "$sources/tests/deploy/systemd_inside.sh" "$machine/opt/test/"
touch "$layer/result" "$machine/opt/test/result"
mount --bind "$layer/result" "$machine/opt/test/result"
chroot "$machine" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends systemd systemd-sysv dbus procps curl \
  >/dev/null 2>&1
rm -f "$machine/usr/sbin/policy-rc.d"
cat >"$machine/etc/systemd/system/test.service" <<'UNIT'
[Service]
Type=exec
ExecStart=/bin/bash /opt/test/systemd_inside.sh /opt/test
StandardOutput=file:/opt/test/result
StandardError=inherit
Environment=HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive
ExecStopPost=/bin/systemctl --no-block poweroff --force
UNIT
mkdir -p "$machine/etc/systemd/system/multi-user.target.wants"
ln -s ../test.service "$machine/etc/systemd/system/multi-user.target.wants/test.service"
rm -f "$machine/etc/systemd/system/getty.target.wants"/*
exec 3<"$layer/result"  # Before the root changes.
tail -f -n +1 --pid=$$ <&3 &
exec 3<&-

cd "$machine"
pivot_root . mnt
umount -l /mnt
exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
  /lib/systemd/systemd --system --log-target=null --show-status=no --unit=multi-user.target
