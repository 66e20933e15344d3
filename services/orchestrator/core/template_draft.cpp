#include "orchestrator/core/template_draft.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <set>

#include "orchestrator/core/render.hpp"
#include "orchestrator/core/send_request.hpp"
#include "orchestrator/core/template_tags.hpp"
#include "values/lower_case.hpp"
#include "values/recipient.hpp"

namespace carillon::orchestrator {
namespace {

using events::Channel;
using Json = rapidjson::Value;
using Kind = TemplateTag::Kind;

constexpr const char* unsubscribe_tag = "{{unsubscribe_url}}";
constexpr const char* unsubscribe_tag_missing = "must hold {{unsubscribe_url}}: recipients may unsubscribe from it";

// The names that a template may use, with what the samples say is inside of them.
class Declared {
 public:
  explicit Declared(const TemplateMeta& meta) {
    names_.Parse(meta.sample_variables.data(), meta.sample_variables.size());
    if (names_.HasParseError() || !names_.IsObject()) names_.SetObject();
    for (const std::string& name : meta.required_variables) add(names_, name);
    Json client(rapidjson::kObjectType);
    add(client, "business_name");
    add(client, "owner_name");
    if (!names_.HasMember("client")) names_.AddMember("client", client, names_.GetAllocator());
    add(names_, "unsubscribe_url");
  }

  // The first name that is used where nothing declares it; "" when there is none.
  std::string first_unknown(const std::vector<TemplateTag>& tags) const {
    std::vector<std::vector<const Json*>> scopes{{&names_}};
    for (const TemplateTag& tag : tags) {
      if (tag.kind == Kind::END) {
        scopes.pop_back();
        continue;
      }
      const bool item = tag.name == "." && scopes.size() > 1;
      const Json* found = item ? nullptr : find(scopes, tag.name);
      if (!item && !found) return tag.name;
      if (tag.kind != Kind::VARIABLE)
        scopes.push_back(tag.kind == Kind::SECTION ? inside(found) : std::vector<const Json*>{});
    }
    return {};
  }

 private:
  void add(Json& to, const std::string& name) {
    if (to.HasMember(name.c_str())) return;
    to.AddMember(Json(name.c_str(), static_cast<rapidjson::SizeType>(name.size()), names_.GetAllocator()), Json(true),
                 names_.GetAllocator());
  }

  static const Json* member(const Json& object, std::string_view path) {
    const Json* at = &object;
    while (true) {
      if (!at->IsObject()) return nullptr;
      const auto dot = std::min(path.find('.'), path.size());
      const auto found = at->FindMember(std::string(path.substr(0, dot)).c_str());
      if (found == at->MemberEnd()) return nullptr;
      at = &found->value;
      if (dot == path.size()) return at;
      path.remove_prefix(dot + 1);
    }
  }

  static const Json* find(const std::vector<std::vector<const Json*>>& scopes, const std::string& name) {
    for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope)
      for (const Json* object : *scope)
        if (const Json* found = member(*object, name)) return found;
    return nullptr;
  }

  // What a section of this value brings into reach: an object's members, those of each item of a list.
  static std::vector<const Json*> inside(const Json* value) {
    std::vector<const Json*> objects;
    if (value && value->IsObject()) objects.push_back(value);
    if (value && value->IsArray())
      for (const Json& item : value->GetArray())
        if (item.IsObject()) objects.push_back(&item);
    return objects;
  }

  rapidjson::Document names_;
};

bool has_hidden_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == '\x7F';
  });
}

std::string too_long(std::size_t bytes_max) {
  return "may have " + std::to_string(bytes_max) + " bytes at most";
}

struct Checking {
  const TemplateMeta& meta;
  const Declared& declared;
  std::vector<DraftProblem>& problems;

  bool add(const TemplateBody& body, const char* part, std::string detail) {
    problems.push_back({body.locale, part, std::move(detail)});
    return false;
  }

