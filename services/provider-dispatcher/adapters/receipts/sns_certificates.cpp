#include "provider-dispatcher/adapters/receipts/sns_certificates.hpp"

#include <algorithm>

#include "security/webhooks/sns_url.hpp"
#include "security/webhooks/verdict.hpp"

namespace carillon::dispatcher {

namespace webhooks = security::webhooks;
using webhooks::SigningCertificate;
using webhooks::Verdict;

namespace {

constexpr std::string_view unavailable = "CERTIFICATE_UNAVAILABLE";

SnsCertificate unavailable_at(const std::string& url, const http::Answer& answer) {
  const std::string why = answer.status == 0 ? answer.detail : "HTTP " + std::to_string(answer.status);
  return {std::nullopt, unavailable, true, url + ": " + why};
}

SnsCertificate refused(Verdict verdict, const std::string& url) {
  return {std::nullopt, webhooks::word(verdict), false, url};
}

}  // namespace

std::string at_base(std::string_view base_url, std::string_view url) {
  if (base_url.empty()) return std::string(url);
  const auto scheme_end = url.find("://");
  const auto path = scheme_end == std::string_view::npos ? scheme_end : url.find('/', scheme_end + 3);
  return std::string(base_url) + (path == std::string_view::npos ? "/" : std::string(url.substr(path)));
}

SnsCertificates::SnsCertificates(http::Client& http, webhooks::TrustStore trust, std::string base_url,
                                 const Clock& clock)
    : http_(http), trust_(std::move(trust)), base_url_(std::move(base_url)), clock_(clock) {}

void SnsCertificates::get(const std::string& url, Got got) {
  SnsCertificate known;
  bool begin = false, check_again = false;
  {
    const std::lock_guard lock(mutex_);
    auto found = entries_.find(url);
    if (found == entries_.end()) {
      drop_one_if_full();
      if (entries_.size() < sns_certificates_max) found = entries_.try_emplace(url).first;
    }
    Entry* entry = found == entries_.end() ? nullptr : &found->second;
    const bool good = entry != nullptr && clock_.steady() < entry->good_until;
    if (good) {
      known = {entry->certificate, entry->refusal, entry->refusal == unavailable, entry->detail};
    } else if (entry == nullptr || waiting_ >= sns_waiting_max ||
               (!entry->busy && !entry->certificate && fetches_ >= sns_fetches_max)) {
      known = {std::nullopt, unavailable, true, "too much is being fetched, or waits for it"};
    } else {
      begin = !std::exchange(entry->busy, true);
      check_again = begin && entry->certificate.has_value();
      entry->fetching |= begin && !check_again;
      if (begin && !check_again) ++fetches_;
      ++waiting_;
      entry->waiting.push_back(std::move(got));
      if (check_again) known.certificate = entry->certificate;
    }
  }
  if (check_again) return check(url, *known.certificate);
  if (begin) return fetch(url);
  if (got) got(known);
}

// Holding mutex_. The one whose time ended first; those that are being fetched stay.
void SnsCertificates::drop_one_if_full() {
  if (entries_.size() < sns_certificates_max) return;
  auto oldest = entries_.end();
  for (auto it = entries_.begin(); it != entries_.end(); ++it) {
    if (it->second.busy) continue;
    if (oldest == entries_.end() || it->second.good_until < oldest->second.good_until) oldest = it;
  }
  if (oldest != entries_.end()) entries_.erase(oldest);
}

http::Call SnsCertificates::call_to(std::string url) const {
  http::Call call;
  call.method = http::Method::GET;
  call.url = std::move(url);
  call.timeout = sns_fetch_timeout;
  call.connect_timeout = sns_fetch_timeout;
  call.answer_bytes_max = webhooks::certificates_bytes_max;
  call.public_addresses_only = base_url_.empty();
  return call;
}

void SnsCertificates::fetch(const std::string& url) {
  http_.call(call_to(at_base(base_url_, url)), [self = weak_from_this(), url](const http::Answer& answer) {
    if (const auto certificates = self.lock()) certificates->fetched(url, answer);
  });
}

void SnsCertificates::fetched(const std::string& url, const http::Answer& answer) {
  if (answer.status != 200) return finish(url, unavailable_at(url, answer));
  auto certificate = SigningCertificate::from_pem(answer.body);
  if (!certificate) return finish(url, refused(Verdict::BAD_CERTIFICATE, url));
  check(url, *certificate);
}

void SnsCertificates::check(const std::string& url, SigningCertificate certificate) {
  const auto endpoint = webhooks::signing_certificate_endpoint(url);
  const Verdict verdict = endpoint ? certificate.check(*endpoint, trust_, clock_.now()) : Verdict::BAD_CERTIFICATE_URL;
  if (verdict == Verdict::VALID) return finish(url, {std::move(certificate), {}, false, {}});
  if (verdict == Verdict::MISSING_ISSUER && !certificate.issuer_url().empty()) {
    return fetch_issuer(url, std::move(certificate));
  }
  finish(url, refused(verdict, url));
}

// Ends: a chain takes no more than chain_certificates_max.
void SnsCertificates::fetch_issuer(const std::string& url, SigningCertificate certificate) {
  const std::string issuer_url = certificate.issuer_url();
  http_.call(call_to(at_base(base_url_, issuer_url)),
             [self = weak_from_this(), url, issuer_url, certificate](const http::Answer& answer) {
               const auto certificates = self.lock();
               if (!certificates) return;
               if (answer.status != 200) return certificates->finish(url, unavailable_at(issuer_url, answer));
               auto longer = certificate.with_issuer(answer.body);
               if (longer) return certificates->check(url, *longer);
               certificates->finish(url, refused(Verdict::BAD_CERTIFICATE, issuer_url));
             });
}

void SnsCertificates::finish(const std::string& url, SnsCertificate result) {
  std::vector<Got> waiting;
  {
    const std::lock_guard lock(mutex_);
    Entry& entry = entries_.at(url);  // stays while it is fetched
    entry.busy = false;
    if (std::exchange(entry.fetching, false)) --fetches_;
    entry.certificate = result.certificate;
    entry.refusal = result.refusal;
    entry.detail = result.detail;
    const std::chrono::seconds good = result.certificate ? std::chrono::seconds{sns_trust_time} : sns_refetch_pause;
    entry.good_until = clock_.steady() + good;
    waiting.swap(entry.waiting);
    waiting_ -= waiting.size();
  }
  for (const Got& got : waiting) got(result);
}

}  // namespace carillon::dispatcher
