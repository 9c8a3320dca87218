"""The only way out: to origins that the operators have listed, without redirects, with bounds.

One pool of connections per process, made by AppConfig.ready and shared by all threads. It keeps no cookies
and reads no proxies from the environment.
"""
import re
from urllib.parse import urlsplit

import urllib3
from django.conf import settings
from rest_framework.exceptions import APIException, ParseError

MOST_BYTES = 65_536
SECONDS = 3
ORIGINS = {settings.UPSTREAM}
# The same as a pattern, for the contract.
LISTED = rf"^({'|'.join(map(re.escape, sorted(ORIGINS)))})/[!-~]*$"

pool = None


def open_pool():
    global pool
    pool = urllib3.PoolManager(num_pools=4, maxsize=8, block=True, timeout=urllib3.Timeout(SECONDS), retries=False)


class NoAnswer(APIException):
    status_code = 502


def allowed(url):
    """Whether the address is below one of the listed origins: compared as a whole, not by its beginning."""
    try:
        parts = urlsplit(url)
        return url.isascii() and url.isprintable() and f"{parts.scheme}://{parts.netloc}" in ORIGINS
    except ValueError:
        return False


def fetch(url, method="GET", body=None):
    """Status and at most 64 KB of the text; 400 when the address is not allowed, 502 when it does not answer."""
    if not allowed(url):
        raise ParseError()
    answer = None
    try:
        answer = pool.request(method, url, json=body, redirect=False, preload_content=False)
        return answer.status, answer.read(MOST_BYTES).decode(errors="replace")
    except urllib3.exceptions.HTTPError as error:
        raise NoAnswer() from error
    finally:
        if answer is not None:
            # What was not read is not waited for; the place in the pool is free either way.
            answer.close()
            answer.release_conn()
