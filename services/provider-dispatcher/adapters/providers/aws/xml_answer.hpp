// Answers of AWS's Query protocol (SNS, STS): a few elements with text in them. A library for all of XML would bring
// what must be switched off again (DTDs, entities, nesting without end), so this reads only what such an answer may
// hold, and nothing that an XML parser would refuse. Pure.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace carillon::dispatcher::aws {

inline constexpr std::size_t xml_depth_max = 16;
inline constexpr std::size_t xml_elements_max = 256;

// The texts of the elements that hold no others, by their path: "ErrorResponse/Error/Code". The first of a repeated
// path counts. nullopt: not well-formed, not UTF-8, more than the bounds allow, or with what no such answer has:
// document types, processing instructions, comments, CDATA, prefixed names, text beside elements.
std::optional<std::map<std::string, std::string>> read_xml_answer(std::string_view xml);

}  // namespace carillon::dispatcher::aws
