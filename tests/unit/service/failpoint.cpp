#include "service/failpoint.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>

#include "postgres/errors.hpp"

namespace carillon {
namespace {

struct Configured {
  explicit Configured(const char* text) { configure_failpoints(text); }
  ~Configured() { configure_failpoints(""); }
};

TEST_CASE("failpoint: without a setting nothing happens") {
  const Configured none("");
  CHECK_NOTHROW(failpoint("any"));
}

TEST_CASE("failpoint: error throws Unavailable at its pass only") {
  const Configured set("a=error@3;b=error");
  CHECK_NOTHROW(failpoint("a"));
  CHECK_NOTHROW(failpoint("a"));
  CHECK_THROWS_AS(failpoint("a"), pg::Unavailable);
  CHECK_NOTHROW(failpoint("a"));
  CHECK_THROWS_AS(failpoint("b"), pg::Unavailable);
  CHECK_NOTHROW(failpoint("c"));
}

TEST_CASE("failpoint: kill ends the process with SIGKILL at its pass") {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    configure_failpoints("a=kill@2");
    failpoint("a");
    failpoint("a");
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGKILL);
}

TEST_CASE("failpoint: bad syntax is refused and changes nothing") {
  const Configured set("a=error@1");
  for (const char* bad :
       {"a", "=kill", "a=stop", "a=kill@", "a=kill@0", "a=kill@x", "a=kill@1x", "a=error@-1", "b=error;a"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(configure_failpoints(bad), std::invalid_argument);
  }
  CHECK_THROWS_AS(failpoint("a"), pg::Unavailable);
}

}  // namespace
}  // namespace carillon
