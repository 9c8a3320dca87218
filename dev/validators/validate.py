"""Judges outputs of Plimsoll by validators that others wrote, and says in a table what was judged and what is wrong.

    validate.py --tools .tools/validators FOLDER...

Each folder, and each folder in it, is looked through for files with the customary names (report.sarif, gl-dast-report.json, …). The exit code is 1
where something is wrong or nothing was there to be judged.
"""

import argparse
import collections
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

import gitlab
import haralyzer
import jsonschema_rs
import junitparser
import markdown_it
import pypdf
from lib4vex.parser import VEXParser

warnings.simplefilter("ignore")
HERE = pathlib.Path(__file__).resolve().parent
# What DefectDojo's generic importer takes; it refuses a file with anything else.
DOJO_REQUIRED = {"title", "severity", "description"}
DOJO = DOJO_REQUIRED | {
    "active", "component_name", "component_version", "cve", "cvssv3", "cwe", "date", "dynamic_finding", "effort_for_fixing", "endpoints",
    "false_p", "file_path", "impact", "is_mitigated", "line", "mitigated", "mitigation", "nb_occurences", "numerical_severity",
    "out_of_scope", "param", "payload", "publish_date", "references", "risk_accepted", "sast_sink_object", "sast_source_file_path",
    "sast_source_line", "sast_source_object", "scanner_confidence", "service", "severity_justification", "static_finding",
    "steps_to_reproduce", "tags", "thread_id", "under_review", "unique_id_from_tool", "verified", "vuln_id_from_tool",
}
VEX = {"not_affected", "affected", "fixed", "under_investigation"}
MARKUP = {"link_open", "image", "html_inline"}
OURS = ("<!-- plimsoll:", "<details", "</details>", "<br>")


