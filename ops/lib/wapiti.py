"""Runs wapiti slower than the coordinator paces (100 a second for an account), and counts what it was answered.

usage: wapiti.py FIGURES RATE ARGUMENTS...     (FIGURES gets a line of JSON: requests, statuses, how often it was shown the door)
       wapiti.py --thin SESSIONS GET|POST      (leaves what is asked so, and of what differs in an id alone one; prints how many)
       wapiti.py --reached SESSIONS            (how many of them each module has come to)
"""

import asyncio
import collections
import glob
import json
import os
import re
import sys

IDENTIFIER = re.compile(
    r"/(?:[0-9]+|[0-9a-f]{32,}|[a-z2-7]{13}|(?:mac%3A)?(?:[0-9A-Fa-f]{2}%3A){5}[0-9A-Fa-f]{2}|CVE-[0-9-]+|service%3A[a-z-]+)(?=/|$)"
)


def thin(folder, method):
    """Of each page the address with most parameters, of each form every one that asks for other fields."""
    import sqlite3

    left = {}
    for file in glob.glob(os.path.join(folder, "*.db")):
        with sqlite3.connect(file) as store:
            for number, path, how in store.execute("select path_id, path, method from paths order by path_id").fetchall():
                names = tuple(store.execute("select type, name from params where path_id = ? order by type, name", (number,)).fetchall())
                route = IDENTIFIER.sub("/{}", re.sub(r"^https?://[^/]+", "", path.split("?")[0]))
                key = (route,) if how == "GET" else (route, names)
                if how == method and not route.startswith("/assets/") and len(names) >= len(left.get(key, (0, ()))[1]):
                    left[key] = (number, names)
            kept = ",".join(str(number) for number, _ in left.values()) or "-1"
            store.execute(f"delete from params where path_id not in ({kept})")
            store.execute(f"delete from paths where path_id not in ({kept})")
            # What was found and not asked for before the time was over would not be tried.
            answer = store.execute("select headers, response_id from paths where response_id in (select response_id from responses where status_code = 200) limit 1").fetchone()
            if answer:
                store.execute("update paths set headers = ?, response_id = ? where headers is null or response_id is null", answer)
    print(len(left))


def reached(folder):
    """How many of what is there each module has come to."""
    import sqlite3

    modules = {}
    for file in glob.glob(os.path.join(folder, "*.db")):
        with sqlite3.connect(file) as store:
            modules |= dict(store.execute("select module, count(distinct path_id) from attack_logs group by module").fetchall())
    print(json.dumps(modules))


def scan(figures, rate, arguments):
    import httpx
    from wapitiCore.main.wapiti import wapiti_asyncio_wrapper

    statuses = collections.Counter()
    by_method = collections.Counter()
    turned_away = 0
    broken = []
    due = 0.0
    plain = httpx.AsyncClient.send

    async def send(client, request, **options):
        nonlocal due, turned_away
        now = asyncio.get_running_loop().time()
        due = max(now, due) + 1 / rate
        await asyncio.sleep(due - now)
        answer = await plain(client, request, **options)
        statuses[answer.status_code] += 1
        by_method[request.method] += 1
        if answer.headers.get("location", "").startswith("/login"):
            turned_away += 1
        if answer.status_code >= 500:
            broken.append(f"{answer.status_code} {request.method} {request.url}")
        return answer

    httpx.AsyncClient.send = send
    sys.argv = ["wapiti", *arguments]
    try:
        wapiti_asyncio_wrapper()
    finally:
        with open(figures, "w", encoding="utf-8") as file:
            json.dump({"requests": sum(statuses.values()), "statuses": statuses, "methods": by_method,
                       "turned_away": turned_away, "broken": broken[:20]}, file)


if sys.argv[1] == "--thin":
    thin(sys.argv[2], sys.argv[3])
elif sys.argv[1] == "--reached":
    reached(sys.argv[2])
else:
    scan(sys.argv[1], float(sys.argv[2]), sys.argv[3:])
