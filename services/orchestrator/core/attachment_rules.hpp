// What may be stored as an attachment, and which stored files a message may carry. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "events/events.hpp"
#include "orchestrator/core/recipients.hpp"
#include "orchestrator/core/template_meta.hpp"
#include "values/result.hpp"

namespace carillon::orchestrator {

inline constexpr std::size_t file_name_bytes_max = 200;          // what the providers' clients keep of a name
inline constexpr std::size_t content_type_part_chars_max = 127;  // RFC 6838, 4.2

// A name without path and control characters. Failure INVALID_FIELD.
Result<std::string> read_file_name(const std::map<std::string, std::string>& query);

// "application/pdf" in lower case, parameters left out. Failure UNSUPPORTED_MEDIA_TYPE, also for a form: the file
// itself is the body.
Result<std::string> read_content_type(std::string_view header);

struct StoredFile {
  std::string owner;  // the source of requests that may name it: api:<owner of the key>
  events::AttachmentRef ref;
};
using StoredFiles = std::unordered_map<std::string, StoredFile>;  // by id

// Whether the message may carry files at all: e-mail that does not rest sealed (files rest in clear). `sealed`: the
// request came or will rest so. nullptr: an unknown template, of which gating says so.
std::optional<Refusal> attachments_not_allowed(const events::SendRequest& request, const TemplateMeta* meta,
                                               bool sealed);

// The files that the request names, in its order. Refusal ATTACHMENT_UNKNOWN names the first id that is not among
// `known`, or belongs to another API key's owner; services that produce to the topic themselves may name any.
// ATTACHMENTS_TOO_LARGE: together.
struct ChosenFiles {
  std::vector<events::AttachmentRef> files;
  std::optional<Refusal> refusal;
};
ChosenFiles choose_files(const std::vector<std::string>& ids, std::string_view source, const StoredFiles& known);

}  // namespace carillon::orchestrator
