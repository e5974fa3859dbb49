#!/bin/sh
# Installs what pip cannot: a browser for the tests of the demo.
# Does nothing where one is there. Without root it says what to install; a missing browser is no
# error (its tests skip and say so).
set -eu

for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        chromium fonts-dejavu-core && exit 0
fi
echo "No browser: the tests of the demo will skip; sudo apt-get install chromium" >&2
