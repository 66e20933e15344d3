#include "health-aggregator/core/audit_chain.hpp"

#include <algorithm>

namespace carillon::health {

namespace {

void append_big_endian(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift & 0xff));
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string from_hex(std::string_view digits) {
  std::string bytes(digits.size() / 2, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(hex_digit(digits[2 * i]) * 16 + hex_digit(digits[2 * i + 1]));
  }
  return bytes;
}

// Not inlined: GCC 12 otherwise warns of an overflow that can't be (gcc bug 105651).
[[gnu::noinline]] bool has_key_size(const std::string& bytes) {
  return bytes.size() == audit_key_bytes;
}

}  // namespace

Result<std::string> read_audit_key(std::string_view text) {
  bool ok = std::all_of(text.begin(), text.end(), [](char c) { return hex_digit(c) >= 0; }) &&
            text.size() == 2 * audit_key_bytes;
  std::string key = ok ? from_hex(text) : security::from_base64(text, ok);
  if (!ok || !has_key_size(key)) {
    return Failure{"INVALID_KEY",
                   "must be 32 bytes as 64 hex digits or base64; make one with: openssl rand -base64 32"};
  }
  return key;
}

std::string chain_start() {
  return std::string(chain_hmac_bytes, '\0');
}

ChainSigner::ChainSigner(std::string_view key) : hmac_(key) {}

std::string ChainSigner::row_hmac(const ChainHead& head, std::string_view canonical) {
  input_ = "carillon.audit.row";
  append_big_endian(input_, static_cast<std::uint64_t>(head.partition));
  append_big_endian(input_, static_cast<std::uint64_t>(head.chain_seq + 1));
  input_ += head.hmac;
  input_ += canonical;
  return sign();
}

std::string ChainSigner::checkpoint_signature(std::string_view kind, const ChainHead& head) {
  input_ = "carillon.audit.checkpoint.";
  input_ += kind;
  append_big_endian(input_, static_cast<std::uint64_t>(head.partition));
  append_big_endian(input_, static_cast<std::uint64_t>(head.chain_seq));
  input_ += head.hmac;
  return sign();
}

std::string ChainSigner::sign() {
  const auto mac = hmac_(input_);
  return {reinterpret_cast<const char*>(mac.data()), mac.size()};
}

std::string_view details_of(std::string_view canonical) {
  // Inside a JSON string the quotes would be escaped, so this text can only be the member itself, and it is the last
  // one.
  constexpr std::string_view member = "\"details\":{";
  const std::size_t at = canonical.find(member);
  if (at == std::string_view::npos) return "{}";
  const std::size_t start = at + member.size() - 1;
  return canonical.substr(start, canonical.size() - 1 - start);
}

}  // namespace carillon::health
