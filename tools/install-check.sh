#!/usr/bin/env sh
# Whether systemd takes our units as they stand, and how little each may do: 1.5 of 10 or better.
set -eu
cd "$(dirname "$0")/../systemd"
MOST=15 # tenths, as systemd-analyze counts them

command -v systemd-analyze >/dev/null || {
    echo "install-check: systemd-analyze is not on this machine: install systemd (apt-get install systemd)" >&2
    exit 1
}

for unit in *.service; do
    said=$(systemd-analyze security --no-pager --offline=true --threshold="$MOST" "$unit") || {
        echo "$unit may do too much:" >&2
        echo "$said" | grep -v '^✓' >&2
        exit 1
    }
    echo "$said" | grep Overall
done

# Where they are checked they need not be installed: a program that is there takes the place of ours.
checked=$(mktemp -d)
trap 'rm -rf "$checked"' EXIT
cp -RL ./*.service ./*.timer ./*.socket ./*.d "$checked"
sed -i 's|^ExecStart=/opt/afterrun/.venv/bin/afterrun|ExecStart=/bin/true|' "$checked"/*.service
said=$(systemd-analyze verify --man=no "$checked"/*.service "$checked"/*.timer "$checked"/*.socket 2>&1) || true
[ -z "$said" ] || { echo "$said" >&2; exit 1; }

# Its user and folders, made in a root of their own; only root may give folders away.
mkdir -p "$checked/root/etc"
systemd-sysusers --root="$checked/root" "$PWD/sysusers.conf" 2>/dev/null
grep -q '^afterrun:' "$checked/root/etc/passwd"
if [ "$(id -u)" = 0 ]; then systemd-tmpfiles --root="$checked/root" --create "$PWD/tmpfiles.conf"; fi
echo "Every unit is taken as it stands."
