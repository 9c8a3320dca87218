"""What GitLab takes in: its security report schema 15.2.1 for dynamic and static tests, and its list of code quality.

The rules are facts of the published schemas, written down anew: what is required, of which type, how long, and of which form. A value that is null
breaks the schema, so nothing may be null. Each function returns what is wrong, one line each.
"""

import re

TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\Z")
VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\Z")
SEVERITIES = {"Info", "Unknown", "Low", "Medium", "High", "Critical"}
DETAIL_TYPES = {"text", "value", "url", "code", "markdown", "list", "table", "named-list", "diff", "commit", "file-location",
                "module-location", "code-flows"}


class Wrong(list):
    """What is wrong with a document."""

    def text(self, where, value, least=0, most=None):
        """A string of so many characters."""
        if not isinstance(value, str) or len(value) < least or (most is not None and len(value) > most):
            self.append(f"{where}: {str(value)[:60]!r} is no text of {least} to {most} characters")

    def whole(self, where, value, least):
        """An integer from `least`."""
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            self.append(f"{where}: {value!r} is no whole number from {least}")

    def form(self, where, value, pattern):
        """A string of this form."""
        if not isinstance(value, str) or not re.match(pattern, value):
            self.append(f"{where}: {value!r} is not of the form {pattern}")

    def one_of(self, where, value, known):
        """One of these."""
        if value not in known:
            self.append(f"{where}: {value!r} is none of {sorted(known)}")


def nulls(value, where, wrong):
    """Nothing may be null."""
    if value is None:
        wrong.append(f"{where}: null")
    elif isinstance(value, dict):
        for key, below in value.items():
            nulls(below, f"{where}/{key}", wrong)
    elif isinstance(value, list):
        for number, below in enumerate(value):
            nulls(below, f"{where}/{number}", wrong)


def security(report, kind):
    """A report of dynamic (`dast`) or static (`sast`) tests."""
    wrong = Wrong()
    nulls(report, "", wrong)
    wrong.form("version", report.get("version"), VERSION)
    scan = report.get("scan", {})
    for name in ("start_time", "end_time"):
        wrong.form(f"scan/{name}", scan.get(name), TIME)
    wrong.one_of("scan/status", scan.get("status"), {"success", "failure"})
    wrong.one_of("scan/type", scan.get("type"), {kind})
    for who in ("analyzer", "scanner"):
        maker = scan.get(who, {})
        for name in ("id", "name", "version"):
            wrong.text(f"scan/{who}/{name}", maker.get(name), 1)
        wrong.text(f"scan/{who}/vendor/name", maker.get("vendor", {}).get("name"), 1)
        wrong.form(f"scan/{who}/url", maker.get("url"), r"https?://.+")
    for message in scan.get("messages", []):
        wrong.one_of("scan/messages/level", message.get("level"), {"info", "warn", "fatal"})
        wrong.text("scan/messages/value", message.get("value"), 1)
    if kind == "dast":
        if not isinstance(scan.get("scanned_resources"), list):
            wrong.append("scan/scanned_resources: no list")
        for resource in scan.get("scanned_resources", []):
            for name in ("method", "url", "type"):
                wrong.text(f"scan/scanned_resources/{name}", resource.get(name), 1)
    known = set()
    for number, found in enumerate(report.get("vulnerabilities", [None])):
        if found is None:
            wrong.append("vulnerabilities: no list")
            break
        vulnerability(f"vulnerabilities/{number}", found, kind, wrong)
        if found.get("id") in known:
            wrong.append(f"vulnerabilities/{number}: the id is there twice")
        known.add(found.get("id"))
    return wrong


