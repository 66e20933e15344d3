#include "service/app/trace_export.hpp"

#include <chrono>
#include <utility>

#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::service {
namespace {

constexpr std::chrono::milliseconds send_interval{1'000};
constexpr std::chrono::milliseconds send_timeout{3'000};
constexpr std::size_t batch_spans_max = 1'000;
constexpr int batches_max = 10;  // at a time: all that is kept

std::string traces_url(std::string endpoint) {
  while (endpoint.ends_with('/')) endpoint.pop_back();
  return endpoint.empty() ? endpoint : endpoint + "/v1/traces";
}

metrics::Counter counter(metrics::Registry& registry, const char* result) {
  return registry.counter("carillon_trace_spans_total", "Spans for the collector, by what became of them",
                          {{"result", result}});
}

}  // namespace

TraceExport::TraceExport(http::Client& client, const std::string& endpoint, tracing::Attributes resource,
                         metrics::Registry& metrics)
    : client_(client),
      url_(traces_url(endpoint)),
      resource_(std::move(resource)),
      sent_(counter(metrics, "sent")),
      failed_(counter(metrics, "failed")),
      dropped_(counter(metrics, "dropped")) {
  if (!url_.empty()) thread_ = std::thread([this] { run(); });
}

TraceExport::~TraceExport() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void TraceExport::run() {
  name_this_thread("trace-export");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    changed_.wait_for(lock, send_interval, [this] { return stopping_; });
    if (stopping_) break;
    lock.unlock();
    send_some(batches_max);
    lock.lock();
  }
  lock.unlock();
  send_some(1);
}

// Until nothing is left, a batch fails, or it is to stop: what waits meanwhile is bounded.
void TraceExport::send_some(int batches) {
  dropped_.add(static_cast<double>(tracing::take_dropped()));
  for (int sent = 0; sent < batches && (sent == 0 || !is_stopping()); ++sent) {
    const std::vector<tracing::Span> spans = tracing::take(batch_spans_max);
    if (spans.empty()) return;
    const bool taken = send(spans);
    (taken ? sent_ : failed_).add(static_cast<double>(spans.size()));
    if (!taken) return;
  }
}

bool TraceExport::is_stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

bool TraceExport::send(const std::vector<tracing::Span>& spans) {
  http::Call call;
  call.url = url_;
  call.headers = {{"Content-Type", "application/json"}};
  call.body = tracing::otlp_json(resource_, spans);
  call.timeout = send_timeout;
  const http::Answer answer = client_.call_and_wait(std::move(call));
  const bool taken = answer.status / 100 == 2;
  if (!taken && !failing_)
    log::warn("traces_not_sent", {{"status", answer.status}, {"error", answer.status == 0 ? answer.detail : ""}});
  if (taken && failing_) log::info("traces_sent_again");
  failing_ = !taken;
  return taken;
}

}  // namespace carillon::service
