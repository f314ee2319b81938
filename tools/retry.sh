#!/bin/sh
# Run a command that needs the network up to four times, waiting longer each time.
for pause in 5 20 60 0; do
    "$@" && exit 0
    status=$?
    [ "$pause" = 0 ] && exit "$status"
    echo "failed ($status), trying again in $pause s: $*" >&2
    sleep "$pause"
done
