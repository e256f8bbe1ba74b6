#!/bin/sh
# Prints the first Python that is new enough and can make a virtual environment; says what to do where there is none.
# A candidate is run, not believed: a pyenv shim or a Debian python3 without venv looks fine until it is asked.
fits='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))'

candidates() {
    [ -n "$PYTHON" ] && echo "$PYTHON"
    echo python3.13 python3.12 python3.14 python3 python | tr ' ' '\n'
    ls -d "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[2-9]*/bin/python \
          "$HOME"/.local/share/uv/python/cpython-3.1[2-9]*/bin/python3 \
          /opt/python*/bin/python3 /opt/homebrew/bin/python3.1[2-9] /usr/local/bin/python3.1[2-9] 2>/dev/null
}

usable() { "$1" -c "$fits" >/dev/null 2>&1; }

for candidate in $(candidates); do
    if usable "$candidate"; then
        command -v "$candidate"
        exit 0
    fi
done

if command -v uv >/dev/null 2>&1 && uv python install 3.13 >/dev/null 2>&1; then
    found=$(uv python find 3.13 2>/dev/null)
    if [ -n "$found" ] && usable "$found"; then
        echo "$found"
        exit 0
    fi
fi

echo "Afterrun needs Python 3.12 or newer with venv: install one (pyenv install 3.13, or your system's python3.13 and" \
     "python3.13-venv packages), then run make again, or name it: make PYTHON=/path/to/python3.13 run" >&2
exit 1
