"""The tree keeps to its layers, lists every source and test, and the check of it bites."""

import os
import tempfile
import unittest
from pathlib import Path

import tree

ROOT = Path(__file__).resolve().parents[2]

# The least tree that has a lib, a service and nothing wrong.
SOUND = {
    "CMakeLists.txt": "add_subdirectory(libs/base)\nadd_subdirectory(libs/market)\nadd_subdirectory(services/tickerd)\n"
                      "add_subdirectory(tests)\n",
    "libs/base/CMakeLists.txt": "ticker_library(base SOURCES src/a.cpp PRIVATE spdlog::spdlog)\n"
                                "ticker_test(base SOURCES tests/a_test.cpp)\n",
    "libs/base/README.md": "# base\n",
    "libs/base/include/ticker/base/a.hpp": "#pragma once\n#include <string>\n",
    "libs/base/src/a.cpp": "#include <ticker/base/a.hpp>\n#include <spdlog/spdlog.h>\n#include <sys/socket.h>\n",
    "libs/base/tests/a_test.cpp": "#include <ticker/base/a.hpp>\n#include <gtest/gtest.h>\n",
    "libs/market/CMakeLists.txt": "ticker_library(market SOURCES src/m.cpp PUBLIC ticker::base)\n",
    "libs/market/README.md": "# market\n",
    "libs/market/include/ticker/market/m.hpp": "#include <ticker/base/a.hpp>\n",
    "libs/market/src/m.cpp": "#include <ticker/market/m.hpp>\n",
    "services/tickerd/CMakeLists.txt": "ticker_service(tickerd MAIN src/main.cpp LINK ticker::market CLI11::CLI11)\n",
    "services/tickerd/README.md": "# tickerd\n",
    "services/tickerd/src/main.cpp": "#include <CLI/CLI.hpp>\n#include <ticker/market/m.hpp>\n",
    "tests/CMakeLists.txt": "ticker_script_test(x COMMAND python3 x_test.py)\nticker_integration_test(z)\n",
    "tests/x_test.py": "",
    "tests/integration/z_test.py": "",
}


