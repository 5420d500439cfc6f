#pragma once

#include <cstdio>
#include <string>

namespace CLI {
class App;
}

namespace ticker::tickerctl {

// Prints what a recording holds: its span, rates, counts per kind and instrument, gaps, cuts,
// damage. An empty `venue` is the recording's, or guessed. Returns the exit code: 0, 1 the
// recording is damaged, 2 it can't be read at all, or `venue` is no adapter.
int inspect(const std::string& file, const std::string& venue, std::FILE* out,
            std::FILE* complaints);

void add_inspect(CLI::App& app, int& exit_code);

}  // namespace ticker::tickerctl
