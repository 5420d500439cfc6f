#include "watch.hpp"

#include <csignal>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include <ticker/base/result.hpp>
#include <ticker/net/event_loop.hpp>
#include <ticker/net/signal_set.hpp>
#include <ticker/net/timer.hpp>
#include <ticker/protocol/pattern.hpp>
#include <ticker/protocol/request.hpp>

#include "stream_url.hpp"
#include "terminal.hpp"
#include "watch_session.hpp"
#include "watch_table.hpp"
#include "watch_view.hpp"

namespace ticker::tickerctl {
namespace {

using market::Field;
using market::FieldSet;

constexpr int kRefused = 1;
constexpr int kBadUsage = 2;
// Ten pictures a second: what eyes follow.
constexpr std::chrono::milliseconds kRedraw{100};
constexpr FieldSet kTableFields = market::kQuoteFields | market::kLastFields | Field::kChangePercent24h | Field::kVolume24h;

struct Arguments {
  std::string url;
  std::vector<std::string> symbols;
  std::vector<std::string> fields;
  std::int64_t interval_ms = -1;  // negative: not given
  bool json = false;
};

Result<WatchRequest> request_from(const Arguments& arguments) {
  WatchRequest request;
  auto url = stream_url(arguments.url);
  if (!url) {
    return url.error();
  }
  request.url = std::move(url).value();
  for (const std::string& symbol : arguments.symbols) {
    if (const auto fault = protocol::symbol_text_fault(symbol); !fault.empty()) {
      return Error{"symbol \"" + symbol + "\" " + std::string(fault)};
    }
  }
  request.symbols = arguments.symbols;
  for (const std::string& name : arguments.fields) {
    const auto field = market::field_from_name(name);
    if (!field) {
      return Error{"unknown field \"" + name + "\"; there are bid, bid_size, ask, ask_size, last and more (see proto/README.md)"};
    }
    request.fields = request.fields.value_or(FieldSet()) | FieldSet(*field);
  }
  if (arguments.interval_ms > static_cast<std::int64_t>(protocol::kMaxIntervalMs)) {
    return Error{"--interval " + std::to_string(arguments.interval_ms) + " is above " +
                 std::to_string(protocol::kMaxIntervalMs) + " ms"};
  }
  if (arguments.interval_ms >= 0) {
    request.interval = std::chrono::milliseconds(arguments.interval_ms);
  }
  return request;
}

bool print_line(std::string_view line) {
  return std::fwrite(line.data(), 1, line.size(), stdout) == line.size() && std::fputc('\n', stdout) != EOF &&
         std::fflush(stdout) == 0;
}

void complain(const std::string& words) { std::fprintf(stderr, "tickerctl: %s\n", words.c_str()); }

// Ends the watch where nobody reads its output any more.
using OnGone = std::function<void()>;

class JsonView final : public WatchView {
 public:
  explicit JsonView(OnGone on_gone) : on_gone_(std::move(on_gone)) {}
  void on_text(std::string_view text) override {
    if (!print_line(text)) {
      on_gone_();
    }
  }

 private:
  const OnGone on_gone_;
};

// One line an entry: `kraken:XMR-USD bid=353.81 ask=354.38`.
class LineView final : public WatchView {
 public:
  explicit LineView(OnGone on_gone) : on_gone_(std::move(on_gone)) {}

  void on_frame(const protocol::EntryFrame& frame, const protocol::ClientState& /*held*/) override {
    for (const protocol::Entry& entry : frame.data) {
      std::string line = entry.symbol + (entry.removed ? " removed" : entry.as_new ? " new" : "");
      for (const Field field : entry.fields - FieldSet::companions()) {
        line += " " + std::string(market::field_name(field)) + "=" + entry.text(field);
      }
      if (!print_line(line)) {
        on_gone_();
        return;
      }
    }
  }
  void on_connection(const std::string& words, bool live) override {
    if (!live && words != "connecting") {
      complain(words);
    }
  }
  void on_remark(const std::string& words) override { complain(words); }

 private:
  const OnGone on_gone_;
};

class TableView final : public WatchView {
 public:
  TableView(net::EventLoop& loop, FieldSet fields, std::string url, OnGone on_gone)
      : url_(std::move(url)), on_gone_(std::move(on_gone)), table_(fields), redraw_(loop, [this] { draw(); }) {}