  bool source(const TemplateBody& body, const char* part, const std::string& text, std::size_t bytes_max) {
    if (!is_valid_utf8(text)) return add(body, part, "must be valid UTF-8");
    if (text.size() > bytes_max) return add(body, part, too_long(bytes_max));
    if (has_hidden_characters(text)) return add(body, part, "must not hold control characters");
    const auto tags = read_tags(text);
    if (!tags) return add(body, part, tags.error().detail);
    const std::string unknown = declared.first_unknown(*tags);
    if (unknown.empty()) return true;
    return add(body, part, "uses {{" + unknown + "}}, which is none of this template's variables");
  }

  bool subject(const TemplateBody& body) {
    if (meta.channel == Channel::SMS)
      return body.subject.empty() || add(body, "subject", "must be empty: an SMS has no subject");
    if (body.subject.empty()) return add(body, "subject", "must not be empty");
    if (has_control_characters(body.subject))
      return add(body, "subject", "must be one line without control characters");
    return source(body, "subject", body.subject, subject_source_bytes_max);
  }

  bool text(const TemplateBody& body) {
    if (body.text.find_first_not_of(" \t\n") == std::string::npos) return add(body, "text", "must not be empty");
    if (meta.unsubscribable && body.text.find(unsubscribe_tag) == std::string::npos)
      return add(body, "text", unsubscribe_tag_missing);
    return source(body, "text", body.text, meta.channel == Channel::SMS ? sms_source_bytes_max : text_source_bytes_max);
  }

  bool html(const TemplateBody& body) {
    if (body.html.empty()) return true;
    if (meta.channel != Channel::EMAIL) return add(body, "html", "must be empty: only e-mail has HTML");
    if (meta.unsubscribable && body.html.find(unsubscribe_tag) == std::string::npos)
      return add(body, "html", unsubscribe_tag_missing);
    return source(body, "html", body.html, html_source_bytes_max);
  }

  // With the samples, for what only shows in the whole: an empty text, too many segments.
  void rendering(const TemplateBody& body) {
    const auto compiled = CompiledBody::compile(body);
    const auto rendered =
        compiled ? (*compiled)->render(RenderData(events::JsonObject{meta.sample_variables}, nullptr), meta.channel)
                 : Result<Rendered>(compiled.error());
    if (rendered) return;
    const std::string& detail = rendered.error().detail;
    const auto colon = detail.find(": ");
    const std::string part = colon == std::string::npos ? "text" : detail.substr(0, colon);
    add(body, part.c_str(),
        (colon == std::string::npos ? detail : detail.substr(colon + 2)) + " (with the sample variables)");
  }

  void body(const TemplateBody& body) {
    const bool fine[] = {subject(body), text(body), html(body)};  // all three are looked at
    if (fine[0] && fine[1] && fine[2]) rendering(body);
  }
};

}  // namespace

bool is_template_locale(std::string_view locale) {
  return is_locale(locale) && locale.find('_') == std::string_view::npos;
}

std::vector<DraftProblem> find_draft_problems(const TemplateMeta& meta, const std::vector<TemplateBody>& bodies) {
  std::vector<DraftProblem> problems;
  if (bodies.empty() || bodies.size() > draft_locales_max)
    return {{"", "locale", "there must be 1 to " + std::to_string(draft_locales_max) + " locales"}};
  const Declared declared(meta);
  std::set<std::string> seen;
  for (const TemplateBody& body : bodies) {
    if (!is_template_locale(body.locale)) return {{"", "locale", "must be a language tag such as en or de-AT"}};
    if (!seen.insert(lower_case(body.locale)).second) problems.push_back({body.locale, "locale", "is there twice"});
    Checking{meta, declared, problems}.body(body);
  }
  if (!seen.contains(lower_case(meta.default_locale)))
    problems.push_back({meta.default_locale, "locale", "must be among the locales: it stands in for all others"});
  return problems;
}

std::string with_plain_line_breaks(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      out += '\n';
      if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
    } else {
      out += text[i];
    }
  }
  while (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

std::vector<std::string> declared_variables(const TemplateMeta& meta) {
  std::vector<std::string> names = meta.required_variables;
  rapidjson::Document samples;
  samples.Parse(meta.sample_variables.data(), meta.sample_variables.size());
  if (samples.HasParseError() || !samples.IsObject()) return names;
  for (const auto& member : samples.GetObject()) {
    std::string name(member.name.GetString(), member.name.GetStringLength());
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace carillon::orchestrator
