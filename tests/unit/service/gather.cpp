#include "service/gather.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <vector>

namespace carillon::service {
namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto answer_max = 10s;

TEST_CASE("gather: under load batches begin at least the spacing after one another, in the order of the offers") {
  constexpr auto spacing = 4ms;
  constexpr std::size_t batches_wanted = 6;
  std::vector<steady_clock::time_point> begins;
  std::vector<int> seen;
  std::promise<void> enough;
  Gather<int> gather("gather", {.queue_max = 1'000, .batch_max = 1'001, .spacing = spacing}, [&](auto& batch) {
    begins.push_back(steady_clock::now());
    seen.insert(seen.end(), batch.begin(), batch.end());
    if (begins.size() == batches_wanted) enough.set_value();
  });
  const auto started = steady_clock::now();
  gather.start();
  const auto done = enough.get_future();
  int offered = 0;
  while (done.wait_for(0s) != std::future_status::ready && steady_clock::now() - started < answer_max)
    if (gather.offer(int{offered})) ++offered;
  gather.stop();
  REQUIRE(begins.size() >= batches_wanted);
  for (std::size_t i = 0; i < batches_wanted; ++i) CHECK(begins[i] >= started + i * spacing);
  REQUIRE(seen.size() == static_cast<std::size_t>(offered));
  for (std::size_t i = 0; i < seen.size(); ++i) REQUIRE(seen[i] == static_cast<int>(i));
}

TEST_CASE("gather: what comes alone waits for nothing") {
  std::promise<void> processed;
  Gather<int> gather("gather", {.queue_max = 10, .batch_max = 10, .spacing = 1h},
                     [&](auto&) { processed.set_value(); });
  gather.start();
  REQUIRE(gather.offer(1));
  CHECK(processed.get_future().wait_for(answer_max) == std::future_status::ready);
}

TEST_CASE("gather: a full batch follows at once, whatever the spacing") {
  int batches = 0;
  std::promise<void> second;
  Gather<int> gather("gather", {.queue_max = 10, .batch_max = 2, .spacing = 1h}, [&](auto&) {
    if (++batches == 2) second.set_value();
  });
  gather.start();
  for (int i = 0; i < 3; ++i) REQUIRE(gather.offer(int{i}));
  CHECK(gather.offer(3));
  CHECK(second.get_future().wait_for(answer_max) == std::future_status::ready);
}

TEST_CASE("gather: a full queue refuses, and what waits is processed by stop too") {
  std::vector<int> seen;
  std::promise<void> begun, go_on;
  Gather<int> gather("gather", {.queue_max = 2, .batch_max = 1, .spacing = 0ms}, [&](auto& batch) {
    if (seen.empty()) {
      begun.set_value();
      go_on.get_future().wait_for(answer_max);
    }
    seen.insert(seen.end(), batch.begin(), batch.end());
  });
  CHECK_FALSE(gather.offer(0));
  gather.start();
  REQUIRE(gather.offer(1));
  REQUIRE(begun.get_future().wait_for(answer_max) == std::future_status::ready);
  CHECK(gather.offer(2));
  CHECK(gather.offer(3));
  CHECK_FALSE(gather.offer(4));
  go_on.set_value();
  gather.stop();
  CHECK(seen == std::vector{1, 2, 3});
  CHECK_FALSE(gather.offer(5));
}

}  // namespace
}  // namespace carillon::service
