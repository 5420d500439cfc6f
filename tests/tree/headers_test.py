"""Every public header compiles alone, seeing only the libs that its own may use; net's in C++17 and in C++20."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import layers

ROOT = Path(__file__).resolve().parents[2]
COMPILER = os.environ.get("TICKER_CXX") or shutil.which("g++") or "c++"
BUILD = Path(os.environ.get("TICKER_BUILD", ROOT / "build" / "dev"))
STANDARDS = {"net": ("17", "20"), layers.TESTING: ("17", "20")}
DEFAULT_STANDARDS = ("20",)


def include_folders(lib):
    uses = layers.TESTING_USES if lib == layers.TESTING else layers.LIBS[lib][1]
    # Headers made by the build (protocol's codes) stand under its folder.
    folders = [base / "libs" / name / "include" for name in (lib, *uses) for base in (ROOT, BUILD)]
    return [folder for folder in folders if folder.exists()]


def complaint(header, standard, folders):
    """What the compiler says to a source that includes `header` and nothing else, twice; empty if it is content."""
    source = f"#include <{header}>\n#include <{header}>\n"
    command = [COMPILER, f"-std=c++{standard}", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
               *(f"-I{folder}" for folder in folders), "-x", "c++", "-"]
    return subprocess.run(command, input=source, capture_output=True, text=True, check=False).stderr


def public_headers():
    for lib in [*layers.LIBS, layers.TESTING]:
        include = ROOT / "libs" / lib / "include"
        for header in sorted(include.rglob("*.hpp")):
            yield lib, str(header.relative_to(include))


class PublicHeaders(unittest.TestCase):
    def test_compile_alone(self):
        jobs = [(header, standard, include_folders(lib)) for lib, header in public_headers()
                for standard in STANDARDS.get(lib, DEFAULT_STANDARDS)]
        with ThreadPoolExecutor(max_workers=2) as pool:
            complaints = list(pool.map(lambda job: complaint(*job), jobs))
        for (header, standard, _), said in zip(jobs, complaints):
            self.assertEqual(said, "", f"{header} in C++{standard}")
        print(f"{len(jobs)} headers compiled alone", file=sys.stderr)

    def test_that_lack_an_include_are_found(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "lacking.hpp").write_text("#pragma once\ninline std::string name() { return {}; }\n", encoding="utf-8")
            self.assertIn("string", complaint("lacking.hpp", "20", [folder]))

    def test_that_lack_a_guard_are_found(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "twice.hpp").write_text("struct Twice {};\n", encoding="utf-8")
            self.assertIn("redefinition", complaint("twice.hpp", "20", [folder]))


if __name__ == "__main__":
    unittest.main()
