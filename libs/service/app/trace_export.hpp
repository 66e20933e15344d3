// Sends the spans that were kept to a collector, OTLP over HTTP, in batches on a thread of its own. What the collector
// does not take is dropped and counted, so that a collector that is away costs nobody anything.
#pragma once
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "http/client.hpp"
#include "service/metrics.hpp"
#include "service/otlp.hpp"

namespace carillon::service {

class TraceExport {
 public:
  // `endpoint` is OTEL_EXPORTER_OTLP_ENDPOINT, "" for none: then it does nothing. All must outlive it.
  TraceExport(http::Client& client, const std::string& endpoint, tracing::Attributes resource,
              metrics::Registry& metrics);
  ~TraceExport();  // sends one batch more; takes two time limits of a call at most, one of a call that is under way

 private:
  void run();
  void send_some(int batches);
  bool is_stopping();
  bool send(const std::vector<tracing::Span>& spans);

  http::Client& client_;
  const std::string url_;
  const tracing::Attributes resource_;
  const metrics::Counter sent_, failed_, dropped_;
  bool failing_ = false;  // own thread only
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace carillon::service
