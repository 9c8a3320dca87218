"""Downloads the packages that code is measured on, and unpacks their Python files: `corpus.py FOLDER`. Does nothing twice."""

import pathlib
import shutil
import subprocess
import sys
import zipfile

PACKAGES = [
    "ansible-core", "apache-airflow-core", "apache-airflow-providers-amazon", "apache-superset", "boto3", "botocore", "django", "homeassistant",
    "localstack", "localstack-core", "mlflow", "moto", "nautobot", "pandas", "sagemaker<3", "scipy", "sympy", "transformers", "zulip",
]


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    wheels = folder.with_name(folder.name + "-wheels")
    for package in PACKAGES:
        name = package.split("<")[0]
        home = folder / name
        if home.is_dir():
            continue
        into = wheels / name
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", str(into), package]
        subprocess.run(command, check=True)
        part = folder / f"{name}.part"
        shutil.rmtree(part, ignore_errors=True)
        for wheel in into.glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(part, [entry for entry in archive.namelist() if entry.endswith(".py")])
        part.rename(home)


main()
