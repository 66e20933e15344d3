// run_app in a child process with an environment of its own, its standard error captured.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <string>

#include "service/service.hpp"

namespace carillon::service::testing {

class AppProcess {
 public:
  // The child's environment is this process's without CARILLON_*, plus `environment`. CARILLON_PORT_FILE is set here.
  AppProcess(const AppOptions& options, const std::map<std::string, std::string>& environment);
  ~AppProcess();  // SIGKILL when it still runs
  AppProcess(const AppProcess&) = delete;
  AppProcess& operator=(const AppProcess&) = delete;

  // Waits until it serves; its port. Fails the test after 20 s or when it ended.
  int port();
  void signal(int number) const;
  // Waits until it has ended, 20 s at most; the exit code, or minus the signal that ended it.
  int exit_code();
  // Waits until its log holds `part`, 20 s at most; false when it does not.
  bool wait_for_log(const std::string& part) const;
  // What it has written to standard error up to now.
  std::string log() const;

 private:
  bool wait_until(const std::function<bool()>& done) const;
  std::string folder_;
  int pid_ = -1;
  int status_ = 0;
};

}  // namespace carillon::service::testing
