#!/usr/bin/env bash
# Installs Debian packages (`make deb`) on a bare machine and uses them: run it as root in a container, a chroot or a virtual
# machine that nothing depends on.
#   tests/packages.sh FOLDER      with the .deb files
set -euo pipefail
packages=$1
samples=/usr/share/regard/samples
export DEBIAN_FRONTEND=noninteractive

say() { echo "packages: $*" >&2; }
fail() { say "$*"; exit 1; }
is_happy() { [[ "$1" == *'"expression":"happiness"'* ]]; }
install() { apt-get install -y -qq --no-install-recommends "$@" >/dev/null; }

apt-get update -qq
install curl ca-certificates

say "the program"
install "$packages"/regard_*.deb
is_happy "$(regard recognize $samples/astronaut.png)" || fail "no expression is recognised"
! regard serve --port 0 2>/tmp/missing || fail "there is a server without its package"
grep -q regard-server /tmp/missing || fail "the error does not name the server's package"

say "videos"
install "$packages"/regard-video_*.deb ffmpeg
ffmpeg -loglevel error -y -loop 1 -i $samples/astronaut.png -t 1 -r 5 /tmp/astronaut.mp4
is_happy "$(regard video /tmp/astronaut.mp4 --format jsonl)" || fail "no expression is recognised in a video"

say "the server"
install "$packages"/regard-server_*.deb
regard serve --port 8018 --isolate --quiet >/tmp/said &
server=$!
answer=$(curl -sS --retry 60 --retry-delay 1 --retry-connrefused --data-binary @$samples/astronaut.png -H 'Content-Type: image/png' \
  http://127.0.0.1:8018/recognize)
is_happy "$answer" || fail "the server does not answer"
kill $server
wait $server || fail "the server does not end as it should"

say "the development files"
install "$packages"/libregard-dev_*.deb g++ cmake make
mkdir -p /tmp/example
cat >/tmp/example/main.cpp <<'CPP'
#include <regard/regard.h>
#include <iostream>
int main(int, char** arguments) {
  for (const auto& face : regard::Recognizer().recognize(arguments[1])) std::cout << face.expression << "\n";
}
CPP
cat >/tmp/example/CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(example CXX)
find_package(regard REQUIRED)
add_executable(example main.cpp)
target_link_libraries(example PRIVATE regard::regard)
CMAKE
cmake -S /tmp/example -B /tmp/example/build >/dev/null
cmake --build /tmp/example/build >/dev/null
[ "$(/tmp/example/build/example $samples/astronaut.png)" = happiness ] || fail "a program with the library recognises nothing"

say "removed"
apt-get remove -y -qq regard >/dev/null
[ ! -e /usr/bin/regard ] && [ ! -e /usr/lib/regard ] && [ ! -e /usr/bin/regard-server ] || fail "something stays"
say "all done"
