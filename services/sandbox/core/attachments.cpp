#include "sandbox/core/attachments.hpp"

#include <rapidjson/document.h>

#include "sandbox/core/mime.hpp"
#include "sandbox/core/raw_json.hpp"
#include "security/digest.hpp"

namespace carillon::sandbox {
namespace {

// How a provider names the members of an attachment.
struct Names {
  const char* file_name;
  const char* content_type;
  const char* content;
};

std::vector<FileView> files_of(const rapidjson::Value* list, const Names& names) {
  std::vector<FileView> out;
  if (list == nullptr || !list->IsArray()) return out;
  for (const auto& file : list->GetArray()) {
    if (!file.IsObject() || out.size() == attachments_max) continue;
    bool is_base64 = false;
    std::string content = security::from_base64(raw_text(file, names.content), is_base64);
    out.push_back({raw_text(file, names.file_name), raw_text(file, names.content_type), std::move(content)});
  }
  return out;
}

std::vector<FileView> files_of_mail(std::string_view raw) {
  std::vector<FileView> out;
  for (MailFile& file : parse_mail(raw).files) {
    if (out.size() == attachments_max) break;
    out.push_back({std::move(file.file_name), std::move(file.content_type), decoded(file)});
  }
  return out;
}

}  // namespace

std::vector<FileView> attachments_of(const StoredMessage& message) {
  if (message.provider == ProviderName::SMTP) return files_of_mail(message.raw);
  if (channel_of(message.provider) != "EMAIL") return {};
  rapidjson::Document json;
  if (!parse_raw(json, message.raw)) return {};
  switch (message.provider) {
    case ProviderName::POSTMARK:
      return files_of(raw_member(json, {"Attachments"}), {"Name", "ContentType", "Content"});
    case ProviderName::SES:
      return files_of(raw_member(json, {"Content", "Simple", "Attachments"}),
                      {"FileName", "ContentType", "RawContent"});
    case ProviderName::SENDGRID:
      return files_of(raw_member(json, {"attachments"}), {"filename", "type", "content"});
    default:
      return {};
  }
}

}  // namespace carillon::sandbox