class Judges:
    """The validators, each a method `NAME(path)` that gives what is wrong."""

    def __init__(self, tools):
        self.tools = tools
        modules = tools / "node_modules"
        self.multitool = modules / "@microsoft/sarif-multitool-linux/Sarif.Multitool"
        read = lambda path: json.loads(path.read_text(encoding="utf-8-sig"))
        self.sarif_shape = jsonschema_rs.validator_for(read(modules / "@microsoft/sarif-multitool-linux/sarif-2.1.0.json"))
        self.report_shape = jsonschema_rs.validator_for(read(HERE.parents[1] / "docs/schema/report-1.json"))
        parts = {f"{path.name}#": read(path) for path in (modules / "har-schema/lib").glob("*.json")}
        self.har_shape = jsonschema_rs.validator_for(whole(parts["har.json#"], parts))

    def by_name(self, name):
        """The validators of a file."""
        ends = (
            ("gl-dast-report.json", [("GitLab rules", self.dast), ("GitLab schema", self.gitlab_schema)]),
            ("gl-sast-report.json", [("GitLab rules", self.sast), ("GitLab schema", self.gitlab_schema)]),
            ("gl-code-quality-report.json", [("GitLab rules", self.code_quality)]),
            ("defectdojo.json", [("DefectDojo's fields", self.defectdojo)]),
            (".vex.json", [("lib4vex", self.lib4vex), ("OpenVEX rules", self.openvex)]),
            (".sarif", [("JSON Schema", self.sarif_schema), ("sarif-multitool", self.sarif_multitool)]),
            ("report.json", [("published schema", self.published)]),
            (".xml", [("junitparser", self.junit)]),
            (".csv", [("csv", self.csv)]),
            (".har", [("har-schema", self.har_schema), ("haralyzer", self.haralyzer)]),
            (".md", [("markdown-it", self.markdown)]),
            (".pdf", [("pypdf", self.pdf)]),
        )
        return next((judges for end, judges in ends if name.endswith(end)), [])

    def sarif_schema(self, path):
        return shape(self.sarif_shape, path)

    def published(self, path):
        return shape(self.report_shape, path)

    def har_schema(self, path):
        return shape(self.har_shape, path)

    def sarif_multitool(self, path):
        """What the multitool says of one file: all files were given to it at once, since it starts in seconds."""
        return self.by_multitool[path.resolve()]

    def read_sarif(self, paths):
        """Runs its rules of SARIF and of GitHub on all files. It exits with 0 whatever it finds, so its own log is read."""
        paths = [path.resolve() for path in paths if path.name.endswith(".sarif")]
        self.by_multitool = {path: [] for path in paths}
        if not paths:
            return
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "log.sarif"
            command = [self.multitool, "validate", *paths, "--rule-kind", "Sarif;Gh", "--level", "Error;Warning",
                       "--kind", "Fail", "--max-file-size-in-kb", "200000", "--log", "ForceOverwrite", "--output", log]
            env = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1", "DOTNET_BUNDLE_EXTRACT_BASE_DIR": folder, "HOME": folder}
            ran = subprocess.run(command, capture_output=True, text=True, timeout=600, env=env, check=False)
            said = (ran.stdout + ran.stderr)[-300:]
            if not log.is_file() or f"{len(paths)} files scanned" not in ran.stdout:
                self.by_multitool = {path: [f"it did not run, or not on all {len(paths)} files: {said}"] for path in paths}
                return
            run = json.loads(log.read_text(encoding="utf-8-sig"))["runs"][0]
        for invocation in run.get("invocations", []):
            if not invocation.get("executionSuccessful", False):
                for wrong in self.by_multitool.values():
                    wrong.append(f"it did not finish: {invocation.get('toolExecutionNotifications')}")
        for result in run.get("results", []):
            if result.get("level", "warning") == "error":
                arguments = result["message"].get("arguments", result["message"].get("text", ""))
                self.by_multitool[place_of(result, paths)].append(f"{result['ruleId']} {arguments}")

    def junit(self, path):
        document = junitparser.JUnitXml.fromfile(str(path))
        wrong = []
        counted = collections.Counter()
        for suite in document:
            cases = list(suite)
            by = collections.Counter(type(result).__name__ for case in cases for result in case.result)
            for name, kind in (("failures", "Failure"), ("errors", "Error"), ("skipped", "Skipped")):
                if getattr(suite, name) != by[kind]:
                    wrong.append(f"{suite.name}: {name} says {getattr(suite, name)}, there are {by[kind]}")
                counted[name] += by[kind]
            if suite.tests != len(cases):
                wrong.append(f"{suite.name}: tests says {suite.tests}, there are {len(cases)}")
            counted["tests"] += len(cases)
            names = collections.Counter((case.classname, case.name) for case in cases)
            wrong.extend(f"{name} is there {times} times" for name, times in names.items() if times > 1)
        for name, value in counted.items():
            if getattr(document, name) != value:
                wrong.append(f"the document: {name} says {getattr(document, name)}, there are {value}")
        return wrong

    def dast(self, path):
        return gitlab.security(load(path), "dast")

    def sast(self, path):
        return gitlab.security(load(path), "sast")

    def code_quality(self, path):
        return gitlab.code_quality(load(path))

    def gitlab_schema(self, path):
        """GitLab's own schema, where a folder with it is named."""
        folder = os.environ.get("PLIMSOLL_GITLAB_SCHEMAS")
        if not folder:
            return None
        kind = "dast" if "dast" in path.name else "sast"
        schema = json.loads((pathlib.Path(folder) / f"{kind}-report-format.json").read_text())
        return shape(jsonschema_rs.validator_for(schema), path)

    def haralyzer(self, path):
        archive = haralyzer.HarParser(load(path))
        wrong = []
        for entry in archive.har_data["entries"]:
            entry = haralyzer.HarEntry(entry)
            if not entry.request.method or not entry.request.url or entry.startTime is None:
                wrong.append(f"an entry without a request: {entry}")
        return wrong

    def lib4vex(self, path):
        parser = VEXParser(vex_type="openvex")
        parser.parse(str(path))
        found = len(parser.get_vulnerabilities())
        stated = len(load(path)["statements"])
        return [] if found == stated and parser.get_type() == "openvex" else [f"{found} of {stated} statements were read"]

    def openvex(self, path):
        document = load(path)
        wrong = gitlab.Wrong()
        for name in ("@context", "@id", "author", "timestamp"):
            wrong.text(name, document.get(name), 1)
        wrong.form("timestamp", document.get("timestamp"), r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z\Z")
        wrong.whole("version", document.get("version"), 1)
        statements = document.get("statements", [])
        if not statements or len({json.dumps(statement) for statement in statements}) != len(statements):
            wrong.append("statements: none, or one twice")
        for statement in statements:
            wrong.text("vulnerability/name", statement.get("vulnerability", {}).get("name"), 1)
            wrong.one_of("status", statement.get("status"), VEX)
            if statement.get("status") == "not_affected" and not statement.get("impact_statement"):
                wrong.append("not_affected without a reason")
            if statement.get("status") == "affected" and not statement.get("action_statement"):
                wrong.append("affected without an action")
            if any(" " in part.get("@id", " ") for product in statement["products"] for part in [product, *product.get("subcomponents", [])]):
                wrong.append("a product without an identity")
        return wrong

    def csv(self, path):
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        wrong = [f"row {number}: {len(row)} cells" for number, row in enumerate(rows) if len(row) != len(rows[0])]
        for number, row in enumerate(rows):
            wrong.extend(f"row {number}: {cell[:40]!r} is a formula" for cell in row if cell.strip()[:1] in tuple("=+-@"))
        return wrong

    def defectdojo(self, path):
        wrong = []
        known = set()
        for number, found in enumerate(load(path)["findings"]):
            if not DOJO_REQUIRED <= found.keys() or not found.keys() <= DOJO:
                wrong.append(f"{number}: fields {sorted(found.keys() ^ DOJO_REQUIRED)}")
            if found["severity"] not in {"Info", "Low", "Medium", "High", "Critical"} or len(found["title"]) > 511:
                wrong.append(f"{number}: severity or title")
            if found["unique_id_from_tool"] in known:
                wrong.append(f"{number}: unique_id_from_tool is there twice")
            known.add(found["unique_id_from_tool"])
        return wrong

    def markdown(self, path):
        """Nothing but the markup that is ours."""
        text = path.read_text(encoding="utf-8")
        parser = markdown_it.MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
        wrong = []
        for token in parser.parse(text):
            if token.type == "html_block":
                wrong.extend(foreign(token.content))
            for child in token.children or []:
                if child.type == "html_inline":
                    wrong.extend(foreign(child.content))
                elif child.type in MARKUP:
                    wrong.append(f"{child.type} {child.attrs}")
        limit = {"comment.md": 65_536, "summary.md": 1 << 20}.get(path.name)
        if limit and len(text.encode()) > limit:
            wrong.append(f"{len(text.encode())} bytes")
        return wrong

    def pdf(self, path):
        pages = pypdf.PdfReader(str(path)).pages
        return [] if pages and "Plimsoll" in "".join(page.extract_text() for page in pages) else ["no page, or no text"]


def place_of(result, paths):
    """The file that a result is about; the first one where it does not say."""
    uris = [place.get("physicalLocation", {}).get("artifactLocation", {}).get("uri", "") for place in result.get("locations", [])]
    return next((path for uri in uris for path in paths if uri and uri.endswith(path.as_uri().removeprefix("file://"))), paths[0])


def foreign(html):
    """Tags that are not ours."""
    rest = html
    for ours in (*OURS, "<summary>", "</summary>"):
        rest = rest.replace(ours, "")
    return [f"markup {rest.strip()[:80]!r}"] if "<" in rest else []


def whole(schema, parts):
    """A schema with the schemas that it refers to in their places."""
    if isinstance(schema, dict):
        if schema.get("$ref") in parts:
            return whole(parts[schema["$ref"]], parts)
        return {key: whole(value, parts) for key, value in schema.items() if key not in ("$id", "$schema")}
    return [whole(value, parts) for value in schema] if isinstance(schema, list) else schema


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def shape(validator, path):
    """The first places where a document is not of a schema's form."""
    errors = []
    for error in validator.iter_errors(load(path)):
        errors.append(f"/{'/'.join(map(str, error.instance_path))}: {error.message[:200]}")
        if len(errors) == 5:
            break
    return errors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", type=pathlib.Path, required=True)
    parser.add_argument("folders", nargs="+", type=pathlib.Path, metavar="FOLDER")
    arguments = parser.parse_args()
    judges = Judges(arguments.tools)
    judged = collections.Counter()
    wrong = collections.defaultdict(list)
    files = sorted(path for folder in arguments.folders for path in folder.rglob("*") if path.is_file())
    judges.read_sarif(files)
    for path in files:
        for name, judge in judges.by_name(path.name):
            key = (path.name, name)
            try:
                found = judge(path)
            except Exception as error:  # whatever a validator throws is a verdict
                found = [f"{type(error).__name__}: {str(error)[:300]}"]
            if found is None:
                continue
            judged[key] += 1
            wrong[key] += [f"{path}: {line}" for line in found]
    for key, files in judged.items():
        print(f"{key[0]:30} {key[1]:20} {files:3} files, {len(wrong[key])} errors")
        for line in wrong[key][:10]:
            print(f"    {line}")
    errors = sum(map(len, wrong.values()))
    print(f"{sum(judged.values())} verdicts, {errors} errors")
    return 1 if errors or not judged else 0


if __name__ == "__main__":
    sys.exit(main())