  void show(const protocol::ClientState& held) { held_ = &held; }
  // At once: the terminal's size changed.
  void draw() {
    const auto now = std::chrono::steady_clock::now();
    std::string words = url_ + "  " + state_ + "  " + std::to_string(held_->entries().size()) + " instruments";
    for (const std::string& remark : remarks_) {
      words += "  " + remark;
    }
    if (!terminal_.write(table_.draw(*held_, {words, live_}, terminal_.size(), now))) {
      on_gone_();
    } else if (table_.flashing(now)) {
      redraw_.start(kRedraw);
    }
  }

  void on_frame(const protocol::EntryFrame& frame, const protocol::ClientState& held) override {
    table_.note(frame, held, std::chrono::steady_clock::now());
    draw_soon();
  }
  void on_connection(const std::string& words, bool live) override {
    state_ = words;
    live_ = live;
    draw_soon();
  }
  void on_remark(const std::string& words) override { remarks_.push_back(words); }

 private:
  void draw_soon() {
    if (!redraw_.armed()) {
      redraw_.start(kRedraw);
    }
  }

  const std::string url_;
  const OnGone on_gone_;
  WatchTable table_;
  const protocol::ClientState* held_ = nullptr;
  std::string state_;
  bool live_ = false;
  std::vector<std::string> remarks_;
  net::Timer redraw_;
  Terminal terminal_;
};

// Runs until a signal or until the session gives up; the exit code. `complaint` is told once the terminal is given back.
int run(net::EventLoop& loop, WatchRequest request, bool json, std::string& complaint) {
  int exit_code = 0;
  const OnGone gone = [&loop] { loop.stop(); };
  const bool as_table = !json && Terminal::present();
  if (as_table && !request.fields) {
    request.fields = kTableFields;
  }
  std::unique_ptr<WatchView> view;
  TableView* table = nullptr;
  if (as_table) {
    auto made = std::make_unique<TableView>(loop, *request.fields, request.url, gone);
    table = made.get();
    view = std::move(made);
  } else if (json) {
    view = std::make_unique<JsonView>(gone);
  } else {
    view = std::make_unique<LineView>(gone);
  }
  WatchSession session(loop, std::move(request), *view, [&](const std::string& why) {
    complaint = why;
    exit_code = kRefused;
    loop.stop();
  });
  std::vector<int> signals = {SIGINT, SIGTERM, SIGHUP};
  if (table != nullptr) {
    table->show(session.held());
    signals.push_back(SIGWINCH);
  }
  const net::SignalSet on_signal(loop, signals, [&](int signal) {
    if (signal == SIGWINCH) {
      table->draw();
    } else {
      loop.stop();
    }
  });
  session.start();
  loop.run();
  return exit_code;
}

int watch(const Arguments& arguments) {
  auto request = request_from(arguments);
  if (!request) {
    complain(request.error().message);
    return kBadUsage;
  }
  // A reader that went away (`| head`) shows as a failed write.
  std::signal(SIGPIPE, SIG_IGN);
  net::EventLoop loop;
  std::string complaint;
  const int exit_code = run(loop, std::move(request).value(), arguments.json, complaint);
  if (!complaint.empty()) {
    complain(complaint);
  }
  return exit_code;
}

}  // namespace

void add_watch(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("watch", "A live table of what the service serves, or its frames");
  command->add_option("url", arguments->url, "The service: http://host:port, ws://host:port/v1/stream, https, wss")->required();
  command->add_option("symbols", arguments->symbols, "Names or patterns: kraken:BTC-USD, 'binance:*'")->required();
  command->add_flag("--json", arguments->json, "Print every message as it comes, one a line");
  command->add_option("--fields", arguments->fields, "Only these, separated by commas: bid,ask,last")->delimiter(',');
  command->add_option("--interval", arguments->interval_ms, "Least time between two updates, in ms; 0: every change")
      ->check(CLI::NonNegativeNumber);
  command->callback([arguments, &exit_code] { exit_code = watch(*arguments); });
}

}  // namespace ticker::tickerctl
