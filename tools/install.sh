#!/usr/bin/env sh
# Units, user and folders for systemd, from a checkout in /opt/afterrun. Again is safe. DESTDIR puts them elsewhere.
set -eu
cd "$(dirname "$0")/../systemd"
units="${DESTDIR:-}/etc/systemd/system"

install -d "$units/afterrun.service.d" "$units/afterrun-.service.d"
install -m 0644 ./*.service ./*.socket ./*.timer "$units"
install -m 0644 afterrun.service.d/hardened.conf "$units/afterrun.service.d"
install -m 0644 afterrun.service.d/hardened.conf "$units/afterrun-.service.d"
install -D -m 0644 sysusers.conf "${DESTDIR:-}/etc/sysusers.d/afterrun.conf"
install -D -m 0644 tmpfiles.conf "${DESTDIR:-}/etc/tmpfiles.d/afterrun.conf"

[ -n "${DESTDIR:-}" ] || {
    [ -x /opt/afterrun/.venv/bin/afterrun ] || { echo "The units start /opt/afterrun/.venv/bin/afterrun, which is not there: move this folder to /opt/afterrun and run make setup there." >&2; exit 1; }
    systemd-sysusers afterrun.conf
    systemd-tmpfiles --create afterrun.conf
    systemctl daemon-reload
    echo "Write /etc/afterrun/afterrun.toml, then: systemctl enable --now afterrun afterrun-backup.timer"
}