def vulnerability(where, found, kind, wrong):
    """One vulnerability."""
    wrong.text(f"{where}/id", found.get("id"), 1)
    wrong.text(f"{where}/name", found.get("name"), 1, 255)
    wrong.text(f"{where}/description", found.get("description"), 1, 1_048_576)
    wrong.text(f"{where}/solution", found.get("solution"), 0, 7_000)
    wrong.one_of(f"{where}/severity", found.get("severity"), SEVERITIES)
    identifiers = found.get("identifiers", [])
    if not identifiers:
        wrong.append(f"{where}/identifiers: none")
    for identifier in identifiers:
        for name in ("type", "name", "value"):
            wrong.text(f"{where}/identifiers/{name}", identifier.get(name), 1)
        if "url" in identifier:
            wrong.form(f"{where}/identifiers/url", identifier["url"], r"(https?|ftp)://.+")
    for key, detail in found.get("details", {}).items():
        wrong.text(f"{where}/details/{key}/name", detail.get("name"), 1)
        wrong.one_of(f"{where}/details/{key}/type", detail.get("type"), DETAIL_TYPES)
        if detail.get("type") == "text":
            wrong.text(f"{where}/details/{key}/value", detail.get("value"))
    location = found.get("location")
    if not isinstance(location, dict):
        wrong.append(f"{where}/location: none")
        return
    if kind == "sast":
        wrong.text(f"{where}/location/file", location.get("file"), 1)
        wrong.whole(f"{where}/location/start_line", location.get("start_line"), 1)
        if location.get("file", "/").startswith("/") or ".." in location.get("file", "").split("/"):
            wrong.append(f"{where}/location/file: {location.get('file')!r} is not in the repository")
    for name in ("hostname", "method", "param", "path", "class"):
        if name in location:
            wrong.text(f"{where}/location/{name}", location[name])
    if "evidence" in found:
        evidence(f"{where}/evidence", found["evidence"], wrong)


def evidence(where, shown, wrong):
    """Request and response of a dynamic test."""
    if "source" in shown:
        wrong.text(f"{where}/source/id", shown["source"].get("id"), 1)
        wrong.text(f"{where}/source/name", shown["source"].get("name"), 1)
    request = shown.get("request")
    if request is not None:
        wrong.text(f"{where}/request/method", request.get("method"), 1)
        wrong.text(f"{where}/request/url", request.get("url"), 1)
        headers(f"{where}/request", request, wrong)
    response = shown.get("response")
    if response is not None:
        wrong.text(f"{where}/response/reason_phrase", response.get("reason_phrase"))
        wrong.whole(f"{where}/response/status_code", response.get("status_code"), 100)
        headers(f"{where}/response", response, wrong)


def headers(where, message, wrong):
    """Headers with a name and, for older minor versions of the schema, a value."""
    if not isinstance(message.get("headers"), list):
        wrong.append(f"{where}/headers: no list")
    for header in message.get("headers", []):
        wrong.text(f"{where}/headers/name", header.get("name"), 1)
        wrong.text(f"{where}/headers/value", header.get("value"), 1)


def code_quality(report):
    """The list of code quality: a place and a sentence each, and a fingerprint that is there once."""
    wrong = Wrong()
    nulls(report, "", wrong)
    if not isinstance(report, list):
        return ["no list"]
    known = set()
    for number, found in enumerate(report):
        for name in ("description", "check_name", "fingerprint"):
            wrong.text(f"{number}/{name}", found.get(name), 1)
        wrong.one_of(f"{number}/severity", found.get("severity"), {"info", "minor", "major", "critical", "blocker"})
        location = found.get("location", {})
        wrong.text(f"{number}/location/path", location.get("path"), 1)
        wrong.whole(f"{number}/location/lines/begin", location.get("lines", {}).get("begin"), 1)
        if location.get("path", "/").startswith(("/", "./")) or "://" in location.get("path", ""):
            wrong.append(f"{number}/location/path: {location.get('path')!r} is not relative")
        if found.get("fingerprint") in known:
            wrong.append(f"{number}: the fingerprint is there twice")
        known.add(found.get("fingerprint"))
    return wrong
