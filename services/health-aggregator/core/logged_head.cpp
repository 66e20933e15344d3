#include "health-aggregator/core/logged_head.hpp"

#include <rapidjson/document.h>

#include "values/hex.hpp"

namespace carillon::health {

namespace {

std::string_view text_of(const rapidjson::Document& line, const char* name) {
  const auto found = line.FindMember(name);
  if (found == line.MemberEnd() || !found->value.IsString()) return {};
  return {found->value.GetString(), found->value.GetStringLength()};
}

std::int64_t number_of(const rapidjson::Document& line, const char* name) {
  const auto found = line.FindMember(name);
  return found != line.MemberEnd() && found->value.IsInt64() ? found->value.GetInt64() : -1;
}

// "" for what is no hexadecimal text.
std::string bytes_of(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    if (hex_value(hex[i]) < 0 || hex_value(hex[i + 1]) < 0) return {};
    bytes.push_back(static_cast<char>(hex_value(hex[i]) * 16 + hex_value(hex[i + 1])));
  }
  return bytes;
}

}  // namespace

Result<std::optional<ChainHead>> read_logged_head(std::string_view line, ChainSigner& signer) {
  rapidjson::Document read;
  read.Parse<rapidjson::kParseIterativeFlag>(line.data(), line.size());
  if (read.HasParseError() || !read.IsObject() || text_of(read, "event") != "AUDIT_CHAIN_HEAD")
    return std::optional<ChainHead>{};
  const ChainHead head{static_cast<int>(number_of(read, "partition")), number_of(read, "chain_seq"),
                       bytes_of(text_of(read, "hmac"))};
  if (!security::equal_constant_time(signer.checkpoint_signature("HEAD", head), bytes_of(text_of(read, "signature"))))
    return Failure{"HEAD_FORGED", "a logged head of partition " + std::to_string(head.partition) + ", row " +
                                      std::to_string(head.chain_seq) + " is not signed with this key"};
  return std::optional{head};
}

}  // namespace carillon::health
