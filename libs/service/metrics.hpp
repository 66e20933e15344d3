// Prometheus metrics over prometheus-cpp, without its headers here. Names start with carillon_, base units, _total,
// _seconds; never a person or client as a label. Thread-safe. Handles are cheap to copy and live as long as the
// process.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace carillon::metrics {

using Labels = std::map<std::string, std::string>;

class Counter {
 public:
  void add(double by = 1) const;

 private:
  friend class Registry;
  void* handle_ = nullptr;
};
class Gauge {
 public:
  void set(double value) const;

 private:
  friend class Registry;
  void* handle_ = nullptr;
};
class Histogram {
 public:
  void observe(double value) const;

 private:
  friend class Registry;
  void* handle_ = nullptr;
};

class Registry {
 public:
  Registry();
  ~Registry();
  // The same name and labels give the same metric. Keep the handle; looking it up takes a lock.
  Counter counter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  Histogram histogram(const std::string& name, const std::string& help, const Labels& labels = {},
                      std::vector<double> buckets = {.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10});
  // Runs before each scrape to set gauges.
  void on_scrape(std::function<void()> refresh);
  std::string expose();  // text format 0.0.4

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace carillon::metrics
