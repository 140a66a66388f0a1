#!/usr/bin/env python3
"""Reads a calendar file with the package icalendar and checks what RFC 5545 asks of it.

    cargo run -q -p huoyan-dossier --example deadline_ics > deadlines.ics
    venv/bin/python benches/calendar/check_ics.py deadlines.ics
"""

import pathlib
import sys

import icalendar

REQUIRED = ("UID", "DTSTAMP", "DTSTART", "SUMMARY", "DESCRIPTION")


def main(path):
    data = pathlib.Path(path).read_bytes()
    assert data.endswith(b"\r\n") and b"\n" not in data.replace(b"\r\n", b""), "lines end with CR LF"
    lines = data.split(b"\r\n")
    assert max(map(len, lines)) <= 75, "no line is longer than 75 octets"
    for line in lines:
        line.decode("utf-8")
    calendar = icalendar.Calendar.from_ical(data)
    assert calendar["VERSION"] == "2.0" and calendar["PRODID"]
    events = calendar.walk("VEVENT")
    for event in events:
        assert all(key in event for key in REQUIRED), event
        assert not event.errors, event.errors
        alarms = event.walk("VALARM")
        triggers = [alarm["TRIGGER"].dt.total_seconds() / 3600 for alarm in alarms]
        assert triggers == [-72, -24, -4], triggers
    assert len({str(event["UID"]) for event in events}) == len(events), "every UID is there once"
    print(f"{len(events)} events, {sum(len(e.walk('VALARM')) for e in events)} alarms, {len(lines) - 1} lines, longest {max(map(len, lines))} octets")


if __name__ == "__main__":
    main(sys.argv[1])
