// Which URLs in an SNS message may be called: those of SNS itself. Whoever posts a message chooses its SigningCertURL,
// so it is checked before anything is fetched from there. Pure, thread-safe.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace carillon::security::webhooks {

inline constexpr std::size_t sns_url_bytes_max = 2 * 1024;

struct SnsEndpoint {
  std::string region;  // "eu-west-1"
  std::string domain;  // "amazonaws.com" or "amazonaws.com.cn"
};

// The endpoint of an https URL whose host is sns.<region>.amazonaws.com or sns.<region>.amazonaws.com.cn, in lower
// case, without user or port, of printable ASCII characters; nullopt for anything else.
std::optional<SnsEndpoint> sns_endpoint(std::string_view url);

// Such a URL whose path ends in ".pem", without query or fragment.
std::optional<SnsEndpoint> signing_certificate_endpoint(std::string_view url);

// True when the URL is SNS's in the region of the topic ("arn:aws:sns:<region>:<account>:<name>"), which signs there.
bool is_of_topic_region(std::string_view url, std::string_view topic_arn);

// For SubscribeURL, which is called to confirm a subscription.
inline bool is_sns_url(std::string_view url) {
  return sns_endpoint(url).has_value();
}

}  // namespace carillon::security::webhooks
