#include "sandbox/core/webhook_url.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace carillon::sandbox {
namespace {

namespace urls = boost::urls;

std::string decoded(urls::pct_string_view text) {
  return text.decode();
}

}  // namespace

std::optional<WebhookUrl> parse_webhook_url(std::string_view text) {
  const auto parsed = urls::parse_uri(urls::string_view(text.data(), text.size()));
  if (!parsed) return std::nullopt;
  const urls::url_view& view = *parsed;
  const bool web = view.scheme_id() == urls::scheme::http || view.scheme_id() == urls::scheme::https;
  if (!web || view.encoded_host().empty() || view.has_fragment()) return std::nullopt;
  WebhookUrl out;
  const std::string authority(view.encoded_host_and_port());
  out.url = std::string(view.scheme()) + "://" + authority + std::string(view.encoded_target());
  if (!view.has_userinfo()) return out;
  out.user = decoded(view.encoded_user());
  out.password = decoded(view.encoded_password());
  if (out.user.empty() || out.password.empty()) return std::nullopt;
  return out;
}

}  // namespace carillon::sandbox
