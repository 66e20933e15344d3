// The tags of a template's source, before mustache sees it: which names it uses, and what we don't allow. Pure.
//
// Allowed: {{name}}, {{#section}} and {{^section}} with {{/section}}, {{! comment}}. Not allowed: partials and changed
// delimiters, which would run a variable's text as a template; {{{name}}} and {{&name}}, which would put it into HTML
// as it came; sections deeper than sections_depth_max or within a section of their own name, which a list multiplies.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "values/result.hpp"

namespace carillon::orchestrator {

inline constexpr std::size_t sections_depth_max = 8;
inline constexpr std::size_t tags_max = 2'000;

struct TemplateTag {
  enum class Kind { VARIABLE, SECTION, INVERTED, END } kind = Kind::VARIABLE;
  std::string name;
};

// In their order, comments left out. Failure TEMPLATE_BROKEN with a sentence that names the line.
Result<std::vector<TemplateTag>> read_tags(std::string_view source);

}  // namespace carillon::orchestrator
