#include "service/metrics.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>
#include <thread>

namespace carillon::metrics {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("metrics: the text format shows help, type and value") {
  Registry registry;
  registry.counter("carillon_things_total", "Things seen.", {{"kind", "a\"b"}}).add(2);
  registry.gauge("carillon_depth", "Depth.").set(-1.5);
  const std::string text = registry.expose();
  CHECK(contains(text, "# HELP carillon_things_total Things seen.\n"));
  CHECK(contains(text, "# TYPE carillon_things_total counter\n"));
  CHECK(contains(text, "carillon_things_total{kind=\"a\\\"b\"} 2\n"));
  CHECK(contains(text, "# TYPE carillon_depth gauge\ncarillon_depth -1.5\n"));
}

TEST_CASE("metrics: the same name and labels are the same metric, other labels another") {
  Registry registry;
  registry.counter("carillon_things_total", "Things.", {{"kind", "a"}}).add();
  registry.counter("carillon_things_total", "Things.", {{"kind", "a"}}).add();
  registry.counter("carillon_things_total", "Things.", {{"kind", "b"}}).add(5);
  const std::string text = registry.expose();
  CHECK(contains(text, "carillon_things_total{kind=\"a\"} 2\n"));
  CHECK(contains(text, "carillon_things_total{kind=\"b\"} 5\n"));
  CHECK(text.find("# TYPE carillon_things_total") == text.rfind("# TYPE carillon_things_total"));
}

TEST_CASE("metrics: a histogram counts into its buckets") {
  Registry registry;
  const Histogram seconds = registry.histogram("carillon_call_seconds", "Time.", {{"provider", "p"}}, {0.1, 1});
  for (const double value : {0.05, 0.5, 5.0}) seconds.observe(value);
  const std::string text = registry.expose();
  CHECK(contains(text, "carillon_call_seconds_bucket{provider=\"p\",le=\"0.1\"} 1\n"));
  CHECK(contains(text, "carillon_call_seconds_bucket{provider=\"p\",le=\"1\"} 2\n"));
  CHECK(contains(text, "carillon_call_seconds_bucket{provider=\"p\",le=\"+Inf\"} 3\n"));
  CHECK(contains(text, "carillon_call_seconds_count{provider=\"p\"} 3\n"));
}

TEST_CASE("metrics: gauges are refreshed before each scrape, and a refresh that fails spoils nothing") {
  Registry registry;
  const Gauge depth = registry.gauge("carillon_depth", "Depth.");
  double value = 0;
  registry.on_scrape([] { throw std::runtime_error("the database is away"); });
  registry.on_scrape([&] { depth.set(++value); });
  CHECK(contains(registry.expose(), "carillon_depth 1\n"));
  CHECK(contains(registry.expose(), "carillon_depth 2\n"));
}

TEST_CASE("metrics: a handle without a registry does nothing") {
  Counter{}.add();
  Gauge{}.set(1);
  Histogram{}.observe(1);
  CHECK(Registry().expose().empty());
}

TEST_CASE("metrics: threads lose no count, also while asking for handles") {
  Registry registry;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1'000; ++i) registry.counter("carillon_things_total", "Things.").add();
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(contains(registry.expose(), "carillon_things_total 4000\n"));
}

}  // namespace
}  // namespace carillon::metrics
