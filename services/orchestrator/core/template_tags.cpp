#include "orchestrator/core/template_tags.hpp"

#include <algorithm>

namespace carillon::orchestrator {
namespace {

constexpr std::string_view opening = "{{", closing = "}}", spaces = " \t\r\n";
constexpr std::size_t name_chars_max = 100;

struct Source {
  std::string_view text;
  Failure broken(std::size_t at, const std::string& why) const {
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    return {"TEMPLATE_BROKEN", "line " + std::to_string(line) + ": " + why};
  }
};

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(spaces);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(spaces) - begin + 1);
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= name_chars_max && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  });
}

TemplateTag::Kind kind_of(char sign) {
  if (sign == '#') return TemplateTag::Kind::SECTION;
  if (sign == '^') return TemplateTag::Kind::INVERTED;
  return sign == '/' ? TemplateTag::Kind::END : TemplateTag::Kind::VARIABLE;
}

// nullptr: the tag may be what it is.
const char* not_allowed(std::string_view content) {
  const char sign = content.empty() ? '\0' : content.front();
  if (sign == '{' || sign == '&') return "{{{name}}} and {{&name}} are not allowed: a variable is always escaped";
  if (sign == '>' || sign == '=') return "partials and changed delimiters are not allowed";
  return nullptr;
}

// What is wrong with opening or closing a section here; keeps `open`, the names of the sections that are open.
std::string follow(const TemplateTag& tag, std::vector<std::string>& open) {
  if (tag.kind == TemplateTag::Kind::VARIABLE) return {};
  if (tag.kind == TemplateTag::Kind::END) {
    if (open.empty()) return "{{/" + tag.name + "}} ends a section that was not begun";
    if (open.back() != tag.name) return "{{/" + tag.name + "}} comes before {{/" + open.back() + "}}";
    open.pop_back();
    return {};
  }
  if (open.size() >= sections_depth_max)
    return "sections may stand in each other " + std::to_string(sections_depth_max) + " deep at most";
  // An object's section around itself, as {{#name}}{{#name}}, says nothing; a list's is its square.
  if (std::find(open.begin(), open.end(), tag.name) != open.end())
    return "the section " + tag.name + " stands within itself";
  open.push_back(tag.name);
  return {};
}

}  // namespace

Result<std::vector<TemplateTag>> read_tags(std::string_view source) {
  const Source in{source};
  std::vector<TemplateTag> tags;
  std::vector<std::string> open;
  std::size_t at = source.find(opening);
  while (at != std::string_view::npos) {
    const std::size_t begin = at + opening.size(), end = source.find(closing, begin);
    if (end == std::string_view::npos) return in.broken(at, "{{ without }}");
    const std::string_view content = trimmed(source.substr(begin, end - begin));
    if (const char* why = not_allowed(content)) return in.broken(at, why);
    if (content.empty() || content.front() != '!') {
      TemplateTag tag;
      tag.kind = content.empty() ? TemplateTag::Kind::VARIABLE : kind_of(content.front());
      tag.name = trimmed(tag.kind == TemplateTag::Kind::VARIABLE ? content : content.substr(1));
      if (!is_name(tag.name))
        return in.broken(at, "a name holds letters, digits, _, - and . only, " + std::to_string(name_chars_max) +
                                 " characters at most");
      if (const std::string why = follow(tag, open); !why.empty()) return in.broken(at, why);
      if (tags.size() >= tags_max) return in.broken(at, "there are more than " + std::to_string(tags_max) + " tags");
      tags.push_back(std::move(tag));
    }
    at = source.find(opening, end + closing.size());
  }
  if (!open.empty()) return in.broken(source.size(), "{{#" + open.back() + "}} is never ended");
  return tags;
}

}  // namespace carillon::orchestrator
