#!/usr/bin/env python3
"""Counts working days with chinesecalendar, to compare huoyan's own calendar with.

    python3 -m venv venv && venv/bin/pip install chinesecalendar==1.11.0 icalendar
    venv/bin/python benches/calendar/oracle.py                      # writes crates/dossier/data/calendar/oracle.txt
    venv/bin/python benches/calendar/oracle.py --cases cases.csv    # and every case, for the example deadline_oracle

A case is a start day and an amount; its result is the amount-th working day after the start. The start itself never
counts, whether or not it is worked: day 1 is the first working day after it.

chinesecalendar knows 2004 to 2026. Cases that run into 2027 are counted by weekends there, and flagged `estimated`.
"""

import argparse
import datetime
import hashlib
import pathlib

import chinese_calendar

FIRST, LAST = datetime.date(2004, 1, 1), datetime.date(2026, 12, 31)
AMOUNTS = (1, 3, 5, 15)
DAY = datetime.timedelta(days=1)

# Where the notice itself was read and says otherwise than chinesecalendar 1.11.0 (its table has the notices from 2004 on, but
# the notice for 2006 also moved a day of 2005).
CORRECTIONS = {
    datetime.date(2005, 12, 31): (True, "国办发明电〔2005〕35号: 将12月31日（星期六）……公休日调至……，12月31日（星期六）上班"),
}


def works(day, corrected=True):
    if corrected and day in CORRECTIONS:
        return CORRECTIONS[day][0]
    try:
        return chinese_calendar.is_workday(day)
    except NotImplementedError:
        return day.weekday() < 5


def count(start, amount, corrected=True):
    day, estimated = start, False
    while amount:
        day += DAY
        estimated |= day > LAST
        amount -= works(day, corrected)
    return day, estimated


def days(year):
    day = datetime.date(year, 1, 1)
    while day.year == year:
        yield day
        day += DAY


def case_lines(year, corrected=True):
    for start in days(year):
        for amount in AMOUNTS:
            due, estimated = count(start, amount, corrected)
            yield f"{start},{amount},{due},{'estimated' if estimated else ''}\n"


def fixture():
    yield "# Written by benches/calendar/oracle.py with chinesecalendar 1.11.0; do not edit.\n"
    for day, (worked, why) in CORRECTIONS.items():
        yield f"# corrected: {day} is {'worked' if worked else 'off'}: {why}\n"
    yield "# year, its working days as figures 1 and 0 in hexadecimal (1 January first, filled up with 0), SHA-256 of its cases\n"
    for year in range(FIRST.year, LAST.year + 1):
        bits = "".join("1" if works(day) else "0" for day in days(year)).ljust(368, "0")
        digest = hashlib.sha256("".join(case_lines(year)).encode()).hexdigest()
        yield f"{year} {int(bits, 2):092x} {digest}\n"


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fixture", type=pathlib.Path, default=root / "crates/dossier/data/calendar/oracle.txt")
    parser.add_argument("--cases", type=pathlib.Path, help="write every case here")
    parser.add_argument("--uncorrected", action="store_true", help="write the cases as chinesecalendar has them")
    args = parser.parse_args()
    args.fixture.write_text("".join(fixture()), encoding="utf-8")
    if args.cases:
        years = range(FIRST.year, LAST.year + 1)
        lines = [line for year in years for line in case_lines(year, not args.uncorrected)]
        args.cases.write_text("".join(lines), encoding="utf-8")
        estimated = sum(line.endswith("estimated\n") for line in lines)
        print(f"{len(lines)} cases, {estimated} of them estimated beyond {LAST.year}")


if __name__ == "__main__":
    main()
