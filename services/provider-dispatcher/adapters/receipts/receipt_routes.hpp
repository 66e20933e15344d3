// The webhooks of the providers. Without API key: each call proves by signature or secret whose it is, before anything
// of it is believed. Read and checked on the server's I/O threads; the answer comes when the receipts are stored.
//
//   not configured → 404; too large → 413; forged, too old, other topic → 403; Postmark without any token or password
//   → 401, after which it comes again, unlike after 403; well signed, but not to be read → 400;
//   the queue is full, the database or the signing certificate is out of reach → 503, the provider comes again
//
// Thread-safe after add_to(). Must outlive the server.
#pragma once
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "http/client.hpp"
#include "http/router.hpp"
#include "provider-dispatcher/adapters/receipts/read_receipts.hpp"
#include "provider-dispatcher/adapters/receipts/settings.hpp"
#include "provider-dispatcher/adapters/receipts/sns_certificates.hpp"
#include "provider-dispatcher/app/receipt_refusals.hpp"
#include "provider-dispatcher/app/take_receipts.hpp"
#include "security/seal.hpp"
#include "security/webhooks/sns_signature.hpp"
#include "security/webhooks/twilio_signature.hpp"
#include "service/metrics.hpp"
#include "time/clock.hpp"

namespace carillon::dispatcher {

inline constexpr std::size_t postmark_body_bytes_max = 512 * 1024;  // a bounce may hold the returned mail
inline constexpr std::size_t sendgrid_body_bytes_max = 1024 * 1024;
inline constexpr std::size_t sns_body_bytes_max = 768 * 1024;  // 256 KiB of message, escaped
inline constexpr std::size_t twilio_body_bytes_max = 64 * 1024;
inline constexpr std::size_t twilio_fields_max = 200;

struct ReceiptRouteParts {
  TakeReceipts& take;
  ReceiptRefusals& refusals;
  http::Client& http;
  const security::Sealer& sealer;
  const Clock& clock;
  metrics::Registry& metrics;
};

class ReceiptRoutes {
 public:
  ReceiptRoutes(ReceiptSettings settings, ReceiptRouteParts parts);
  ~ReceiptRoutes();  // answers of the HTTP client that come later are dropped
  void add_to(http::Router& router);

 private:
  // What a provider's calls are counted by beside the receipts.
  struct Source {
    std::string_view provider;
    std::size_t body_bytes_max = 0;
    metrics::Counter nothing_new, foreign, malformed;
  };
  Source source(std::string_view provider, std::size_t body_bytes_max);
  // True when the call was answered: not configured, or too large.
  bool turned_away(const Source& source, bool configured, const http::Request& request, http::Reply& reply);
  void refuse(const Source& source, std::string_view reason, http::Reply& reply, std::string_view detail = {});
  void ask_for_credentials(const Source& source, http::Reply& reply);
  void try_later(const Source& source, std::string_view reason, http::Reply& reply, std::string_view detail = {});
  // `taken_as` is the answer when they are stored, or there is nothing to store.
  void take(const Source& source, Result<ReadReceipts> read, http::Reply reply,
            http::Response taken_as = http::json(200, "{}"));
  void hash_recipients(std::vector<Receipt>& receipts) const;

  void from_postmark(http::Request&& request, http::Reply reply);
  void from_sendgrid(http::Request&& request, http::Reply reply);
  std::optional<std::vector<security::webhooks::FormField>> believed_form(const std::string& public_url,
                                                                          const http::Request& request,
                                                                          http::Reply& reply);
  void from_twilio(http::Request&& request, http::Reply reply);
  void answered_to_twilio(http::Request&& request, http::Reply reply);
  void from_ses(http::Request&& request, http::Reply reply);
  void with_certificate(security::webhooks::SnsMessage& message, const SnsCertificate& found, http::Reply reply);
  void confirm(const security::webhooks::SnsMessage& message, http::Reply reply);

  const ReceiptSettings settings_;
  const ReceiptRouteParts parts_;
  const Source postmark_, sendgrid_, ses_, twilio_;
  const security::webhooks::SnsPolicy sns_policy_;
  std::shared_ptr<SnsCertificates> certificates_;  // null: SES is not configured
  // Answers of the HTTP client may come when this object is gone: they look here first, under a shared lock.
  struct Here {
    std::shared_mutex mutex;
    ReceiptRoutes* routes;  // mutex; null: gone
  };
  std::shared_ptr<Here> here_;
};

}  // namespace carillon::dispatcher
