// The certificates that SNS signs with: fetched from the URL in a message, which was checked to be SNS's, completed
// with their issuers, checked against the trust store and kept. Bounded: certificates, fetches at once, callers that
// wait.
//
// Thread-safe; one mutex, held for a few instructions. Made by std::make_shared: answers that come after its end are
// dropped.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/client.hpp"
#include "security/webhooks/sns_certificate.hpp"
#include "time/clock.hpp"

namespace carillon::dispatcher {

inline constexpr std::size_t sns_certificates_max = 8;        // kept; SNS has one a region, replaced about once a year
inline constexpr std::size_t sns_fetches_max = 4;             // at once
inline constexpr std::size_t sns_waiting_max = 2'000;         // callers that wait for fetches
inline constexpr std::chrono::minutes sns_trust_time{10};     // then the chain is checked again
inline constexpr std::chrono::seconds sns_refetch_pause{30};  // after a fetch that failed
inline constexpr std::chrono::seconds sns_fetch_timeout{5};

struct SnsCertificate {
  std::optional<security::webhooks::SigningCertificate> certificate;  // trusted
  std::string_view refusal;  // else a word why: of Verdict, or CERTIFICATE_UNAVAILABLE
  bool again = false;        // it may be had later
  std::string detail;        // of a refusal, for the log
};

class SnsCertificates : public std::enable_shared_from_this<SnsCertificates> {
 public:
  using Got = std::function<void(const SnsCertificate&)>;

  // `base_url`: fetch there instead of at SNS; "" = at SNS, and from public addresses only.
  SnsCertificates(http::Client& http, security::webhooks::TrustStore trust, std::string base_url, const Clock& clock);
  // `url` must have passed signing_certificate_endpoint(). `got` is called exactly once: at once when the certificate
  // is there, else on an I/O thread.
  void get(const std::string& url, Got got);

 private:
  struct Entry {
    std::optional<security::webhooks::SigningCertificate> certificate;
    SteadyTime good_until{};  // with certificate: it need not be checked; without: it is not fetched again
    std::string_view refusal;
    std::string detail;
    bool busy = false;      // fetched, or checked again
    bool fetching = false;  // counts in fetches_
    std::vector<Got> waiting;
  };
  void fetch(const std::string& url);
  void fetched(const std::string& url, const http::Answer& answer);
  void check(const std::string& url, security::webhooks::SigningCertificate certificate);
  void fetch_issuer(const std::string& url, security::webhooks::SigningCertificate certificate);
  void finish(const std::string& url, SnsCertificate result);
  void drop_one_if_full();
  http::Call call_to(std::string url) const;

  http::Client& http_;
  const security::webhooks::TrustStore trust_;
  const std::string base_url_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Entry> entries_;  // mutex_; by URL
  std::size_t fetches_ = 0;               // mutex_; entries that are fetched, not those that are only checked again
  std::size_t waiting_ = 0;               // mutex_
};

// `url` with everything up to its path replaced by `base_url`; as it is when that is "".
std::string at_base(std::string_view base_url, std::string_view url);

}  // namespace carillon::dispatcher
