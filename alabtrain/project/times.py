"""Parses the times in exports."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta, timezone

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d\d:?\d\d)?",
    re.IGNORECASE,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_MILLISECONDS_FROM = 1e11  # an epoch number above is counted in milliseconds: seconds would be the year 5138


def parse_time(stamp: object) -> int | None:
    """Return `stamp` in microseconds since 1970 UTC, or None when it is not a time.

    Reads ISO 8601 with `Z`, an offset or no zone (taken as UTC), with 0-9 fractional digits of a second, and
    epoch numbers in seconds or milliseconds.
    """
    if isinstance(stamp, str):
        match = _ISO.fullmatch(stamp.strip())
        return _from_parts(match) if match else None
    if isinstance(stamp, bool) or not isinstance(stamp, (int, float)):
        return None
    if isinstance(stamp, float) and not math.isfinite(stamp):
        return None
    if abs(stamp) > _MILLISECONDS_FROM * 1e6:
        return None
    seconds = stamp / 1000 if abs(stamp) > _MILLISECONDS_FROM else stamp
    return round(seconds * 1_000_000)


def _from_parts(match: re.Match[str]) -> int | None:
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        when = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=timezone.utc)
    except ValueError:
        return None
    micros = (when - _EPOCH) // _MICROSECOND + int((fraction or "").ljust(6, "0")[:6])
    if zone and zone not in "Zz":
        minutes = int(zone[1:3]) * 60 + int(zone[-2:])
        micros -= (minutes if zone[0] == "+" else -minutes) * 60_000_000
    return micros
