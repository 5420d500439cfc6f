"""Holds a source tree against the layer table: `violations(root)` lists what goes against it, a line each."""

import re
from pathlib import Path

import layers

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
CALL = re.compile(r"\b(ticker_library|ticker_service|ticker_test|ticker_bench)\s*\(([^)]*)\)")
FORBIDDEN_CALL = re.compile(r"\b(add_library|add_executable|target_link_libraries|file\s*\(\s*GLOB\w*)", re.IGNORECASE)
KEYWORDS = {"SOURCES", "PUBLIC", "PRIVATE", "LINK", "MAIN", "CXX_STANDARD", "TIMEOUT", "LABELS"}
SCRIPT_TESTS = ("_test.py", "_test.sh", "_test.mjs")
README_LINES = 30
SKIPPED_FOLDERS = {"node_modules", "__pycache__", "build"}


def violations(root):
    root = Path(root)
    found = []
    for folder in _folders(root / "libs"):
        found += _check_lib(root, folder)
    for folder in _folders(root / "services"):
        found += _check_service(root, folder)
    found += _check_script_tests(root)
    found += _check_folders(root)
    return found


def _folders(parent):
    return sorted(f for f in parent.iterdir() if (f / "CMakeLists.txt").exists()) if parent.exists() else []


def _files(folder, *suffixes):
    return sorted(f for f in (folder.rglob("*") if folder.exists() else [])
                  if f.name.endswith(suffixes) and not SKIPPED_FOLDERS & set(f.relative_to(folder).parts))


def _check_lib(root, folder):
    name = folder.name
    if name == layers.TESTING:
        libs, packages = list(layers.TESTING_USES), list(layers.TEST_PACKAGES)
    elif name in layers.LIBS:
        _, libs, packages = layers.LIBS[name]
    else:
        return [f"libs/{name}: not in the layer table (tests/tree/layers.py)"]

    found = []
    for file in _files(folder, ".hpp", ".cpp", ".h", ".hpp.in"):
        where = file.relative_to(folder).parts[0]
        is_test = where in ("tests", "bench")
        allowed_libs = {name, *libs} | ({layers.TESTING} if is_test else set())
        allowed_packages = {*packages} | (_test_packages(name) if is_test else set())
        if where == "include":
            allowed_packages = set()
        found += _check_includes(root, file, allowed_libs, allowed_packages)
    found += _check_cmake(root, folder, set(libs), set(packages))
    found += _check_listed(root, folder)
    found += _check_readme(root, folder)
    return found


def _test_packages(lib):
    return {*layers.TEST_PACKAGES, *layers.HELD_AGAINST.get(lib, [])}


def _check_service(root, folder):
    every_lib = set(layers.LIBS)
    found = []
    for file in _files(folder, ".hpp", ".cpp", ".h"):
        is_test = file.relative_to(folder).parts[0] in ("tests", "bench")
        found += _check_includes(root, file, every_lib | ({layers.TESTING} if is_test else set()),
                                 {*layers.SERVICE_PACKAGES} | ({*layers.TEST_PACKAGES} if is_test else set()))
    found += _check_cmake(root, folder, every_lib, set(layers.SERVICE_PACKAGES))
    found += _check_listed(root, folder)
    found += _check_readme(root, folder)
    return found


def _check_includes(root, file, allowed_libs, allowed_packages):
    found = []
    for bracket, header in INCLUDE.findall(file.read_text(encoding="utf-8")):
        here = f"{file.relative_to(root)}: includes {header}"
        if bracket == '"':
            if ".." in header.split("/"):
                found.append(f"{here}: private headers are reached by name, not by ..")
            continue
        if header.startswith("ticker/"):
            lib = header.split("/")[1]
            if lib not in allowed_libs:
                found.append(f"{here}: may use only {_listing(allowed_libs)}")
            continue
        package = _package_of_header(header)
        if package is None and not _is_system_header(header):
            found.append(f"{here}: of no known package (tests/tree/layers.py)")
        elif package is not None and package not in allowed_packages:
            found.append(f"{here}: {package} is not for this place")
    return found


def _package_of_header(header):
    for package, (beginnings, _) in layers.PACKAGES.items():
        if any(header == b or (b.endswith("/") and header.startswith(b)) for b in beginnings):
            return package
    return None


def _is_system_header(header):
    return (("." not in header and "/" not in header) or header in layers.SYSTEM_HEADERS
            or header.startswith(tuple(layers.SYSTEM_FOLDERS)))


def _check_cmake(root, folder, libs, packages):
    path = folder / "CMakeLists.txt"
    text = re.sub(r"#.*", "", path.read_text(encoding="utf-8"))
    where = path.relative_to(root)
    found = [f"{where}: {call.split('(')[0].strip()} is for cmake/ only" for call in FORBIDDEN_CALL.findall(text)]
    for function, body in CALL.findall(text):
        words = body.split()
        keyword = ""
        for word in words[1:]:
            if word in KEYWORDS:
                keyword = word
            elif keyword in ("PUBLIC", "PRIVATE", "LINK"):
                found += _check_link(where, function, keyword, word, folder.name, libs, packages)
    found += _check_links_cover_includes(root, folder, text)
    return found


