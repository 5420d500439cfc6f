#pragma once

namespace CLI {
class App;
}

namespace ticker::tickerctl {

// `watch URL SYMBOL… [--json] [--fields a,b] [--interval ms]`: a live table in a terminal, a line a change elsewhere, the
// frames as they come with --json. Until Ctrl-C. Exit code 1: the service could not be reached or refused; 2: the
// arguments make no sense.
void add_watch(CLI::App& app, int& exit_code);

}  // namespace ticker::tickerctl