def violations_with(changes):
    """What is found in the sound tree with some files replaced, added, or (None) taken away."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in {**SOUND, **changes}.items():
            if text is not None:
                file = Path(folder, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
        return tree.violations(folder)


class Tree(unittest.TestCase):
    def test_keeps_to_its_layers_and_lists_its_files(self):
        self.assertEqual(tree.violations(ROOT), [])

    def test_was_really_looked_at(self):
        libs = {folder.name for folder in tree._folders(ROOT / "libs")}
        self.assertTrue({"base", "net", "market", "config", "metrics"} <= libs, libs)


class Check(unittest.TestCase):
    def finds(self, changes, *expected):
        found = violations_with(changes)
        self.assertEqual(len(found), len(expected), found)
        for violation, text in zip(found, expected):
            self.assertIn(text, violation)

    def test_passes_a_sound_tree(self):
        self.finds({})

    def test_finds_an_include_that_goes_up(self):
        self.finds({"libs/base/src/a.cpp": "#include <ticker/market/m.hpp>\n"},
                   "libs/base/src/a.cpp: includes ticker/market/m.hpp: may use only base",
                   "libs/base/CMakeLists.txt: market is included, but not linked")

    def test_finds_an_include_of_the_same_layer(self):
        self.finds({"libs/market/src/m.cpp": "#  include <ticker/config/load.hpp>\n"},
                   "may use only base, market", "config is included, but not linked")

    def test_finds_a_link_that_goes_up(self):
        self.finds({"libs/base/CMakeLists.txt": SOUND["libs/base/CMakeLists.txt"].replace("PRIVATE", "PRIVATE ticker::hub")},
                   "libs/base/CMakeLists.txt: ticker_library links ticker::hub: may use only none of ours")

    def test_finds_a_package_outside_its_home(self):
        self.finds({"libs/market/src/m.cpp": "#include <spdlog/spdlog.h>\n"}, "spdlog is not for this place")

    def test_lets_only_tests_use_what_a_lib_is_held_against(self):
        feed = {"CMakeLists.txt": SOUND["CMakeLists.txt"] + "add_subdirectory(libs/feed)\n",
                "libs/feed/CMakeLists.txt": "ticker_library(feed SOURCES src/f.cpp)\n"
                                            "ticker_test(feed SOURCES tests/f_test.cpp LINK ticker::rapidjson)\n",
                "libs/feed/README.md": "# feed\n", "libs/feed/src/f.cpp": "",
                "libs/feed/tests/f_test.cpp": "#include <rapidjson/reader.h>\n"}
        self.finds(feed)
        self.finds({**feed, "libs/feed/src/f.cpp": "#include <rapidjson/reader.h>\n"}, "rapidjson is not for this place")
        self.finds({**feed, "libs/feed/CMakeLists.txt": feed["libs/feed/CMakeLists.txt"].replace("f.cpp)", "f.cpp PRIVATE ticker::rapidjson)")},
                   "rapidjson is not for this place")

    def test_finds_a_link_to_a_package_outside_its_home(self):
        self.finds({"libs/market/CMakeLists.txt":
                    "ticker_library(market SOURCES src/m.cpp PUBLIC ticker::base PRIVATE ticker::asio)\n"},
                   "links ticker::asio: asio is not for this place")

    def test_finds_a_package_in_a_public_header_of_its_home(self):
        self.finds({"libs/base/include/ticker/base/a.hpp": "#include <spdlog/spdlog.h>\n"},
                   "libs/base/include/ticker/base/a.hpp: includes spdlog/spdlog.h")

    def test_finds_a_package_linked_public(self):
        self.finds({"libs/base/CMakeLists.txt": SOUND["libs/base/CMakeLists.txt"].replace("PRIVATE", "PUBLIC")},
                   "links spdlog::spdlog PUBLIC")

    def test_finds_a_package_that_nobody_knows(self):
        self.finds({"libs/base/src/a.cpp": "#include <boost/asio.hpp>\n"}, "boost/asio.hpp: of no known package")

    def test_finds_the_tests_lib_outside_tests(self):
        self.finds({"libs/market/src/m.cpp": "#include <ticker/testing/clock.hpp>\n"},
                   "may use only base, market", "testing is included, but not linked")

    def test_finds_a_service_that_includes_another(self):
        self.finds({"services/tickerd/src/main.cpp": '#include "../../tickerctl/src/watch.hpp"\n'}, "not by ..")

    def test_finds_a_service_that_links_another(self):
        self.finds({"services/tickerd/CMakeLists.txt":
                    "ticker_service(tickerd MAIN src/main.cpp LINK ticker::tickerctl_logic)\n"}, "ticker::tickerctl_logic")

    def test_finds_a_package_in_a_service(self):
        self.finds({"services/tickerd/src/main.cpp": "#include <yaml-cpp/yaml.h>\n"}, "yaml-cpp is not for this place")

    def test_finds_a_source_that_is_not_listed(self):
        self.finds({"libs/base/src/b.cpp": ""}, "libs/base/src/b.cpp: not listed in libs/base/CMakeLists.txt")

    def test_finds_a_test_that_is_not_listed(self):
        self.finds({"libs/base/CMakeLists.txt": "ticker_library(base SOURCES src/a.cpp)\n# ticker_test(base SOURCES tests/a_test.cpp)\n"},
                   "libs/base/tests/a_test.cpp: not listed")

    def test_finds_a_script_test_that_is_not_listed(self):
        self.finds({"tests/integration/y_test.py": ""}, "tests/integration/y_test.py: not listed")

    def test_finds_a_folder_that_is_not_added(self):
        self.finds({"tests/load/CMakeLists.txt": "", "CMakeLists.txt": SOUND["CMakeLists.txt"].replace("libs/market", "libs/x")},
                   "libs/market: not added by CMakeLists.txt", "tests/load: not added by tests/CMakeLists.txt")

    def test_finds_a_public_link_that_is_missing(self):
        self.finds({"libs/market/CMakeLists.txt": "ticker_library(market SOURCES src/m.cpp PRIVATE ticker::base)\n"},
                   "public headers include base, which is not linked PUBLIC")

    def test_finds_targets_made_by_hand_and_globs(self):
        self.finds({"libs/market/CMakeLists.txt": SOUND["libs/market/CMakeLists.txt"]
                    + "add_library(x x.cpp)\nfile(GLOB y *.cpp)\n"}, "add_library", "file")

    def test_finds_a_lib_that_the_table_lacks(self):
        self.finds({"libs/util/CMakeLists.txt": "", "CMakeLists.txt": SOUND["CMakeLists.txt"] + "add_subdirectory(libs/util)"},
                   "libs/util: not in the layer table")

    def test_finds_a_folder_without_readme_or_with_a_long_one(self):
        self.finds({"libs/base/README.md": None, "libs/market/README.md": "x\n" * 31},
                   "libs/base: has no README.md", "31 lines, 30 at most")


if __name__ == "__main__":
    os.chdir(Path(__file__).parent)
    unittest.main()