def _check_link(where, function, keyword, target, own, libs, packages):
    here = f"{where}: {function} links {target}"
    is_test = function in ("ticker_test", "ticker_bench")
    if target in layers.FREE_TARGETS:
        return []
    for package, (_, targets) in layers.PACKAGES.items():
        if target in targets:
            if package in packages and keyword != "PUBLIC" or is_test and package in _test_packages(own):
                return []
            return [f"{here}: {package} is not for this place" if package not in packages else f"{here} PUBLIC"]
    match = re.fullmatch(r"ticker::(\w+)", target)
    if not match:
        return [f"{here}: not a target of the layer table (tests/tree/layers.py)"]
    lib = match.group(1)
    if lib in libs or is_test and lib in (own, own + "_logic", layers.TESTING):
        return []
    return [f"{here}: may use only {_listing(libs)}"]


def _check_links_cover_includes(root, folder, text):
    """PUBLIC is just what public headers include, and what is included is linked."""
    library = re.search(r"\bticker_library\s*\(([^)]*)\)", text)
    if library is None:
        return []
    links = {"PUBLIC": set(), "PRIVATE": set()}
    keyword = ""
    for word in library.group(1).split():
        if word in KEYWORDS:
            keyword = word
        elif keyword in links:
            links[keyword].add(word.removeprefix("ticker::"))
    where = (folder / "CMakeLists.txt").relative_to(root)
    public = _libs_included(folder / "include") - {folder.name}
    private = _libs_included(folder / "src") - {folder.name}
    found = [f"{where}: public headers include {lib}, which is not linked PUBLIC" for lib in sorted(public - links["PUBLIC"])]
    found += [f"{where}: {lib} is included, but not linked"
              for lib in sorted(private - links["PUBLIC"] - links["PRIVATE"])]
    return found


def _libs_included(folder):
    return {header.split("/")[1] for file in _files(folder, ".hpp", ".cpp")
            for bracket, header in INCLUDE.findall(file.read_text(encoding="utf-8")) if header.startswith("ticker/")}


def _check_listed(root, folder):
    text = re.sub(r"#.*", "", (folder / "CMakeLists.txt").read_text(encoding="utf-8"))
    listed = set(text.replace("(", " ").replace(")", " ").split())
    return [f"{file.relative_to(root)}: not listed in {folder.relative_to(root)}/CMakeLists.txt"
            for file in _files(folder, ".cpp") if str(file.relative_to(folder)) not in listed]


def _check_readme(root, folder):
    readme = folder / "README.md"
    if not readme.exists():
        return [f"{folder.relative_to(root)}: has no README.md"]
    lines = len(readme.read_text(encoding="utf-8").splitlines())
    return [f"{readme.relative_to(root)}: {lines} lines, {README_LINES} at most"] if lines > README_LINES else []


def _check_script_tests(root):
    """A test that is a script is named in a CMakeLists.txt, as `x_test.py` or by a function of ours as `…_test(x …)`; so is
    a *_test.cpp that belongs to no lib or service."""
    tests = root / "tests"
    if not tests.exists():
        return []
    lists = "\n".join(re.sub(r"#.*", "", f.read_text(encoding="utf-8"))
                      for part in ("tests", "libs", "services") for f in _files(root / part, "CMakeLists.txt"))
    scripts = [f for part in ("tests", "libs", "services") for f in _files(root / part, *SCRIPT_TESTS)]
    return [f"{file.relative_to(root)}: not listed in any CMakeLists.txt"
            for file in scripts + _files(tests, "_test.cpp") if not _names_test(lists, file)]


def _names_test(lists, file):
    short = file.name.rsplit("_test.", 1)[0]
    return re.search(rf"\b{re.escape(file.name)}|_test\(\s*{re.escape(short)}[\s)]", lists) is not None


def _check_folders(root):
    """Every folder with a CMakeLists.txt is added by the one above it."""
    found = []
    for part in ("libs", "services", "tests", "proto"):
        for file in _files(root / part, "CMakeLists.txt"):
            above = next(f for f in file.parent.parents if (f / "CMakeLists.txt").exists())
            text = re.sub(r"#.*", "", (above / "CMakeLists.txt").read_text(encoding="utf-8"))
            folder = file.parent.relative_to(above)
            if not re.search(rf"add_subdirectory\(\s*{re.escape(str(folder))}\s*\)", text):
                found.append(f"{file.parent.relative_to(root)}: not added by {(above / 'CMakeLists.txt').relative_to(root)}")
    return found


def _listing(names):
    return ", ".join(sorted(names)) or "none of ours"
