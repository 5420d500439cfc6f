#include "process_stats.hpp"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include <ticker/metrics/writer.hpp>

namespace ticker::metrics {
namespace {

// The scheduler's own account: the tick-sampled times of /proc/self/stat lie about periodic work.
void collect_cpu(Writer& writer) {
  timespec cpu{};
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu) == 0) {
    constexpr double kNanosecondsPerSecond = 1e9;
    writer.value(
        Family::kProcessCpu, {},
        static_cast<double>(cpu.tv_sec) + static_cast<double>(cpu.tv_nsec) / kNanosecondsPerSecond);
  }
}

void collect_memory(Writer& writer) {
  std::ifstream file("/proc/self/statm");
  double total_pages = 0;
  double resident_pages = 0;
  if (file >> total_pages >> resident_pages) {
    const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
    writer.value(Family::kProcessVirtualMemory, {}, total_pages * page);
    writer.value(Family::kProcessResidentMemory, {}, resident_pages * page);
  }
}

void collect_descriptors(Writer& writer) {
  std::error_code error;
  std::filesystem::directory_iterator entries("/proc/self/fd", error);
  if (!error) {
    // One of them is the descriptor that lists the folder.
    writer.value(Family::kProcessOpenFds, {},
                 static_cast<double>(std::distance(begin(entries), end(entries)) - 1));
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    writer.value(Family::kProcessMaxFds, {}, static_cast<double>(limit.rlim_cur));
  }
}

// Boot time plus field 22 of /proc/self/stat, which counts clock ticks since boot; 0 where the
// kernel does not tell.
double read_start_time() {
  std::ifstream stat("/proc/self/stat");
  std::string line;
  std::getline(stat, line);
  // The second field is the program's name in parentheses; the third follows the last of them.
  std::istringstream fields(line.substr(line.rfind(')') + 1));
  constexpr int kFieldsBetween = 19;
  std::string skipped;
  for (int i = 0; i < kFieldsBetween; ++i) {
    fields >> skipped;
  }
  double start_ticks = 0;
  fields >> start_ticks;

  std::ifstream system("/proc/stat");
  std::string word;
  while (system >> word) {
    double boot_time = 0;
    if (word == "btime" && system >> boot_time) {
      return boot_time + start_ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
    }
  }
  return 0;
}

}  // namespace

void collect_process(Writer& writer) {
  collect_cpu(writer);
  collect_memory(writer);
  collect_descriptors(writer);
  static const double start_time = read_start_time();
  if (start_time > 0) {
    writer.value(Family::kProcessStartTime, {}, start_time);
  }
}

}  // namespace ticker::metrics
