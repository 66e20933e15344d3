#include "service/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <exception>
#include <mutex>

#include "service/log.hpp"

namespace carillon::metrics {

void Counter::add(double by) const {
  if (handle_) static_cast<prometheus::Counter*>(handle_)->Increment(by);
}
void Gauge::set(double value) const {
  if (handle_) static_cast<prometheus::Gauge*>(handle_)->Set(value);
}
void Histogram::observe(double value) const {
  if (handle_) static_cast<prometheus::Histogram*>(handle_)->Observe(value);
}

struct Registry::State {
  // Merge: asking again for a family of the same name gives the one that is there.
  prometheus::Registry registry{prometheus::Registry::InsertBehavior::Merge};
  std::mutex mutex;  // guards what follows
  std::vector<std::shared_ptr<const std::function<void()>>> refreshers;
};

Registry::Registry() : state_(std::make_unique<State>()) {}
Registry::~Registry() = default;

Counter Registry::counter(const std::string& name, const std::string& help, const Labels& labels) {
  Counter counter;
  counter.handle_ = &prometheus::BuildCounter().Name(name).Help(help).Register(state_->registry).Add(labels);
  return counter;
}

Gauge Registry::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  Gauge gauge;
  gauge.handle_ = &prometheus::BuildGauge().Name(name).Help(help).Register(state_->registry).Add(labels);
  return gauge;
}

Histogram Registry::histogram(const std::string& name, const std::string& help, const Labels& labels,
                              std::vector<double> buckets) {
  Histogram histogram;
  histogram.handle_ =
      &prometheus::BuildHistogram().Name(name).Help(help).Register(state_->registry).Add(labels, buckets);
  return histogram;
}

void Registry::on_scrape(std::function<void()> refresh) {
  const std::lock_guard lock(state_->mutex);
  state_->refreshers.push_back(std::make_shared<const std::function<void()>>(std::move(refresh)));
}

std::string Registry::expose() {
  std::vector<std::shared_ptr<const std::function<void()>>> refreshers;
  {
    const std::lock_guard lock(state_->mutex);
    refreshers = state_->refreshers;
  }
  for (const auto& refresh : refreshers) {
    try {
      (*refresh)();
    } catch (const std::exception& failure) {
      // A gauge that can't be refreshed keeps its value; the others are still worth having.
      log::warn("metrics_refresh_failed", {{"error", failure.what()}});
    }
  }
  return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

}  // namespace carillon::metrics
