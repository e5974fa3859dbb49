#!/bin/sh
# Installs what pip cannot: libraries that OpenCV loads, and a browser for the tests.
# usage: tools/system_packages.sh PYTHON [browser]
# Does nothing where they are there. Without root it says what to install; a missing
# library is an error then, a missing browser is not (its tests skip and say so).
set -eu

python=$1
wanted=${2:-}
here=$(dirname "$0")

can_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

install() {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

libraries=$(cat "$here/../packages.txt")
if ! "$python" -c "import cv2" 2>/dev/null; then
    if can_install; then
        # shellcheck disable=SC2086  # one word a package
        install $libraries
    fi
    "$python" -c "import cv2" || {
        echo "OpenCV does not load; install its libraries, on Debian:" >&2
        echo "  sudo apt-get install" $libraries >&2
        exit 1
    }
fi

if [ "$wanted" = browser ]; then
    for name in chromium chromium-browser google-chrome; do
        command -v "$name" >/dev/null && exit 0
    done
    if can_install && install chromium fonts-dejavu-core; then
        exit 0
    fi
    echo "No browser: the tests of the demo will skip; sudo apt-get install chromium" >&2
fi
