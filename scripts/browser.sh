#!/bin/sh
# Make sure that the browser tests find a Chromium. Usage: browser.sh PYTHON
set -eu
python=$1
for name in "${VIDEXPLORE_CHROMIUM:-}" chromium chromium-browser google-chrome; do
    [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing Chromium for the browser tests"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-dejavu-core >/dev/null
elif "$python" -m playwright install chromium; then
    :
else
    echo "no Chromium: the browser tests will be skipped. Install one, or set VIDEXPLORE_CHROMIUM to its path."
fi
