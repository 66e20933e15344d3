// Main of every Catch2 program. Besides the console report it writes <program>.json with the number of test cases
// passed and failed, and the names of these, into the folder CARILLON_RESULTS, where that is set; a program that
// crashes leaves "failed": 1 behind. Child processes that a test starts from the same program don't report: the
// variable ends here.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <string>

namespace {

class ResultFile : public Catch::TestEventListenerBase {
 public:
  using TestEventListenerBase::TestEventListenerBase;

  void testRunStarting(const Catch::TestRunInfo& run) override {
    if (const char* folder = std::getenv("CARILLON_RESULTS")) file_ = std::string(folder) + "/" + run.name + ".json";
    ::unsetenv("CARILLON_RESULTS");
    write(0, 1);
  }
  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    if (stats.totals.testCases.failed == 0) return;
    names_ += names_.empty() ? "\"" : ", \"";
    for (const char c : stats.testInfo.name) names_ += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
    names_ += '"';
  }
  void testRunEnded(const Catch::TestRunStats& stats) override {
    const auto& cases = stats.totals.testCases;
    write(cases.passed + cases.failedButOk, cases.failed);
  }

 private:
  void write(std::size_t passed, std::size_t failed) const {
    if (file_.empty()) return;
    std::ofstream(file_) << "{\"passed\": " << passed << ", \"failed\": " << failed << ", \"failed_cases\": [" << names_
                         << "]}\n";
  }
  std::string file_, names_;
};

}  // namespace

CATCH_REGISTER_LISTENER(ResultFile)
