#include "integration/service/app_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace carillon::service::testing {
namespace {

constexpr std::chrono::seconds wait_max{20};

[[noreturn]] void run_child(const AppOptions& options, const std::map<std::string, std::string>& environment,
                            const std::string& folder) {
  for (const auto& [name, value] : process_environment()) {
    if (name.substr(0, 9) == "CARILLON_") ::unsetenv(name.c_str());
  }
  ::setenv("CARILLON_PORT_FILE", (folder + "/port").c_str(), 1);
  for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
  const int log = ::open((folder + "/log").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  ::dup2(log, STDERR_FILENO);
  ::close(log);
  // Catch's handlers for fatal signals must not report this child as a failed test.
  for (const int number : {SIGINT, SIGTERM}) ::signal(number, SIG_DFL);
  ::_exit(run_app(options));
}

}  // namespace

AppProcess::AppProcess(const AppOptions& options, const std::map<std::string, std::string>& environment) {
  std::string folder = (std::filesystem::temp_directory_path() / "carillon-app-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  folder_ = folder;
  pid_ = ::fork();
  REQUIRE(pid_ >= 0);
  if (pid_ == 0) run_child(options, environment, folder_);
}

AppProcess::~AppProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status_, 0);
  }
  std::filesystem::remove_all(folder_);
}

// Looks again after each change in the process's folder until `done`, the process's end or the time limit.
bool AppProcess::wait_until(const std::function<bool()>& done) const {
  const int watch = ::inotify_init1(IN_CLOEXEC);
  ::inotify_add_watch(watch, folder_.c_str(), IN_MOVED_TO | IN_MODIFY);
  const int process = pid_ > 0 ? static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)) : -1;
  const auto give_up = std::chrono::steady_clock::now() + wait_max;
  bool reached = done();
  while (!reached) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(give_up - std::chrono::steady_clock::now());
    pollfd waiting[] = {{watch, POLLIN, 0}, {process, POLLIN, 0}};
    if (left.count() <= 0 || ::poll(waiting, 2, static_cast<int>(left.count())) <= 0) break;
    std::array<char, 4096> events;
    if (waiting[0].revents && ::read(watch, events.data(), events.size()) < 0) break;
    reached = done();
    if (waiting[1].revents) break;
  }
  ::close(watch);
  if (process >= 0) ::close(process);
  return reached;
}

int AppProcess::port() {
  const std::string path = folder_ + "/port";
  const bool serves = wait_until([&path] { return std::filesystem::exists(path); });
  INFO(log());
  REQUIRE(serves);
  int port = 0;
  std::ifstream(path) >> port;
  REQUIRE(port > 0);
  return port;
}

bool AppProcess::wait_for_log(const std::string& part) const {
  return wait_until([this, &part] { return log().find(part) != std::string::npos; });
}

void AppProcess::signal(int number) const {
  REQUIRE(::kill(pid_, number) == 0);
}

int AppProcess::exit_code() {
  if (pid_ > 0) {
    const int process = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    pollfd waiting{process, POLLIN, 0};
    const bool ended = ::poll(&waiting, 1, static_cast<int>(std::chrono::milliseconds(wait_max).count())) == 1;
    ::close(process);
    INFO(log());
    REQUIRE(ended);
    REQUIRE(::waitpid(pid_, &status_, 0) == pid_);
    pid_ = -1;
  }
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : -WTERMSIG(status_);
}

std::string AppProcess::log() const {
  std::ifstream file(folder_ + "/log");
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace carillon::service::testing
