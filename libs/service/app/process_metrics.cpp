#include "service/app/process_metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>

namespace carillon::service {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double processor_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// The second figure of /proc/self/statm, in pages.
double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double size = 0, resident = 0;
  file >> size >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double open_files() {
  namespace fs = std::filesystem;
  return static_cast<double>(std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator{}));
}

double open_files_max() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

// A counter takes what came on top, and two scrapes may run at once.
class ProcessorTime {
 public:
  explicit ProcessorTime(metrics::Counter counter) : counter_(counter) {}
  void refresh() {
    const std::lock_guard lock(mutex_);
    const double now = processor_seconds();
    counter_.add(now - counted_);
    counted_ = now;
  }

 private:
  metrics::Counter counter_;
  std::mutex mutex_;
  double counted_ = 0;  // guarded by mutex_
};

}  // namespace

void add_process_metrics(metrics::Registry& registry, const std::string& program, UtcTime started) {
  registry
      .gauge("carillon_build_info", "1; the labels say what runs",
             {{"program", program}, {"version", CARILLON_VERSION}})
      .set(1);
  registry.gauge("process_start_time_seconds", "When the process started, in seconds since 1970")
      .set(std::chrono::duration<double>(started.time_since_epoch()).count());
  registry.gauge("process_max_fds", "Files that may be open").set(open_files_max());
  const auto processor = std::make_shared<ProcessorTime>(
      registry.counter("process_cpu_seconds_total", "Processor time, of the program and the system for it"));
  const auto resident = registry.gauge("process_resident_memory_bytes", "Memory that is in use and not swapped out");
  const auto files = registry.gauge("process_open_fds", "Files and sockets that are open");
  registry.on_scrape([=] {
    processor->refresh();
    resident.set(resident_bytes());
    files.set(open_files());
  });
}

}  // namespace carillon::service
