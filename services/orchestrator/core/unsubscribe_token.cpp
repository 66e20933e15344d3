#include "orchestrator/core/unsubscribe_token.hpp"

#include <stdexcept>

#include "orchestrator/core/template_meta.hpp"
#include "security/digest.hpp"
#include "values/hex.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator {
namespace {

constexpr std::string_view purpose = "unsubscribe";
constexpr char version = 1;
constexpr std::size_t hash_bytes = 32;
constexpr std::size_t id_bytes = 16;
constexpr std::size_t mac_bytes = 32;
constexpr std::size_t head_bytes = 2 + hash_bytes + id_bytes + 1;

std::string from_hex(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const int high = hex_value(text[i]), low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return {};
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

std::string id_to_bytes(std::string_view uuid) {
  std::string digits;
  for (const char c : uuid) {
    if (c != '-') digits.push_back(c);
  }
  return from_hex(digits);
}

std::string id_from_bytes(std::string_view bytes) {
  std::string uuid = security::hex(bytes);
  for (const std::size_t at : {std::size_t{8}, std::size_t{13}, std::size_t{18}, std::size_t{23}}) uuid.insert(at, "-");
  return uuid;
}

}  // namespace

std::string unsubscribe_token(const UnsubscribeTicket& ticket, const security::Sealer& sealer) {
  const std::string hash = from_hex(ticket.recipient_hash);
  if (hash.size() != hash_bytes || !is_uuid(ticket.message_id) || ticket.category.empty() ||
      ticket.category.size() > unsubscribable_category_chars_max)
    throw std::invalid_argument("a ticket to unsubscribe needs a recipient's hash, a message id and a short category");
  std::string bytes{version, static_cast<char>(ticket.channel)};
  bytes += hash;
  bytes += id_to_bytes(ticket.message_id);
  bytes += static_cast<char>(ticket.category.size());
  bytes += ticket.category;
  return security::base64_url(bytes + sealer.sign(purpose, bytes));
}

std::optional<UnsubscribeTicket> read_unsubscribe_token(std::string_view token, const security::Sealer& sealer) {
  if (token.size() > unsubscribe_token_chars_max) return std::nullopt;
  bool ok = false;
  const std::string decoded = security::from_base64(token, ok);
  if (!ok || decoded.size() <= head_bytes + mac_bytes) return std::nullopt;
  const std::string_view all = decoded;
  const std::string_view bytes = all.substr(0, all.size() - mac_bytes);
  if (!sealer.is_signed(purpose, bytes, all.substr(bytes.size()))) return std::nullopt;
  const std::string_view category = bytes.substr(head_bytes);
  if (bytes[0] != version || static_cast<unsigned char>(bytes[head_bytes - 1]) != category.size()) return std::nullopt;
  UnsubscribeTicket ticket;
  ticket.channel = static_cast<events::Channel>(bytes[1]);
  ticket.recipient_hash = security::hex(bytes.substr(2, hash_bytes));
  ticket.message_id = id_from_bytes(bytes.substr(2 + hash_bytes, id_bytes));
  ticket.category = category;
  return ticket;
}

bool carries_links(std::string_view public_url) {
  if (public_url.starts_with("https://")) return true;
  constexpr std::string_view plain = "http://";
  if (!public_url.starts_with(plain)) return false;
  const std::string_view authority = public_url.substr(plain.size(), public_url.find('/', plain.size()) - plain.size());
  if (authority.starts_with("[")) return authority.substr(0, authority.find(']') + 1) == "[::1]";
  const std::string_view host = authority.substr(0, authority.find(':'));
  return host == "localhost" || (host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos);
}

}  // namespace carillon::orchestrator
